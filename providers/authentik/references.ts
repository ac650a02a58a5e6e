import type { Subject } from "../dynamic/http";
import { sortedSet, type Properties } from "../dynamic/values";
import type { Authentik } from "./api";
import type { Lookup } from "./lookup";

/** What turns names into ids and back. */
export type Names = Pick<Lookup<unknown, string>, "id" | "ids" | "name" | "names">;

/** The inputs that name other objects, one or a list, and where those are looked up. */
export type References<Args> = { readonly [Input in keyof Args]?: Names };

/** The inputs as Authentik takes them: with ids for names, and `null` for an empty one. */
export async function withIds<Args extends object>(
  api: Authentik,
  args: Args,
  references: References<Args>,
  subject: Subject,
): Promise<Properties> {
  const body: Properties = { ...(args as Properties) };
  for (const [input, names] of Object.entries<Names | undefined>(references)) {
    const value = body[input];
    if (value === undefined || !names) continue;
    if (Array.isArray(value)) body[input] = await names.ids(api, value.map(String), subject);
    else body[input] = value === "" ? null : await names.id(api, String(value), subject);
  }
  return body;
}

/** The reverse: the named fields of a row, as inputs would give them. Lists of objects have no order of their own. */
export async function withNames<Args extends object>(
  api: Authentik,
  row: object,
  inputs: readonly (keyof Args & string)[],
  references: References<Args>,
  subject: Subject,
): Promise<Partial<Args>> {
  const args: Properties = {};
  for (const input of inputs) {
    const value = (row as Properties)[input];
    const names = references[input];
    if (!names) args[input] = value;
    else if (Array.isArray(value)) args[input] = sortedSet(await names.names(api, value.map(String), subject));
    else args[input] = (await names.name(api, value as string | null | undefined, subject)) ?? "";
  }
  return args as Partial<Args>;
}

/** Inputs with their lists of names in the one form that {@link withNames} gives them. */
export function sortNames<Args extends object>(args: Args, references: References<Args>): Args {
  const sorted: Properties = { ...(args as Properties) };
  for (const input of Object.keys(references)) {
    const value = sorted[input];
    if (Array.isArray(value)) sorted[input] = sortedSet(value.map(String));
  }
  return sorted as Args;
}

/** For a word that is no name of anything, but `null` to Authentik where an input has it empty. */
export const itself: Names = {
  id: (_api, word) => Promise.resolve(word),
  ids: (_api, words) => Promise.resolve([...words]),
  name: (_api, word) => Promise.resolve(word ?? undefined),
  names: (_api, words) => Promise.resolve([...(words ?? [])]),
};
