import type { Token } from "./dispatcher";
import type { Problems } from "./problems";

/** Inputs of which some may be left out, or not be known yet, and are then absent. */
export type Known<Args> = { readonly [Name in keyof Args]?: Args[Name] };

/** An object as it is in the service. */
export interface Found<Args, Outs> {
  /** What its inputs would have to be to make it so. Secrets that the service keeps to itself are absent. */
  readonly args: Known<Args>;
  readonly outs: Outs;
}

/**
 * What there is to know about one type of object of a service. The rules of a resource's life are in `lifecycle.ts`; a
 * kind says only how the service does each step. `Api` is the client of the service.
 */
export interface Kind<Api, Args extends object, Outs extends object = object> {
  readonly token: Token;
  /** What people call it: `robot account`. */
  readonly noun: string;
  /** Inputs that together name one object in the service and make its id. A change of one replaces the object. */
  readonly identity: readonly (keyof Args & string)[];
  /** Further inputs that cannot be changed in place. */
  readonly replace?: readonly (keyof Args & string)[];
  /** Inputs the service never gives back. */
  readonly writeOnly?: readonly (keyof Args & string)[];
  /** Outputs that are not inputs. */
  readonly outputs?: readonly (keyof Outs & string)[];
  /** What outputs are that the service does not tell of: without a value, each preview would take them for unknown. */
  readonly initial?: Partial<Outs>;
  /** Outputs that are there only while something is amiss that no input shows: a resource that has one is not up to date. */
  readonly amiss?: readonly (keyof Outs & string)[];
  /** What an input is where it is left out. */
  readonly defaults?: Partial<Args>;
  /** Look for the object before making it, where the service would make a second one or gives no clear refusal. */
  readonly observeFirst?: boolean;

  /** One form for what can be written in several: sorted lists, sizes in their shortest words. */
  normalise?(args: Known<Args>): Known<Args>;
  /** Names everything that is wrong with the inputs. */
  check(args: Known<Args>, problems: Problems): void;
  /** Makes the object, completely. */
  create(api: Api, args: Args): Promise<Outs>;
  /** Takes over the object that has these names, if it is there; `sync` follows. */
  adopt(api: Api, args: Args): Promise<Outs | undefined>;
  /** Makes an object that exists what the inputs say. Fails with 404 where it does not exist. Returns changed outputs. */
  sync(api: Api, args: Args, outs: Partial<Outs>, before: Known<Args>): Promise<Partial<Outs>>;
  /** The object as it is, by its names; `undefined` where it is gone. `known` and `before` are what the state says of it. */
  read(api: Api, names: Known<Args>, known: Partial<Outs>, before: Known<Args>): Promise<Found<Args, Outs> | undefined>;
  /** Removes the object. That it is gone already may be told by a 404. */
  delete(api: Api, names: Args, outs: Partial<Outs>): Promise<void>;
}
