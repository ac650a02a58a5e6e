import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";

import type { Row } from "../../kit/rows";

/** One operation, as `schema.yml` describes it. */
export interface Operation {
  operationId: string;
  parameters?: Row[];
  requestBody?: Row;
  responses: Record<string, Row>;
}

interface Span {
  from: number;
  to: number;
}

/**
 * Authentik's OpenAPI document. It is 1.8 MB, which takes seconds to read as a whole: paths and schemas are cut out by
 * their indentation, and read when somebody asks for them.
 */
export class Description {
  private readonly spans = new Map<string, Span>();
  private readonly read = new Map<string, Row>();

  /** What `schema.yml` says. */
  constructor(private readonly text: string) {
    const components = text.indexOf("\ncomponents:\n");
    const schemas = text.indexOf("\n  schemas:\n", components);
    this.cut(/^ {2}(\/\S*):\n/gm, 0, components);
    this.cut(/^ {4}(\w+):\n/gm, schemas, text.length);
  }

  /** The one that the official client brings; in an image it is beside the program. */
  static load(): Description {
    const beside = join(dirname(process.argv[1] ?? ""), "schema.yml");
    const file = existsSync(beside) ? beside : require.resolve("@goauthentik/api/schema.yml");
    return new Description(readFileSync(file, "utf8"));
  }

  operation(method: string, path: string): Operation | undefined {
    return this.part(path)?.[method.toLowerCase()];
  }

  /** One of the schemas, by its name. */
  schema(name: string): Row {
    const found = this.part(name);
    if (found) return found;
    throw new Error(`schema.yml has no schema ${name}`);
  }

  private cut(heads: RegExp, from: number, to: number): void {
    let last: Span | undefined;
    for (const match of this.text.slice(from, to).matchAll(heads)) {
      const start = from + match.index;
      if (last) last.to = start;
      last = { from: start, to };
      this.spans.set(match[1] ?? "", last);
    }
  }

  private part(name: string): Row | undefined {
    const known = this.read.get(name);
    if (known) return known;
    const span = this.spans.get(name);
    if (!span) return undefined;
    const [value] = Object.values(parse(this.text.slice(span.from, span.to)) as Record<string, Row>);
    this.read.set(name, value ?? {});
    return value;
  }
}
