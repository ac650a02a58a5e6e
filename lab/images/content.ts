import { parseReference } from "../../config/image-reference";
import type { LayerFile } from "./layer";
import type { Image } from "./registry";
import { tar, type TarEntry } from "./tar";

/** What an image has above the base, and how it is started. */
export interface Content {
  entries: TarEntry[];
  config: Record<string, unknown>;
}

/** A user of an image, who has a group of the same name and number. */
export interface User {
  name: string;
  id: number;
  home: string;
}

/** An image of the lab's own, under the name and tag of a reference. */
export function imageOf(reference: string, { entries, config }: Content, base: LayerFile): Image {
  const { repository, tag } = parseReference(reference);
  return { name: repository, tag, layers: [base, tar(entries)], config };
}

/** Where Debian has programs. */
export const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const file = (path: string, content: string, mode = 0o644): TarEntry => ({
  path,
  mode,
  content: Buffer.from(content),
});
export const program = (path: string, content: string): TarEntry => file(path, content, 0o755);
export const folder = (path: string, owner: number, mode = 0o755): TarEntry => ({ path, mode, owner });

/** The accounts of an official image, in place of those that Debian's packages made. */
export function accounts(...users: readonly User[]): TarEntry[] {
  const all = [{ name: "root", id: 0, home: "/root" }, ...users];
  const lines = all.map(({ name, id, home }) => `${name}:x:${id}:${id}:${name}:${home}:/bin/sh\n`);
  const groups = all.map(({ name, id }) => `${name}:x:${id}:\n`);
  return [file("etc/passwd", lines.join("")), file("etc/group", groups.join(""))];
}
