import { Refusal } from "../../kit/refusal";
import type { Row } from "../../kit/rows";
import type { Context } from "./context";
import { invalid } from "./errors";
import type { Reference } from "./references";

/** What a list of objects of one kind is made from. */
export interface Listing {
  /** `/core/groups/`. */
  path: string;
  references?: Readonly<Record<string, Reference>>;
  /** Fields that `search` looks in. Default `name`. */
  search?: readonly string[];
  /** The field that a list is in the order of. Default `name`. */
  ordering?: string;
  /** Filters that are no comparison with a field. */
  filters?: Readonly<Record<string, Filter>>;
  /** The fields that are made from other rows. */
  shown?: (row: Row, context: Context) => Row;
}

type Filter = (row: Row, value: string, context: Context) => boolean;

const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const isTrue = (value: string): boolean => /^(true|1)$/i.test(value);

/** One page of the rows that the query asks for. */
export function listed(rows: Row[], listing: Listing, context: Context): Row {
  const { query } = context.request;
  const operation = context.validation.operation("GET", listing.path);
  let found = rows;
  for (const parameter of operation?.parameters ?? []) {
    const name = (parameter.name as string | undefined) ?? "name";
    const values = query.getAll(name).filter((value) => value !== "");
    if (values.length === 0 || (parameter.$ref && !/QueryName$/.test(parameter.$ref))) continue;
    if (name.startsWith("include_")) continue;
    const passes = filter(name, parameter.schema ?? {}, listing);
    if (!passes) continue;
    for (const value of values) checkValue(name, value, parameter.schema ?? {}, listing, context);
    found = found.filter((row) => values.some((value) => passes(row, value, context)));
  }
  return paged(sorted(searched(found, listing, query), listing, query), listing, context);
}

/** How a parameter is compared; nothing where the field is not one of these rows. */
function filter(name: string, schema: Row, { filters }: Listing): Filter | undefined {
  if (filters?.[name]) return filters[name];
  const [, field = "", how = ""] = /^(.+?)(?:__(iexact|icontains|isnull)|(_in))?$/.exec(name) ?? [];
  const list = name.endsWith("_in");
  if (name.includes("__") && how === "") return undefined;
  if (how === "iexact") return (row, value) => text(row[field]).toLowerCase() === value.toLowerCase();
  if (how === "icontains") return (row, value) => text(row[field]).toLowerCase().includes(value.toLowerCase());
  if (how === "isnull") return (row, value) => (row[field] === null) === isTrue(value);
  if (list) return (row, value) => value.split(",").includes(text(row[name.slice(0, -3)]));
  if (schema.type === "boolean") return (row, value) => row[field] === isTrue(value);
  return (row, value) =>
    Array.isArray(row[field]) ? row[field].map(text).includes(value) : text(row[field]) === value;
}

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

/** A filter for a key that is none, or of which there is no object, is an error and no empty list. */
function checkValue(name: string, value: string, schema: Row, listing: Listing, { objects }: Context): void {
  if ((schema.format ?? schema.items?.format) === "uuid" && !uuid.test(value)) {
    throw invalid(name, `“${value}” is not a valid UUID.`);
  }
  const reference = listing.references?.[name];
  if (reference && !(reference.filters ?? reference.finds)(objects, reference.numbered ? Number(value) : value)) {
    throw invalid(name, "Select a valid choice. That choice is not one of the available choices.");
  }
}

function searched(rows: Row[], { search = ["name"] }: Listing, query: URLSearchParams): Row[] {
  const words = (query.get("search") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) =>
    words.every((word) => search.some((field) => text(at(row, field)).toLowerCase().includes(word))),
  );
}

/** A field of a field, as `user.username`. */
const at = (row: Row, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Row | undefined)?.[key], row);

function sorted(rows: Row[], { ordering = "name" }: Listing, query: URLSearchParams): Row[] {
  const wanted = query.get("ordering") ?? ordering;
  const fields = wanted
    .split(",")
    .map((each) => ({ name: each.replace(/^-/, ""), sign: each.startsWith("-") ? -1 : 1 }));
  return [...rows].sort((one, other) => {
    for (const { name, sign } of fields) {
      const difference = compare(one[name], other[name]);
      if (difference !== 0) return difference * sign;
    }
    return 0;
  });
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0;
}

function paged(rows: Row[], listing: Listing, context: Context): Row {
  const { query } = context.request;
  const { pagination_default_page_size: fallback = 20, pagination_max_page_size: most = 100 } =
    context.objects.settings;
  const asked = Number(query.get("page_size") ?? fallback);
  const size = Math.min(Number.isInteger(asked) && asked > 0 ? asked : Number(fallback), Number(most));
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const current = query.get("page") === "last" ? pages : Number(query.get("page") ?? 1);
  if (!Number.isInteger(current) || current < 1 || current > pages) throw new Refusal(404, { detail: "Invalid page." });
  const first = (current - 1) * size;
  const results = rows.slice(first, first + size);
  const pagination = {
    next: current < pages ? current + 1 : 0,
    previous: current > 1 ? current - 1 : 0,
    count: rows.length,
    current,
    total_pages: pages,
    start_index: rows.length === 0 ? 0 : first + 1,
    end_index: first + results.length,
  };
  return {
    pagination,
    results: results.map((row) => ({ ...row, ...listing.shown?.(row, context) })),
    autocomplete: {},
  };
}
