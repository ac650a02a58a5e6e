/** Which requests, written `METHOD /path`, something answers. */
export type Route<T> = readonly [pattern: RegExp, target: T];

/** What answers a request, and what the pattern found in it: in order, and by name. Both as they came, still encoded. */
export interface Match<T> {
  readonly target: T;
  readonly values: readonly string[];
  readonly names: Readonly<Record<string, string>>;
}

/** The first route that fits a request. */
export function find<T>(routes: readonly Route<T>[], line: string): Match<T> | undefined {
  for (const [pattern, target] of routes) {
    const found = pattern.exec(line);
    if (found) return { target, values: found.slice(1), names: { ...found.groups } };
  }
  return undefined;
}

/** Names with their values as they are meant. */
export const decoded = (names: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(names).map(([name, value]) => [name, decodeURIComponent(value)]));

/** The pattern of `GET /nodes/{node}`: a name in braces stands for one part of the path, whatever it is. */
export const template = (line: string): RegExp => new RegExp(`^${line.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
