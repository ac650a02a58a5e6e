/** Stands for what only the update will know. */
export const unknown = Symbol("unknown");

/** A property's value as a policy sees it: plain, and with what isn't known yet marked. */
export type Value = string | number | boolean | null | undefined | typeof unknown | Value[] | { [key: string]: Value };

/** Where a value is in a resource's inputs: the names of properties, and the places in lists as `"0"`, `"1"`, … */
export type Path = readonly string[];

/** A resource as the program asks for it. */
export interface Resource {
  readonly urn: string;
  /** Its type token, e.g. `docker:index/container:Container`. */
  readonly type: string;
  readonly name: string;
  /** What the program gave it, not what the provider made of it: the provider may not know anything yet. */
  readonly inputs: Value;
  /** Whether Pulumi refuses to delete or replace it. */
  readonly protect: boolean;
  readonly parent?: string;
  /** URN of its provider. */
  readonly provider?: string;
  /** Where its inputs hold secrets; only a policy that `seesSecrets` is told. */
  readonly secrets?: readonly Path[];
}

/** A stack's resources, by URN where they refer to each other. */
export interface Stack {
  readonly resources: readonly Resource[];
  /** URNs of what a property of a resource was made from. */
  dependencies(resource: Resource, property: string): readonly string[];
}

/** Where the settings of a stack's policies are, for a message. */
export function settingsFile(urn: string): string {
  return `policies/stacks/${/^urn:pulumi:([^:]+)::/.exec(urn)?.[1] ?? "<stack>"}.yaml`;
}

/** The value at a path: unknown where something on the way is, `undefined` where it isn't given. */
export function at(value: Value, ...path: readonly (string | number)[]): Value {
  return path.reduce<Value>((holder, key) => {
    if (holder === unknown) return unknown;
    return typeof holder === "object" && holder !== null ? (holder as Record<string | number, Value>)[key] : undefined;
  }, value);
}

/**
 * The values at a path such as `initialization.ipConfigs[].ipv4.address`, where `[]` stands for every element of a list.
 * What isn't given is left out; where something on the way is unknown, so is the value.
 */
export function valuesAt(value: Value, path: string): readonly Value[] {
  const steps = path.split(".");
  const values = steps.reduce<readonly Value[]>(
    (holders, step) => {
      const found = holders.map((holder) => at(holder, step.replace("[]", "")));
      return step.endsWith("[]") ? found.flatMap(items) : found;
    },
    [value],
  );
  return values.filter((found) => found !== undefined && found !== null);
}

/** The elements of a list; none where it isn't given. An unknown list is one unknown element. */
export function items(value: Value): readonly Value[] {
  if (value === unknown) return [unknown];
  return Array.isArray(value) ? value : [];
}

/** Whether all of a value is known. */
export function isKnown(value: Value): boolean {
  if (typeof value !== "object" || value === null) return value !== unknown;
  return Object.values(value).every(isKnown);
}

/** Whether a value is what a property has where nobody sets it. */
export function isOff(value: Value): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The names of what an object sets beside those of a list and Pulumi's own notes (`__defaults`). */
export function unlisted(value: Value, listed: readonly string[]): string[] {
  if (typeof value !== "object" || value === null) return [];
  const isFine = (name: string, each: Value): boolean => listed.includes(name) || isOff(each) || name.startsWith("__");
  return Object.entries(value).flatMap(([name, each]) => (isFine(name, each) ? [] : [name]));
}

/** A variable of a container's `envs`: `NAME=value`. */
export function readVariable(entry: string): [name: string, value: string] {
  const [name = "", value = ""] = entry.split(/=(.*)/s);
  return [name, value];
}

/** A resource for a message: `docker:Container "edge-traefik"`. */
export function label({ type, name }: Pick<Resource, "type" | "name">): string {
  const [module = "", , last = ""] = /^([^:]*):(.*):([^:]*)$/.exec(type)?.slice(1) ?? [];
  return `${module}:${last} "${name}"`;
}
