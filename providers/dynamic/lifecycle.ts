import { setTimeout as pause } from "node:timers/promises";

import { ApiError, patience } from "./http";
import type { Known, Found, Kind } from "./kind";
import { objectAt, ownership } from "./ownership";
import { Problems, type Failure } from "./problems";
import { noteUncompared } from "./uncompared";
import { defined, hasUnknown, joinId, pick, same, splitId, type Properties } from "./values";

/** The steps of a resource's life, as Pulumi's host of dynamic providers calls them. */
export interface Lifecycle {
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: Failure[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<Diff>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, props?: Properties): Promise<{ id?: string; props?: Properties; inputs?: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** What changed between a state and new inputs. */
export interface Diff {
  changes: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
}

/** How a service is reached: one client per connection, and what is wrong with a connection. */
export interface Backend<Api> {
  connect(connection: unknown): Api;
  check(connection: unknown, problems: Problems): void;
  /** Where a connection leads, in one form however it is written. Parts of it may be missing, or not known yet. */
  place(connection: unknown): unknown;
  /**
   * Whether an object stays behind where another connection is taken, so that it is made there and deleted here. Default: never,
   * as what is at another place is the same service, or one that took its place.
   */
  leaves?(before: unknown, after: unknown): boolean;
}

/** Properties of the host and of every resource, which are no arguments of a kind. */
const own = ["__provider", "connection", "installation"];

/**
 * The life of a kind of object: observe, make or take over, synchronise. The service is the truth; the state is a hint.
 * Nothing is kept between calls, because each may run in another process, but for what the resources of a run have.
 */
export function lifecycle<Api, Args extends object, Outs extends object>(
  service: Backend<Api>,
  kind: Kind<Api, Args, Outs>,
): Lifecycle {
  const argsOf = (properties: Properties): Args => {
    const names = Object.keys(properties).filter((name) => !own.includes(name) && !isOutput(name));
    return pick(properties, names) as Args;
  };
  const isOutput = (name: string): boolean => (kind.outputs as readonly string[] | undefined)?.includes(name) ?? false;
  const outsOf = (properties: Properties): Partial<Outs> => pick(properties, kind.outputs ?? []) as Partial<Outs>;
  const idOf = (args: Args): string => {
    const parts = kind.identity.map((name) => args[name]).filter((part) => part !== undefined);
    return parts.length > 0 ? joinId(parts.map(String)) : kind.token;
  };
  /** The names in an id; where the first ones are optional, an id may leave them out. */
  const namesIn = (id: string): Known<Args> | undefined => {
    const parts = kind.identity.length > 0 ? splitId(id) : [];
    if (parts.length > kind.identity.length) return undefined;
    const names = kind.identity.slice(Math.max(0, kind.identity.length - parts.length));
    return Object.fromEntries(names.map((name, index) => [name, parts[index]])) as Known<Args>;
  };
  const isAmiss = (properties: Properties): boolean => Object.keys(pick(properties, kind.amiss ?? [])).length > 0;
  const isNamed = (properties: Properties): boolean => Object.keys(pick(properties, kind.identity)).length > 0;
  /** The names in a state. The id of what came by an alias from another type is still that type's. */
  const namesOf = (id: string, properties: Properties): Known<Args> | undefined =>
    isNamed(properties) ? (pick(properties, kind.identity) as Known<Args>) : namesIn(id);

  const objectOf = ({ connection, ...properties }: Properties, id = idOf(properties as Args)): string =>
    objectAt(kind.token, service.place(connection), id);

  const ensure = async (api: Api, args: Args, before: Known<Args> = {}): Promise<Partial<Outs>> => {
    const takeOver = async (): Promise<Partial<Outs> | undefined> => {
      const outs = await kind.adopt(api, args);
      return outs && { ...outs, ...(await kind.sync(api, args, outs, before)) };
    };
    const there = kind.observeFirst ? await takeOver() : undefined;
    if (there) return there;
    try {
      return await kind.create(api, args);
    } catch (error) {
      if (!(error instanceof ApiError) || !(error.status === 409 || error.unsure)) throw error;
      // Either an earlier run made it and was interrupted, or this one did without hearing so.
      for (let attempt = 0; attempt < (error.unsure ? 3 : 1); attempt++) {
        if (attempt > 0) await pause(patience.pause * 2 ** attempt);
        const adopted = await takeOver();
        if (adopted) return adopted;
      }
      throw error;
    }
  };

  const life: Lifecycle = {
    check: async (_olds, news) => {
      const { connection, installation, __provider, ...given } = news;
      const problems = new Problems();
      if (!hasUnknown(connection)) service.check(connection, problems);
      const args = { ...kind.defaults, ...defined(given) } as Properties;
      const known = Object.fromEntries(Object.entries(args).filter(([, value]) => !hasUnknown(value))) as Known<Args>;
      const count = problems.failures.length;
      const name = kind.identity.at(-1);
      if (name !== undefined && args[name] === undefined) problems.add(name, `is missing; each ${kind.noun} needs it`);
      kind.check(known, problems);
      const normal = problems.failures.length === count && kind.normalise ? kind.normalise(known) : known;
      const inputs = defined({ ...args, ...normal, connection, installation, __provider });
      ownership.describe(objectOf(inputs));
      return { inputs, failures: problems.failures };
    },

    diff: async (_id, olds, news) => {
      // An alias made it of a resource of another type, whose properties say nothing here; the object is looked at instead.
      if (olds.__provider === undefined) return { changes: true, replaces: [], deleteBeforeReplace: false };
      // An input that is left out is not managed: whatever the object has there is right.
      const changed = Object.keys(news).filter((name) => name !== "__provider" && !same(olds[name], news[name]));
      const names = new Set<string>(changed);
      for (const name of kind.identity) if (olds[name] !== undefined && news[name] === undefined) names.add(name);
      const replacing = new Set<string>([...kind.identity, ...(kind.replace ?? [])]);
      const stays = service.leaves?.(olds.connection, news.connection) ?? false;
      const replaces = [...names].filter((name) => replacing.has(name) || (stays && name === "connection"));
      // A successor with the name of its predecessor would take that over, and go with it.
      const renamed = kind.identity.some((name) => names.has(name) && !hasUnknown(news[name]));
      if (replaces.length === 0) ownership.keep(objectOf(news));
      return {
        changes: names.size > 0 || isAmiss(olds),
        replaces,
        deleteBeforeReplace: replaces.length > 0 && !renamed && !stays,
      };
    },

    create: async (inputs) => {
      const args = argsOf(inputs);
      const outs = await ensure(service.connect(inputs.connection), args);
      ownership.take(objectOf(inputs));
      return { id: idOf(args), outs: defined({ ...inputs, ...kind.initial, ...outs }) };
    },

    read: async (id, props = {}) => {
      if (props.connection === undefined) {
        throw new Error(`${kind.noun} "${id}" cannot be read: no connection is known; pass \`connection\``);
      }
      const before = argsOf(props) as Properties;
      const names = namesOf(id, before);
      let found: Found<Args, Outs> | undefined;
      try {
        found =
          names && (await kind.read(service.connect(props.connection), names, outsOf(props), before as Known<Args>));
      } catch (error) {
        // A refresh has to go on, for it is what finds that the service itself is gone, and brings it back.
        if (Object.keys(before).length === 0 || !(error instanceof ApiError && error.isOutage)) throw error;
        noteUncompared(error.product);
        // Once is enough, however many objects of a service that is down are read.
        if (!error.wasDown) console.error(`warning: ${error.message} What the state says of it stays.`);
        return { id, inputs: props, props };
      }
      if (!found) return {};
      const live = defined(found.args as Properties);
      // Only what the program manages can drift. Nothing is known of an object that is read for the first time.
      const managed = Object.keys(before).length > 0 ? Object.keys(before) : Object.keys(live);
      const kept = pick(before, kind.writeOnly ?? []);
      const inputs = { ...pick(live, managed), ...kept, ...pick(props, own) };
      const all = defined({ ...inputs, ...kind.initial, ...outsOf(props), ...found.outs });
      return { id: isNamed(before) ? idOf(names as Args) : id, inputs, props: all };
    },

    update: async (_id, olds, news) => {
      ownership.take(objectOf(news));
      const args = argsOf(news);
      const before = argsOf(olds);
      const outs = { ...kind.initial, ...outsOf(olds) };
      const isElsewhere = !same(olds.installation, news.installation);
      const isSame = same(args, before) && !isElsewhere && !isAmiss(olds);
      if (isSame) return { outs: defined({ ...news, ...outs }) }; // only the connection
      const api = service.connect(news.connection);
      if (isElsewhere) return { outs: defined({ ...news, ...kind.initial, ...(await ensure(api, args)) }) };
      const changed = await kind.sync(api, args, outs, before).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return ensure(api, args); // gone behind our back
        throw error;
      });
      return { outs: defined({ ...news, ...outs, ...changed }) };
    },

    delete: async (id, props) => {
      if (ownership.has(objectOf(props, isNamed(props) ? idOf(props as Args) : id))) {
        const remedy = "What should be made anew, has to be removed there before `up --refresh`.";
        return console.error(
          `warning: ${kind.noun} "${id}" is not deleted: a resource of this update has it. ${remedy}`,
        );
      }
      const api = service.connect(props.connection);
      try {
        await kind.delete(api, argsOf(props), outsOf(props));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 404) return;
        // A repeated request meets what the first one did; some services answer that with an error of their own.
        const gone = error.unsure && !(await kind.read(api, namesOf(id, props) ?? {}, outsOf(props), {}));
        if (!gone) throw error;
      }
    },
  };
  return {
    ...life,
    create: (...given) => understood("create", kind.noun, life.create(...given)),
    read: (...given) => understood("read", kind.noun, life.read(...given)),
    update: (...given) => understood("update", kind.noun, life.update(...given)),
    delete: (...given) => understood("delete", kind.noun, life.delete(...given)),
  };
}

/** An answer in a form of its own shows as one of these where it is read. */
const astonishments = [TypeError, RangeError, SyntaxError];

async function understood<T>(action: string, noun: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!astonishments.some((kind) => error instanceof kind)) throw error;
    const remedy = "check that nothing else answers at the endpoint of the connection";
    throw new Error(`Cannot ${action} ${noun}: the answer makes no sense (${(error as Error).message}); ${remedy}`);
  }
}

/** What makes an entry, type and life, of the table of a service's kinds. */
export const entriesOf =
  <Api>(service: Backend<Api>) =>
  <Args extends object, Outs extends object>(kind: Kind<Api, Args, Outs>): [string, Lifecycle] => [
    kind.token.split(":")[1] ?? "",
    lifecycle(service, kind),
  ];
