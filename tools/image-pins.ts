import { digestOf } from "./image-digest";

/** What {@link pinImages} made of `versions.ts`. */
export interface Pinned {
  source: string;
  /** The references that got a digest, with it. */
  pinned: string[];
  /** Why others got none. */
  problems: string[];
}

/** Adds the digest to every image of `versions.ts` that has only a tag. */
export async function pinImages(source: string, resolve = digestOf): Promise<Pinned> {
  const result: Pinned = { source, pinned: [], problems: [] };
  for (const reference of unpinned(source)) {
    try {
      const pinned = `${reference}@${await resolve(reference)}`;
      result.source = result.source.replaceAll(`"${reference}"`, `"${pinned}"`);
      result.pinned.push(pinned);
    } catch (error) {
      result.problems.push((error as Error).message);
    }
  }
  return result;
}

function unpinned(source: string): string[] {
  const [, entries = ""] = /export const images = \{(.*?)\} as const;/s.exec(source) ?? [];
  if (!entries) throw new Error("versions.ts has no `export const images = { … } as const;`.");
  const references = [...entries.matchAll(/^\s*\w+:\s*"([^"]+)"/gm)].map(([, reference = ""]) => reference);
  return references.filter((reference) => !reference.includes("@"));
}
