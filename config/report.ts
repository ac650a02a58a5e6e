import { RunError } from "@pulumi/pulumi/errors";
import { z } from "zod";

import { suggest } from "./suggest";

/** Where a setting is: `["services", 0, "auth"]` is `homelab:services[0].auth`. */
export type Path = readonly PropertyKey[];

/** Everything that is wrong with some settings, a line each. Pulumi prints it without a stack trace. */
export class ConfigError extends RunError {
  constructor(
    readonly problems: readonly string[],
    what: string,
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super([`${what} has ${count}:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.name = "ConfigError";
  }
}

/** What is being checked, as messages name it. */
interface Subject {
  readonly name: string;
  /** How a key is removed; `{key}` becomes the full key. */
  readonly removal: string;
}

const stackConfig: Subject = { name: "The stack's config", removal: "remove it: pulumi config rm --path '{key}'" };

/** Collects problems, so that one run names all of them. */
export class Report {
  private readonly lines: string[] = [];

  /** `secretKeys` are full keys (`homelab:proxmoxApiToken`) whose values never appear. */
  constructor(
    private readonly project: string,
    private readonly secretKeys: ReadonlySet<string>,
    private readonly subject = stackConfig,
  ) {}

  /** The full key of a setting, as `pulumi config set --path` takes it. */
  key(path: Path): string {
    const [section = "", ...rest] = path;
    return rest.reduce<string>(
      (key, step) => {
        if (typeof step === "number") return `${key}[${step}]`;
        return /^\w[\w-]*$/.test(String(step)) ? `${key}.${String(step)}` : `${key}["${String(step)}"]`;
      },
      `${this.project}:${String(section)}`,
    );
  }

  /** A value as a message may show it: not at all where it is a secret, and without a login inside an address. */
  shown(path: Path, value: unknown): string {
    if (this.secretKeys.has(this.key(path.slice(0, 1)))) return "the secret value";
    const text = (JSON.stringify(value) ?? "nothing").replace(/\/\/[^/@\s]*@/g, "//***@");
    return text.length > 160 ? `${text.slice(0, 157)}...` : text;
  }

  /** Adds a problem; `{key}` in the text becomes the full key and `{value}` the value, or that it is secret. */
  add(path: Path, text: string, value?: unknown): void {
    const key = this.key(path);
    this.lines.push(`${key}: ${text.replace("{value}", () => this.shown(path, value)).replaceAll("{key}", () => key)}`);
  }

  /** Adds what the schema found in an input. */
  addIssues(schema: z.ZodType, input: unknown, issues: readonly z.core.$ZodIssue[]): void {
    for (const issue of issues) {
      if (issue.code === "unrecognized_keys") this.addUnknownKeys(schema, issue.path, issue.keys);
      else this.add(issue.path, issue.message, valueAt(input, issue.path));
    }
  }

  /** Throws a {@link ConfigError} where there is any problem. */
  throwIfAny(): void {
    if (this.lines.length > 0) throw new ConfigError(this.lines, this.subject.name);
  }

  private addUnknownKeys(schema: z.ZodType, path: Path, keys: readonly string[]): void {
    const known = knownKeys(schema, path);
    for (const unknown of keys) {
      const meant = suggest(unknown, known);
      const remedy = meant
        ? `did you mean ${this.key([...path, meant])}?`
        : `${this.subject.removal} (known here: ${known.join(", ")})`;
      this.add([...path, unknown], `unknown key; ${remedy}`);
    }
  }
}

/** The schema under defaults and optionals. */
export function unwrap(schema: unknown): unknown {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrap(schema.unwrap()) : schema;
}

function knownKeys(schema: unknown, path: Path): string[] {
  const [step, ...rest] = path;
  const inner = unwrap(schema);
  if (step === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  if (inner instanceof z.ZodArray) return knownKeys(inner.element, rest);
  return inner instanceof z.ZodObject ? knownKeys(inner.shape[String(step)], rest) : [];
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input);
}
