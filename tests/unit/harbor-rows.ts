/** A request, taken apart. */
export interface Request {
  method: string;
  path: string;
  query: Record<string, string>;
  body: Record<string, unknown>;
  authorization: string | undefined;
  byName: boolean;
}

export interface Result {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What Harbor says no with. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** An object as the API has it: rows differ too much to be worth types here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Row = Record<string, any>;

export const notFound = (what: string): Refusal => new Refusal(404, "NOT_FOUND", `${what} not found`);
export const conflict = (what: string): Refusal => new Refusal(409, "CONFLICT", `${what} already exists`);
export const badRequest = (what: string): Refusal => new Refusal(400, "BAD_REQUEST", what);
export const ok = (body: unknown): Result => ({ status: 200, body });
/** Something was changed, in place; there is nothing to say about it. */
export const done = (...changed: Row[]): Result => ({ status: changed.length > 1 ? 500 : 200 });

/** Takes the known fields; all others are dropped without a word. */
export function merge(row: Row, body: Row, fields: string[]): Row {
  for (const field of fields) if (body[field] !== undefined) row[field] = body[field];
  return row;
}

export function byId(table: Row[], id: string | undefined): Row {
  const row = table.find((other) => `${other.id}` === id);
  if (row) return row;
  throw notFound(`object ${id}`);
}

export function drop(table: Row[], id: string | undefined): Result {
  table.splice(table.indexOf(byId(table, id)), 1);
  return done();
}

/** At most 3 rows, so that a client must turn pages; never more than it asks for. */
export function page(rows: Row[], query: Record<string, string>): Result {
  const size = Math.min(Number(query.page_size ?? 10), 3);
  const first = (Number(query.page ?? 1) - 1) * size;
  return { status: 200, body: rows.slice(first, first + size), headers: { "x-total-count": `${rows.length}` } };
}

export const like = (rows: Row[], field: string, text = ""): Row[] => rows.filter((row) => row[field].includes(text));

export const masked = (row: Row): Row =>
  row.credential ? { ...row, credential: { ...row.credential, access_secret: "*****" } } : row;

/** PUT has the login flat, where POST has an object. */
export const credentialed = ({ access_key, access_secret, ...body }: Row): Row => ({
  ...body,
  credential: access_key ? { type: "basic", access_key, access_secret } : {},
});

/** Lists of rights come back in another order, and the secret never. */
export function shuffled(stored: Row): Row {
  const row: Row = { ...stored };
  delete row.secret;
  delete row.stored;
  const permissions = [...row.permissions].reverse();
  return { ...row, permissions: permissions.map((entry: Row) => ({ ...entry, access: [...entry.access].reverse() })) };
}
