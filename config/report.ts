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
export interface Subject {
  readonly name: string;
  /** What follows on "set it": the command to do so, from its arguments to Pulumi, or the place. */
  readonly how: (command: string) => string;
}

/** Settings in a file that no command writes. */
export const fileSubject = (name: string, file = name): Subject => ({ name, how: () => ` in ${file}` });

/** The config of a stack, which people reach by npm. `npm start` makes the lab's from the file that is committed. */
export function stackSubject(stack: string): Subject {
  const name = "The stack's config";
  if (stack === "lab") return fileSubject(name, `Pulumi.${stack}.yaml`);
  return { name, how: (command) => `: npm run pulumi -- ${command} --stack ${stack}` };
}

/** Collects problems, so that one run names all of them. */
export class Report {
  private readonly problems: { readonly key: string; readonly line: string }[] = [];
  private readonly secretKeys: Set<string>;

  /** `secretKeys` are full keys (`homelab:proxmoxApiToken`) whose values never appear. */
  constructor(
    private readonly project: string,
    secretKeys: Iterable<string>,
    private readonly subject: Subject,
  ) {
    this.secretKeys = new Set(secretKeys);
  }

  /** The full key of a setting, as `pulumi config set --path` takes it. */
  key(path: Path): string {
    const [section = "", ...rest] = path;
    return rest.reduce<string>(
      (key, step) => {
        if (typeof step === "number") return `${key}[${step}]`;
        return isPlain(step) ? `${key}.${String(step)}` : `${key}[${JSON.stringify(step)}]`;
      },
      `${this.project}:${isPlain(section) ? String(section) : JSON.stringify(section)}`,
    );
  }

  /** A value as a message may show it: not at all where it is a secret, and without a login inside an address. */
  shown(path: Path, value: unknown): string {
    if (this.secretKeys.has(this.key(path.slice(0, 1)))) return "the secret value";
    const text = (JSON.stringify(value) ?? "nothing").replace(/\/\/[^"\s]*/g, withoutLogin);
    return text.length > 160 ? `${text.slice(0, 157)}...` : text;
  }

  /** Adds a problem; what a text may hold is told in `fields.ts`. */
  add(path: Path, text: string, value?: unknown): void {
    const key = this.key(path);
    const told = text
      .replaceAll("{key}", () => key)
      .replace(/\{(config [^}]*)\}/g, (_, command: string) => this.subject.how(command))
      .replace("{value}", () => this.shown(path, value));
    this.problems.push({ key, line: `${key}: ${told}` });
  }

  /** Adds that a setting is missing, unless what is there has a problem of its own. */
  addMissing(path: Path, text: string): void {
    const key = this.key(path);
    const isThere = this.problems.some(
      (each) => each.key === key || each.key.startsWith(`${key}.`) || each.key.startsWith(`${key}[`),
    );
    if (!isThere) this.add(path, `missing${text}`);
  }

  /**
   * Adds the keys that the schema does not know. Gives the input without them, and with those that are misspelt put right,
   * so that nothing else is told of them.
   */
  knownOnly(schema: unknown, input: unknown, path: Path = []): unknown {
    const inner = unwrap(schema);
    if (inner instanceof z.ZodArray && Array.isArray(input))
      return input.map((each, index) => this.knownOnly(inner.element, each, [...path, index]));
    if (!(inner instanceof z.ZodObject) || !isBlock(input)) return input;
    const known: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(input)) {
      const meant = Object.hasOwn(inner.shape, key) ? key : this.addUnknown(path, key, Object.keys(inner.shape));
      if (meant === undefined || (meant !== key && (meant in input || meant in known))) continue;
      known[meant] = this.knownOnly(inner.shape[meant], value, [...path, meant]);
    }
    return known;
  }

  /** Adds what the schema found in an input of {@link knownOnly}. */
  addIssues(input: unknown, issues: readonly z.core.$ZodIssue[]): void {
    for (const { path, message } of issues) this.add(path, message, valueAt(input, path));
  }

  /** Throws a {@link ConfigError} where there is any problem. */
  throwIfAny(): void {
    const lines = this.problems.map(({ line }) => line);
    if (lines.length > 0) throw new ConfigError(lines, this.subject.name);
  }

  /** Gives the key that was meant. */
  private addUnknown(path: Path, unknown: string, known: readonly string[]): string | undefined {
    const meant = suggest(unknown, known);
    const remedy =
      meant === undefined
        ? `remove it{config rm --path '{key}'} (known here: ${known.join(", ")})`
        : `did you mean ${this.key([...path, meant])}?`;
    this.add([...path, unknown], `unknown key; ${remedy}`);
    const isSecret = path.length === 0 && this.secretKeys.has(this.key([unknown]));
    if (meant !== undefined && isSecret) this.secretKeys.add(this.key([meant]));
    return meant;
  }
}

/** What follows the scheme of an address, without what is before the last `@`. */
const withoutLogin = (rest: string): string =>
  rest.includes("@") ? `//***${rest.slice(rest.lastIndexOf("@"))}` : rest;

/** A step of a path that needs no quotes. */
const isPlain = (step: PropertyKey): boolean => /^\w[\w-]*$/.test(String(step));

/** The schema under defaults and optionals. */
export function unwrap(schema: unknown): unknown {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrap(schema.unwrap()) : schema;
}

const isBlock = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input);
}
