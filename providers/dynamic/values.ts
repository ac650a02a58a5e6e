import { canonicalJson } from "../../config/canonical-json";

/** Properties as they travel between Pulumi's engine and a provider. */
export type Properties = Record<string, unknown>;

/** What stands for a value that a preview cannot know yet. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether the value, or anything in it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (typeof value === "string") return value.includes(unknownValue);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}

/** Whether two values are the same; a key without a value is as good as none. */
export const same = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other);

/** The properties that have a value. */
export function defined<T extends object>(properties: T): T {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined && value !== null),
  ) as T;
}

/** The properties with these names, where they have a value. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  return defined(Object.fromEntries(names.map((name) => [name, properties[name]])));
}

/** Sorted, each word once: a list whose order means nothing. */
export const sortedSet = (words: readonly string[]): string[] => [...new Set(words)].sort();

const escapes: Record<string, string> = { "%": "%25", "/": "%2F" };

/** The parts of an id, `media/ci`. A slash inside a part is escaped. */
export const joinId = (parts: readonly string[]): string =>
  parts.map((part) => part.replace(/[%/]/g, (letter) => escapes[letter] ?? letter)).join("/");

export const splitId = (id: string): string[] =>
  id.split("/").map((part) => part.replaceAll("%2F", "/").replaceAll("%25", "%"));
