import { z } from "zod";

import type { AddressRange, Subnet } from "./address";
import { unwrap } from "./report";

type Partially<T> = T extends string | number | Subnet | AddressRange
  ? T
  : T extends (infer Element)[]
    ? (Partially<Element> | undefined)[]
    : { [Key in keyof T]?: Partially<T[Key]> };

/** As much of a config as is right: what is wrong or missing is left out, so that the rest can still be checked. */
export type Draft<Config> = Partially<Config>;

/** Reads each setting on its own and keeps the ones the schema accepts. */
export function draft<Config>(schema: z.ZodType<Config>, input: unknown): Draft<Config> {
  return salvage(schema, input) as Draft<Config>;
}

function salvage(schema: unknown, input: unknown): unknown {
  const parsed = (schema as z.ZodType).safeParse(input);
  if (parsed.success) return parsed.data;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(input)) return input.map((item) => salvage(inner.element, item));
  if (!(inner instanceof z.ZodObject) || typeof (input ?? {}) !== "object") return undefined;
  const settings = (input ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(inner.shape).map(([key, field]) => [key, salvage(field, settings[key])]));
}
