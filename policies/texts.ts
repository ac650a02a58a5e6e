import type { Path, Value } from "./resource";

/** Every text in a value and where it is. */
export function texts(value: Value, path: Path = []): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

/** Whether a path is one of those, or below one. */
export const isWithin = (path: Path, others: readonly Path[]): boolean =>
  others.some((other) => other.every((step, depth) => step === path[depth]));

export const isPlaceInList = (step: string): boolean => /^\d+$/.test(step);

/** A path as it is written in the program: `registryAuth[0].password`. */
export function written(path: Path): string {
  return path.map((step, depth) => (isPlaceInList(step) ? `[${step}]` : depth === 0 ? step : `.${step}`)).join("");
}
