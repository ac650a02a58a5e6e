import type { Fields, Property } from "./schema";

/** A property string such as `local-lvm:0,import-from=local:import/x.qcow2,size=62G`, in order. */
export type Properties = Map<string, string>;

/** Reads a property string; a part without `=` is the value of the default field. Throws Proxmox's complaint. */
export function parseProperties(value: string, fields: Fields): Properties {
  const properties: Properties = new Map();
  const set = (name: string, content: string): void => {
    if (properties.has(name)) throw new Error(`duplicate key in comma-separated list property: ${name}`);
    properties.set(name, content);
  };
  for (const part of value.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const [name, content] = split(part);
    if (name === undefined) {
      const key = Object.keys(fields).find((field) => fields[field]?.defaultKey);
      if (key === undefined) throw new Error(`value without key, but schema does not define a default key`);
      if (properties.has(key)) throw new Error(`value without key, but schema does not define a default key`);
      set(key, content);
      continue;
    }
    const alias = fields[name]?.keyAlias;
    if (alias === undefined) set(name, content);
    else {
      set(alias, name);
      set("macaddr", content);
    }
  }
  return properties;
}

function split(part: string): [string | undefined, string] {
  const separator = part.indexOf("=");
  return separator < 0 ? [undefined, part] : [part.slice(0, separator), part.slice(separator + 1)];
}

/** Writes a property string; `bare` is the field whose name is left out. */
export function formatProperties(properties: Properties, bare?: string): string {
  const first = bare === undefined ? undefined : properties.get(bare);
  const named = [...properties].filter(([name]) => name !== bare).map(([name, value]) => `${name}=${value}`);
  return (first === undefined ? named : [first, ...named]).join(",");
}

/** The fields that a property string lacks although they are required. */
export function missingFields(properties: Properties, fields: Fields): string[] {
  const required = (property: Property): boolean => !property.optional && property.keyAlias === undefined;
  return Object.entries(fields)
    .filter(([name, property]) => required(property) && !properties.has(name))
    .map(([name]) => name);
}
