import type { Subject } from "../dynamic/http";
import type { Known, Kind } from "../dynamic/kind";
import type { Properties } from "../dynamic/values";
import type { Apis, Authentik } from "./api";
import { kindOf } from "./collection";
import { sortNames, withIds, withNames, type References } from "./references";
import { checkOwnName } from "./words";

/** One page of a list, of what has a name. */
interface Query {
  readonly name: string;
  readonly page: number;
  readonly pageSize: number;
}

/** The calls of the official client for one type of object. */
interface Calls<Row, Body> {
  list(apis: Apis, query: Query): Promise<{ pagination: { count: number; next: number }; results: Row[] }>;
  create(apis: Apis, body: Body): Promise<Row>;
  /** PUT: Authentik checks some fields together, and finds them in the request alone. */
  update(apis: Apis, uuid: string, body: Body): Promise<Row>;
  destroy(apis: Apis, uuid: string): Promise<void>;
}

interface Description<Args extends object, Row> extends Pick<Kind<Authentik, Args>, "token" | "noun" | "defaults"> {
  /** Every input. Each is a field of the row by the same name. */
  readonly inputs: readonly (keyof Args & keyof Row & string)[];
  /** Those of them that name other objects. */
  readonly references?: References<Args>;
  check?: Kind<Authentik, Args>["check"];
}

/**
 * A kind of object with a name that is the only one of its type, and else nothing but fields: a stage, a policy, a rule.
 * Refuses those that Authentik's own blueprints make.
 */
export function named<Args extends { readonly name: string }, Row extends { readonly pk: string; name: string }, Body>(
  { inputs, references = {}, check, ...description }: Description<Args, Row>,
  calls: Calls<Row, Body>,
): Kind<Authentik, Args> {
  const body = async (api: Authentik, args: Args, subject: Subject): Promise<Body> =>
    (await withIds<Args>(api, args, references, subject)) as Properties & Body;
  return kindOf<Args, Row>(
    {
      ...description,
      identity: ["name"],
      normalise: (args) => sortNames<Known<Args>>(args, references),
      check(args, problems) {
        checkOwnName("name", args.name, problems);
        check?.(args, problems);
      },
    },
    {
      async find(api, { name = "" }, subject) {
        const rows = await api.list(subject, (apis, page) => calls.list(apis, { name, ...page }));
        return rows.find((row) => row.name === name);
      },
      async create(api, args, subject) {
        const request = await body(api, args, subject);
        return api.call(subject, (apis) => calls.create(apis, request));
      },
      async update(api, { pk }, args, subject) {
        const request = await body(api, args, subject);
        return api.call(subject, (apis) => calls.update(apis, pk, request));
      },
      destroy: (api, { pk }, subject) => api.call(subject, (apis) => calls.destroy(apis, pk)),
      argsOf: (api, row, subject) => withNames<Args>(api, row, inputs, references, subject),
      outsOf: () => ({}),
    },
  );
}
