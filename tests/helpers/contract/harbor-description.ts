import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

import { canRun, isOnPath } from "./programs";

/** A test against Harbor's own files, which come as a Go module. */
export const officialTest = canRun("Go", isOnPath("go")) ? test : test.skip;

const release = { version: "v2.15.2+incompatible", sum: "h1:HesYN9i3JJedd1m/gRrPa9GDDFTnDxcLYRPNSXUEXn0=" };

/**
 * The folder of Harbor's release as the Go module proxy has it: everything but its Go sources. Downloads what the module
 * cache does not have, and checks that it is what it was when this was written.
 */
export function officialHarbor(): string {
  const folder = mkdtempSync(join(tmpdir(), "homelab-harbor-release-"));
  try {
    const module = `github.com/goharbor/harbor@${release.version}`;
    const env = { ...process.env, GOFLAGS: "-mod=mod" };
    const output = execFileSync("go", ["mod", "download", "-json", module], { cwd: folder, env, encoding: "utf8" });
    const { Dir, Sum } = JSON.parse(output) as { Dir: string; Sum: string };
    if (Sum !== release.sum) throw new Error(`${module} is ${Sum}, expected ${release.sum}`);
    return Dir;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Errors that Harbor answers with and does not describe there. Their form is described, and checked. */
const undescribed = [
  "GET /projects/{project_name_or_id} 404",
  "POST /projects/{project_name_or_id}/webhook/policies 409",
  "POST /robots 409",
];

/** A schema of OpenAPI 2.0, as far as Harbor uses it. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  allOf?: Schema[];
}

interface Parameter extends Schema {
  name: string;
  in: string;
  required?: never;
  schema?: Schema;
}

interface Operation {
  parameters?: Parameter[];
  responses: Record<string, Schema & { schema?: Schema }>;
}

interface Document {
  basePath: string;
  paths: Record<string, Record<string, Operation>>;
}

/** One call and its answer. */
export interface Call {
  method: string;
  url: URL;
  body?: unknown;
  status: number;
  answer?: unknown;
}

/** Harbor's own description of its REST API, from its release as the Go module proxy has it. */
export class HarborDescription {
  private readonly patterns: { pattern: RegExp; path: string }[];

  private constructor(private readonly document: Document) {
    const paths = Object.keys(document.paths);
    // A written-out path goes before one with a parameter in its place.
    paths.sort((one, other) => one.split("{").length - other.split("{").length);
    this.patterns = paths.map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`) }));
  }

  static load(): HarborDescription {
    const file = join(officialHarbor(), "api/v2.0/swagger.yaml");
    return new HarborDescription(parse(readFileSync(file, "utf8")) as Document);
  }

  /** What is wrong with a call and its answer; nothing where both are as described. */
  problems({ method, url, body, status, answer }: Call): string[] {
    const line = `${method} ${url.pathname}`;
    const path = url.pathname.replace(this.document.basePath, "");
    const described = this.patterns.find(({ pattern }) => pattern.test(path));
    const operation = described && this.document.paths[described.path]?.[method.toLowerCase()];
    if (!operation) return [`${line}: is not described`];
    const parameters = (operation.parameters ?? []).map((parameter) => this.resolve(parameter) as Parameter);
    const found = [...this.queryProblems(url, parameters), ...this.bodyProblems(body, parameters)];
    const response = operation.responses[String(status)] ?? this.errorAt(`${method} ${described.path} ${status}`);
    if (!response) found.push(`answers ${status}, which is not described`);
    else found.push(...this.answerProblems((this.resolve(response) as { schema?: Schema }).schema, answer));
    return found.map((problem) => `${line}: ${problem}`);
  }

  private errorAt(call: string): (Schema & { schema?: Schema }) | undefined {
    return undescribed.includes(call) ? { schema: { $ref: "#/definitions/Errors" } } : undefined;
  }

  private queryProblems(url: URL, parameters: Parameter[]): string[] {
    return [...url.searchParams].flatMap(([name, text]) => {
      const parameter = parameters.find((each) => each.in === "query" && each.name === name);
      if (!parameter) return [`has no parameter ${name}`];
      const value = parameter.type === "integer" ? Number(text) : parameter.type === "boolean" ? text === "true" : text;
      return this.check(parameter, value, `?${name}`);
    });
  }

  private bodyProblems(body: unknown, parameters: Parameter[]): string[] {
    const schema = parameters.find((each) => each.in === "body")?.schema;
    if (schema === undefined) return body === undefined ? [] : ["takes no body"];
    return body === undefined ? ["needs a body"] : this.check(schema, body, "body");
  }

  private answerProblems(schema: Schema | undefined, answer: unknown): string[] {
    // Harbor leaves the body out where there is nothing to show.
    if (answer === undefined) return [];
    return schema === undefined
      ? ["answers with a body, which is not described"]
      : this.check(schema, answer, "answer");
  }

  /** Checks a value; a property that is not described is refused, where a property is. */
  private check(given: Schema, value: unknown, at: string): string[] {
    const schema = this.resolve(given);
    const wrong = (text: string): string[] => [`${at} ${text}: ${JSON.stringify(value)}`];
    if (schema.enum && !schema.enum.includes(value)) return wrong(`is none of ${schema.enum.join(", ")}`);
    if (schema.type === "array") {
      if (!Array.isArray(value)) return wrong("is no array");
      return value.flatMap((item, index) => this.check(schema.items ?? {}, item, `${at}[${index}]`));
    }
    if (schema.properties || schema.additionalProperties || schema.allOf) return this.checkObject(schema, value, at);
    if (schema.type === "integer") return Number.isInteger(value) ? [] : wrong("is no integer");
    // An object without properties is anything: it is `interface{}` in Harbor's code.
    if (schema.type === undefined || schema.type === "object" || typeof value === schema.type) return [];
    return wrong(`is no ${schema.type}`);
  }

  private checkObject(schema: Schema, value: unknown, at: string): string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
    const parts = [schema, ...(schema.allOf ?? []).map((part) => this.resolve(part))];
    const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {})) as Record<string, Schema>;
    const more = parts.find((part) => part.additionalProperties)?.additionalProperties;
    const missing = parts.flatMap((part) => part.required ?? []).filter((name) => !(name in value));
    const inside = Object.entries(value).flatMap(([name, inner]) => {
      if (inner === undefined) return [];
      const property = properties[name] ?? (more === true ? {} : more);
      return property ? this.check(property, inner, `${at}.${name}`) : [`${at}.${name} is not described`];
    });
    return [...missing.map((name) => `${at}.${name} is missing`), ...inside];
  }

  private resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const path = schema.$ref.replace("#/", "").split("/");
    const found = path.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], this.document);
    return this.resolve(found as Schema);
  }
}
