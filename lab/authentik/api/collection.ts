import { Refusal } from "../../kit/refusal";
import type { Row } from "../../kit/rows";
import type { AuthentikObjects, Table } from "../objects";
import { type ApiResult, type Context, created, done, ok, param, type Route } from "./context";
import { forbidden, invalid, invalidBody, notFound } from "./errors";
import { listed, type Listing } from "./list";
import { release } from "./references";

type Method = "list" | "create" | "retrieve" | "update" | "destroy";

/** How Authentik keeps objects of one kind: what {@link routesOf} makes the requests from. */
export interface Collection extends Listing {
  /** The placeholder of one object's path: `group_uuid`. */
  id: string;
  /** The field that stands there. Default `pk`. */
  key?: string;
  table: Table;
  /** Rows of the table that are of this kind. */
  includes?: (row: Row) => boolean;
  /** What Authentik calls one: `Group`. */
  model: string;
  /** `app.model`, as events and `meta_model_name` have it. */
  label: string;
  /** Default: everything. */
  methods?: readonly Method[];
  /** What a new row has where the body says nothing. */
  defaults?: (context: Context) => Row;
  /** Fields of which no two rows of the table may be the same, and what is said then. */
  unique?: Readonly<Record<string, string>>;
  /** Fields that must not be the same together. */
  together?: readonly string[];
  /** Lists that a PUT empties where it does not name them. */
  emptied?: readonly string[];
  /** Rows that a list shows at all. */
  listed?: (rows: Row[], context: Context) => Row[];
  /** Throws where Authentik refuses. `body` is what was sent, with which it checks; `row` is what is there. */
  validate?: (body: Row, context: Context, row?: Row) => void;
  /** Puts what was sent into the row. Default: as it is. */
  write?: (row: Row, body: Row, context: Context, isNew: boolean) => void;
  removed?: (row: Row, context: Context) => void;
}

/** The requests of a collection. */
export function routesOf(collection: Collection): Route[] {
  const { path, id, methods = ["list", "create", "retrieve", "update", "destroy"] } = collection;
  const one = `${path}{${id}}/`;
  const routes: Record<Method, Route[]> = {
    list: [{ method: "GET", path, open: true, handle: (context) => list(collection, context) }],
    create: [{ method: "POST", path, handle: (context) => create(collection, context) }],
    retrieve: [
      {
        method: "GET",
        path: one,
        open: true,
        handle: (context) => ok(show(collection, rowOf(collection, context), context)),
      },
    ],
    update: [
      { method: "PUT", path: one, handle: (context) => update(collection, context, collection.emptied ?? []) },
      { method: "PATCH", path: one, handle: (context) => update(collection, context, []) },
    ],
    destroy: [{ method: "DELETE", path: one, handle: (context) => destroy(collection, context) }],
  };
  return methods.flatMap((method) => routes[method]);
}

const rowsOf = ({ table, includes }: Collection, objects: AuthentikObjects): Row[] =>
  includes ? objects[table].filter(includes) : objects[table];

/** The object that the path names, or Authentik's 404. Who may not see it gets the same. */
export function rowOf(collection: Collection, context: Context): Row {
  const { key = "pk", model } = collection;
  const value = param(context);
  const row = rowsOf(collection, context.objects).find((each) => String(each[key]) === value);
  if (row && context.superuser) return row;
  throw notFound(model);
}

/** A row as it is answered. */
export const show = (collection: Collection, row: Row, context: Context): Row => ({
  ...row,
  ...collection.shown?.(row, context),
});

function list(collection: Collection, context: Context): ApiResult {
  const rows = context.superuser ? rowsOf(collection, context.objects) : [];
  const visible = collection.listed ? collection.listed(rows, context) : rows;
  return ok(listed(visible, collection, context));
}

function create(collection: Collection, context: Context): ApiResult {
  const { objects, body } = context;
  check(collection, body, context);
  const defaults = collection.defaults?.(context) ?? {};
  const isNumbered = ["users", "oauth2Providers", "proxyProviders", "devices"].includes(collection.table);
  const pk = isNumbered ? { pk: ++objects.lastId } : { pk: objects.newUuid() };
  const row = { ...pk, ...defaults };
  write(collection, row, body, context, true);
  objects[collection.table].push(row);
  record("model_created", collection, row, context);
  return created(show(collection, row, context));
}

function update(collection: Collection, context: Context, emptied: readonly string[]): ApiResult {
  const row = rowOf(collection, context);
  const body = { ...Object.fromEntries(emptied.map((field) => [field, []])), ...context.body };
  check(collection, body, context, row);
  write(collection, row, body, context, false);
  record("model_updated", collection, row, context);
  return ok(show(collection, row, context));
}

function destroy(collection: Collection, context: Context): ApiResult {
  remove(collection, rowOf(collection, context), context);
  return done();
}

/** Deletes a row, and what cannot be without it. */
export function remove(collection: Collection, row: Row, context: Context): void {
  const table = context.objects[collection.table];
  table.splice(table.indexOf(row), 1);
  release(context.objects, collection.table, row);
  collection.removed?.(row, context);
  record("model_deleted", collection, row, context);
}

function write(collection: Collection, row: Row, body: Row, context: Context, isNew: boolean): void {
  if (collection.write) collection.write(row, body, context, isNew);
  else Object.assign(row, body);
}

function check(collection: Collection, body: Row, context: Context, row?: Row): void {
  const { objects } = context;
  const found: Row = {};
  for (const [field, reference] of Object.entries(collection.references ?? {})) {
    const missing = [body[field] ?? []].flat().filter((key) => !reference.finds(objects, key));
    if (missing.length > 0) found[field] = missing.map((key) => `Invalid pk "${key}" - object does not exist.`);
  }
  // A name is one of the whole table: two stages of different types cannot share it.
  for (const [field, message] of Object.entries(collection.unique ?? {})) {
    if (body[field] === undefined || body[field] === null) continue;
    if (objects[collection.table].some((other) => other !== row && other[field] === body[field])) {
      found[field] = [message];
    }
  }
  if (Object.keys(found).length > 0) throw new Refusal(400, found);
  const { together } = collection;
  const whole = { ...row, ...body };
  if (
    together &&
    objects[collection.table].some(
      (other) => other !== row && together.every((each) => whole[each] !== null && other[each] === whole[each]),
    )
  ) {
    throw invalidBody(`The fields ${together.join(", ")} must make a unique set.`);
  }
  collection.validate?.(body, context, row);
}

function record(action: string, { label }: Collection, row: Row, { objects, user, request }: Context): void {
  const [app = "", model = ""] = label.split(".");
  const name = String(row.name ?? row.username ?? row.identifier ?? row.domain ?? "");
  const pk = String(row.pk ?? row.brand_uuid ?? "").replaceAll("-", "");
  objects.record(action, user, { model: { pk, app, name, model_name: model } }, request.ip ?? null);
}

/** Refuses where a duration is not written as Authentik writes it. */
export const badDuration = (field: string, text: string): Refusal =>
  invalid(field, `${text} is not in the correct format of 'hours=3;minutes=1'.`);

/** Refuses who is no administrator. */
export function requireSuperuser({ superuser }: Context): void {
  if (!superuser) throw forbidden();
}
