import { readFileSync } from "node:fs";

/** The file that a program is told to read with `-c`. */
export function configText(fallback: string, args: readonly string[] = process.argv): string {
  const index = args.indexOf("-c");
  return readFileSync(index < 0 ? fallback : (args[index + 1] ?? fallback), "utf8");
}

/** The value of a key at the top of a YAML file of plain values; with a section, the first one below that. */
export function valueOf(text: string, key: string, section?: string): string | undefined {
  const start = section === undefined ? 0 : text.search(new RegExp(`^\\s*${section}:`, "m"));
  if (start < 0) return undefined;
  const indent = section === undefined ? "" : "[\\s-]*";
  const [, value] = new RegExp(`^${indent}${key}:[ \\t]*["']?([^"'\\s#]+)`, "m").exec(text.slice(start)) ?? [];
  return value;
}
