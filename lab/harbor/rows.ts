import { Refusal as AnyRefusal } from "../kit/refusal";
import type { Route as AnyRoute } from "../kit/router";
import type { Row } from "../kit/rows";

/** Who asks: the local administrator, a robot, or somebody who came by single sign-on. */
export interface Account {
  name: string;
  robot?: Row;
  person?: Person;
}

/** Somebody of single sign-on, as the provider described them when they logged in. */
export interface Person {
  userId: number;
  groups: readonly string[];
  /** Member of the group that `oidc_admin_group` names. */
  isAdmin: boolean;
}

/** A request to the REST API, taken apart. */
export interface Request {
  method: string;
  /** Without `/api/v2.0`, still encoded. */
  path: string;
  query: Record<string, string>;
  body: Row;
  authorization: string | undefined;
  byName: boolean;
  /** Who asks: somebody with a session, or else known once the login was checked. */
  account?: Account;
}

export interface Result {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A handler gets what the pattern captured, decoded. */
export type Route = AnyRoute<(request: Request, parts: string[]) => Result | Promise<Result>>;

/** What Harbor says no with. */
export class Refusal extends AnyRefusal {
  constructor(status: number, code: string, message: string) {
    super(status, { errors: [{ code, message }] }, message);
  }
}

export const notFound = (what: string): Refusal => new Refusal(404, "NOT_FOUND", `${what} not found`);
export const conflict = (what: string): Refusal => new Refusal(409, "CONFLICT", `${what} already exists`);
export const badRequest = (what: string): Refusal => new Refusal(400, "BAD_REQUEST", what);
export const ok = (body: unknown): Result => ({ status: 200, body });
/** There is nothing to say about it. */
export const done = (): Result => ({ status: 200 });
export const created = (location: string): Result => ({ status: 201, headers: { location: `/api/v2.0${location}` } });
/** The time now, as Harbor writes times. */
export const now = (): string => new Date().toISOString();

/** Takes the known fields; all others are dropped without a word. */
export function merge(row: Row, body: Row, fields: readonly string[]): Row {
  for (const field of fields) if (body[field] !== undefined) row[field] = body[field];
  return row;
}

/** Changes a row in place. */
export function updated(row: Row, body: Row, fields: readonly string[]): Result {
  merge(row, body, fields);
  return done();
}

/** The fields of a row that the API shows. */
export const only = (row: Row, fields: readonly string[]): Row => merge({}, row, fields);

export function byId(table: Row[], id: string | undefined): Row {
  const row = table.find((other) => `${other.id}` === id);
  if (row) return row;
  throw notFound(`object ${id}`);
}

export function drop(table: Row[], id: string | undefined): Result {
  table.splice(table.indexOf(byId(table, id)), 1);
  return done();
}

/** One page of a list: ten rows unless asked for more, a hundred at most. */
export function page(rows: Row[], query: Record<string, string>): Result {
  const size = Math.min(Number(query.page_size ?? 10), 100);
  const first = (Number(query.page ?? 1) - 1) * size;
  const [, minus, field = ""] = /^(-?)(\w+)$/.exec(query.sort ?? "") ?? [];
  const sorted = field ? [...rows].sort((one, other) => compare(one[field], other[field]) * (minus ? -1 : 1)) : rows;
  return { status: 200, body: sorted.slice(first, first + size), headers: { "x-total-count": `${rows.length}` } };
}

const compare = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * The rows in whose field the text occurs, in any case. Harbor and its ORM both escape a `%`, so that it means a backslash
 * and anything behind it: a name with a `%` is not found.
 */
export function like(rows: Row[], field: string, text = ""): Row[] {
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const pattern = new RegExp(literal.replaceAll("%", "\\\\.*"), "i");
  return rows.filter((row) => pattern.test(row[field]));
}

/** The conditions of `q=`, as `name=media,tags=~v`. Harbor unescapes them once more than the query: `+` is a blank. */
export function conditions(q = ""): Record<string, string> {
  if (q === "") return {};
  const pairs = unescaped(q)
    .split(",")
    .map((pair) => /^([^=]+)=(.+)$/s.exec(pair)?.slice(1));
  if (pairs.every((pair) => pair !== undefined)) return Object.fromEntries(pairs as [string, string][]);
  throw badRequest('the query string must contain "=" and the key/value cannot be empty');
}

/** As Go unescapes a query; what is not escaped properly stays as it is. */
function unescaped(q: string): string {
  try {
    return decodeURIComponent(q.replaceAll("+", " "));
  } catch {
    return q;
  }
}
