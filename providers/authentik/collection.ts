import type { Subject } from "../dynamic/http";
import type { Known, Kind } from "../dynamic/kind";
import { same } from "../dynamic/values";
import type { Authentik } from "./api";

/** How Authentik keeps objects of one kind that have a name: what {@link kindOf} makes the steps of a life from. */
export interface Collection<Args extends object, Row, Outs extends object> {
  /** The row that has these names. Authentik's filters may be fuzzy: compare again. */
  find(api: Authentik, names: Known<Args>, subject: Subject): Promise<Row | undefined>;
  /** As `find`, for a refresh: from a list that is good for all of the kind, and may be a few seconds old. */
  look?(api: Authentik, names: Known<Args>, subject: Subject): Promise<Row | undefined>;
  create(api: Authentik, args: Args, subject: Subject): Promise<Row>;
  /** Writes everything the inputs say. `before` is what they said; nothing of an object that is taken over. */
  update(api: Authentik, row: Row, args: Args, subject: Subject, before: Known<Args>): Promise<Row>;
  destroy(api: Authentik, row: Row, subject: Subject): Promise<void>;
  /** What the inputs would have to be for this row. */
  argsOf(api: Authentik, row: Row, subject: Subject): Known<Args> | Promise<Known<Args>>;
  outsOf(row: Row): Outs;
}

type Description<Args extends object, Outs extends object> = Pick<
  Kind<Authentik, Args, Outs>,
  "token" | "noun" | "identity" | "replace" | "writeOnly" | "outputs" | "initial" | "defaults" | "normalise" | "check"
>;

/**
 * A kind of object that Authentik keeps in a collection. What is there and right is not written again: a write of an
 * object ends sessions, or makes caches invalid, even where it changes nothing.
 */
export function kindOf<Args extends object, Row, Outs extends object = object>(
  description: Description<Args, Outs>,
  collection: Collection<Args, Row, Outs>,
): Kind<Authentik, Args, Outs> {
  const about = (action: string, names: Known<Args>): Subject => {
    const name = description.identity.map((each) => names[each]).filter((part) => part !== undefined);
    return { action, object: description.noun, name: name.length > 0 ? name.join("/") : "of the system" };
  };
  /** What was found for arguments that are taken over, until `sync` is called with them. */
  const adopted = new WeakMap<Args, { readonly row: Row }>();
  const kind: Kind<Authentik, Args, Outs> = {
    ...description,

    async create(api, args) {
      return collection.outsOf(await collection.create(api, args, about("create", args)));
    },

    async adopt(api, args) {
      const row = await collection.find(api, args, about("read", args));
      if (row === undefined) return undefined;
      adopted.set(args, { row });
      return collection.outsOf(row);
    },

    async sync(api, args, _outs, before) {
      const subject = about("update", args);
      const { row } = adopted.get(args) ?? { row: await collection.find(api, args, subject) };
      adopted.delete(args);
      if (!row) return kind.create(api, args);
      const live = await collection.argsOf(api, row, subject);
      const isHidden = (name: string): boolean =>
        (description.writeOnly as readonly string[] | undefined)?.includes(name) ?? false;
      const differs = (Object.keys(args) as (keyof Args & string)[]).some(
        (name) => !same(args[name], (isHidden(name) ? before : live)[name]),
      );
      return collection.outsOf(differs ? await collection.update(api, row, args, subject, before) : row);
    },

    async read(api, names) {
      const subject = about("read", names);
      const row = await (collection.look ?? collection.find)(api, names, subject);
      return row && { args: await collection.argsOf(api, row, subject), outs: collection.outsOf(row) };
    },

    async delete(api, names) {
      const subject = about("delete", names);
      const row = await collection.find(api, names, subject);
      if (row) await collection.destroy(api, row, subject);
    },
  };
  return kind;
}
