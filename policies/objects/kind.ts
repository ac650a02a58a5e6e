import { canonicalJson } from "../../config/canonical-json";
import { isKnown, type Value } from "../resource";
import type { House } from "../house";

/** Properties of an object and the value that each must have, with the defaults of its provider. The order of a list means nothing. */
export type Shape = Readonly<Record<string, unknown>>;

/** An object's properties as the stack has them. */
export type Given = Readonly<Record<string, Value>>;

/** A resource that makes a secret: its type, and the inputs that it must have. */
export interface Maker {
  readonly type: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** What objects of a kind there may be. */
export interface Kind {
  /** Each object has to be one of these. What isn't in its shape may not be set. */
  readonly objects: (house: House) => readonly Shape[];
  /** Properties that don't decide who gets in: they may have any value. */
  readonly free?: readonly string[];
  /** Properties that are made from other objects, and so may not be known before the update. */
  readonly later?: readonly string[];
  /** Secrets, by the resource that makes each: one that is written down, somebody knows. */
  readonly madeBy?: Readonly<Record<string, Maker>>;
  /** Which of the objects somebody would get in without. */
  readonly needed?: (shape: Shape) => boolean;
}

/** The objects of a service. */
export interface ServiceObjects {
  /** The type of the component that is the service: without it and any object, nothing is needed. */
  readonly component: string;
  /** Where the service is administered. */
  readonly endpoint: (house: House) => string | undefined;
  /** The entry of the catalogue by which an edge serves it. */
  readonly entry: (house: House) => string | undefined;
  readonly kinds: Readonly<Record<string, Kind>>;
}

/** For {@link Kind.needed}. */
export const always = (): boolean => true;

/** What is wrong with an object of a kind; nothing where it is one of those that there may be. */
export function problemOf(given: Given, kind: Kind, house: House): string | undefined {
  const differing = kind.objects(house).map((shape) => ({ shape, properties: differences(given, shape, kind) }));
  // What names an object comes first in its shape: of two as close, the one is meant whose first difference comes later.
  const [closest] = [...differing].sort(
    (one, other) => one.properties.length - other.properties.length || sameUpTo(other) - sameUpTo(one),
  );
  if (closest === undefined) return "the config asks for none of its kind";
  const [property] = closest.properties;
  if (property === undefined) return undefined;
  const allowed = differing
    .filter(({ properties }) => properties.length === closest.properties.length && properties[0] === property)
    .map(({ shape }) => (property in shape ? JSON.stringify(shape[property]) : "left out"));
  const hidden = isKnown(given[property]) ? "" : "is not known before the update, and ";
  return `its \`${property}\` ${hidden}has to be ${[...new Set(allowed)].join(" or ")}`;
}

const sameUpTo = ({ shape, properties: [first = ""] }: { shape: Shape; properties: string[] }): number =>
  first in shape ? Object.keys(shape).indexOf(first) : Object.keys(shape).length;

/** The objects that are needed and not there, in words. */
export const missingOf = (there: readonly Given[], kind: Kind, house: House): string[] =>
  kind
    .objects(house)
    .filter((shape) => kind.needed?.(shape) && !there.some((each) => differences(each, shape, kind).length === 0))
    .map((shape) =>
      Object.entries(shape)
        .slice(0, 2)
        .map(([property, value]) => `${property} ${JSON.stringify(value)}`)
        .join(" and "),
    );

function differences(given: Given, shape: Shape, { free = [], later = [], madeBy = {} }: Kind): string[] {
  const ignored = [...free, ...Object.keys(madeBy)];
  const set = Object.keys(given).filter((property) => !ignored.includes(property));
  return [...new Set([...Object.keys(shape), ...set])].filter((property) => {
    const value = given[property];
    return isKnown(value) ? sorted(value) !== sorted(shape[property]) : !later.includes(property);
  });
}

/** One text for values that are the same but for the order of lists. */
const sorted = (value: unknown): string => canonicalJson(inOrder(value));

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inOrder(each)]));
}
