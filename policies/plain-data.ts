/** The entries of an object at a path of plain data; none where there is no object. */
export function entries(value: unknown, ...path: readonly string[]): [string, unknown][] {
  const found = within(value, ...path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}

/** What is at a path of plain data. */
export function within(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((holder, key) => {
    return typeof holder === "object" && holder !== null ? (holder as Record<string, unknown>)[key] : undefined;
  }, value);
}

/** The elements of a list in plain data; what is no list stands for itself. */
export function elements(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
