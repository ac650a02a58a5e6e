import type { FormatName } from "./formats";

/** One parameter of an endpoint, or one field of a property string, in the terms of Proxmox's own API description. */
export interface Property {
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly optional?: true;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** A named format, or the fields of a property string such as `virtio,bridge=vmbr0`. */
  readonly format?: FormatName | Fields;
  /** The field of a property string whose name may be left out. */
  readonly defaultKey?: true;
  /** Another field this one stands for: `virtio=<mac>` is `model=virtio` plus the address. */
  readonly keyAlias?: string;
  /** How many numbers a parameter named `x[n]` has: 32 allows `x0` to `x31`. */
  readonly count?: number;
}

/** The fields of a property string. */
export interface Fields {
  readonly [name: string]: Property;
}

/** The parameters of one endpoint; names in the path are not among them. */
export type Parameters = Readonly<Record<string, Property>>;

type Rules = Omit<Property, "type" | "optional">;

export const text = (rules: Rules = {}): Property => ({ type: "string", ...rules });
export const integer = (rules: Rules = {}): Property => ({ type: "integer", ...rules });
export const number = (rules: Rules = {}): Property => ({ type: "number", ...rules });
export const flag = (): Property => ({ type: "boolean" });
export const oneOf = (...values: string[]): Property => ({ type: "string", enum: values });
/** A property string with these fields. */
export const fields = (format: Fields, rules: Rules = {}): Property => ({ type: "string", format, ...rules });

/** The same parameters, none of them required. */
export function optional(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, property]) => [name, { ...property, optional: true }]),
  );
}

/** The same parameters without some. */
export function without(parameters: Parameters, ...names: string[]): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));
}

/** The property a parameter name stands for: `net3` finds `net[n]` while 3 is below its count. */
export function propertyOf(parameters: Parameters, name: string): Property | undefined {
  const exact = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (exact !== undefined) return exact;
  const numbered = /^([a-z-]+?)(0|[1-9]\d*)$/.exec(name);
  if (!numbered) return undefined;
  const family = parameters[`${numbered[1]}[n]`];
  return family?.count !== undefined && Number(numbered[2]) < family.count ? family : undefined;
}
