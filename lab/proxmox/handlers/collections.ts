import { failure } from "../errors";
import { checkDigest } from "../guests";
import { change, inPath, type Call, type Handler } from "../lab";
import { endpoints } from "../endpoints";
import type { CollectionName, Entry } from "../state";

/** Objects that are only stored and shown: what differs between their kinds. */
export interface Collection {
  readonly name: CollectionName;
  /** The name of the id in the path and in answers. */
  readonly id: string;
  /** Proxmox's words for a missing object. */
  readonly missing: (id: string) => Error;
  /** Proxmox's words for one that is there already. */
  readonly exists: (id: string) => Error;
  /** The object as the API shows it. */
  readonly show?: (entry: Entry, id: string) => object;
}

/** The stored object in the path. */
export function stored(call: Call, { name, id, missing }: Collection): Entry {
  const key = inPath(call, id);
  const entry = call.lab.store.collection(name)[key];
  if (!entry) throw missing(key);
  return entry;
}

/** Lists the objects of a collection, each with its id. */
export const listAll =
  ({ name, id, show = (entry) => entry }: Collection): Handler =>
  (call) =>
    Object.entries(call.lab.store.collection(name)).map(([key, entry]) => ({ [id]: key, ...show(entry, key) }));

/** Shows one object. */
export const read =
  (collection: Collection): Handler =>
  (call) =>
    (collection.show ?? ((entry: Entry) => entry))(stored(call, collection), inPath(call, collection.id));

/** Stores a new object; its id is in the path, or else a parameter. */
export function create(endpoint: string, { name, id, exists }: Collection, defaults: Entry = {}): Handler {
  return (call) => {
    const key = call.path[id] ?? call.values.text(id);
    const entries = call.lab.store.collection(name);
    if (entries[key]) throw exists(key);
    change(call.lab, () => (entries[key] = { ...defaults, ...call.values.record(parametersOf(endpoint), id) }));
    return null;
  };
}

/** Changes an object: sets what is given and unsets what `delete` lists. */
export function update(endpoint: string, collection: Collection): Handler {
  return (call) => {
    const entry = stored(call, collection);
    checkDigest(entry, call.values.find("digest"));
    change(call.lab, () => {
      Object.assign(entry, call.values.record(parametersOf(endpoint), "delete", "digest", "append"));
      for (const option of call.values.list("delete")) delete entry[option];
    });
    return null;
  };
}

/** Removes an object. */
export const remove =
  (collection: Collection): Handler =>
  (call) => {
    stored(call, collection);
    change(call.lab, () => delete call.lab.store.collection(collection.name)[inPath(call, collection.id)]);
    return null;
  };

/** What an endpoint takes. */
export function parametersOf(endpoint: string) {
  const found = endpoints[endpoint];
  if (!found) throw new Error(`There is no endpoint '${endpoint}'.`);
  return found.parameters;
}

/** Words for a missing and an existing object that only differ in the kind. */
export const messages = (kind: string, action: string) => ({
  missing: (id: string) => failure(`${kind} '${id}' does not exist`),
  exists: (id: string) => failure(`${action}: ${kind} '${id}' already exists`),
});
