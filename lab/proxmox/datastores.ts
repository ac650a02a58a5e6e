import { lstatSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { failure } from "./errors";
import type { State } from "./state";

/** A place for disks or files, as every node of the lab has it. */
export interface Datastore {
  readonly storage: string;
  readonly type: "dir" | "lvmthin";
  readonly content: readonly string[];
  /** Where its files are, as the nodes see it. */
  readonly path?: string;
}

/** A file or a disk on a datastore. */
export interface Content {
  readonly volid: string;
  readonly content: string;
  readonly format: string;
  readonly size: number;
  readonly ctime?: number;
  readonly vmid?: number;
}

const gib = 2 ** 30;

/** What a Proxmox installation starts with, with images and snippets allowed on `local`. */
export const datastores: readonly Datastore[] = [
  { storage: "local", type: "dir", content: ["backup", "import", "iso", "snippets", "vztmpl"], path: "/var/lib/vz" },
  { storage: "local-lvm", type: "lvmthin", content: ["images", "rootdir"] },
];

/** Bytes a datastore holds in all. */
export const datastoreSize = 500 * gib;

const folders: Readonly<Record<string, string>> = {
  backup: "dump",
  import: "import",
  iso: "template/iso",
  snippets: "snippets",
  vztmpl: "template/cache",
};

/** Looks up a datastore. */
export function datastore(name: string): Datastore {
  const found = datastores.find((each) => each.storage === name);
  if (!found) throw failure(`storage '${name}' does not exist`);
  return found;
}

/** Makes the folders of the datastore `local`. */
export function prepareStorage(root: string): void {
  for (const folder of Object.values(folders)) mkdirSync(join(root, folder), { recursive: true });
}

/** The file on this computer that a path on a node means; nothing outside the datastore has one, nor behind a link. */
export function fileOnNode(root: string, path: string): string | undefined {
  const base = `${datastore("local").path ?? ""}/`;
  const clean = normalize(path);
  if (!clean.startsWith(base)) return undefined;
  const parts = clean.slice(base.length).split("/");
  const steps = parts.map((_, index) => join(root, ...parts.slice(0, index + 1)));
  const isLink = (step: string): boolean => lstatSync(step, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return steps.some(isLink) ? undefined : join(root, ...parts);
}

/** The parts of a volume id of a file, as in `local:import/debian.qcow2`. */
export function parseFileVolume(volid: string): { storage: string; content: string; name: string } {
  const parsed = /^([^:]+):(import|iso|snippets|vztmpl|backup)\/([^/]+)$/.exec(volid);
  const [, storage, content, name] = parsed ?? [];
  if (storage === undefined || content === undefined || name === undefined || name === "." || name === "..")
    throw failure(`unable to parse directory volume name '${volid.replace(/^[^:]+:/, "")}'`);
  return { storage, content, name };
}

/** The file behind a volume id, as the nodes see it. */
export function nodePath(volid: string): string {
  const { storage, content, name } = parseFileVolume(volid);
  return `${datastore(storage).path ?? ""}/${folders[content] ?? content}/${name}`;
}

/** The file behind a volume id, on this computer. */
export function volumeFile(root: string, volid: string): string {
  const { content, name } = parseFileVolume(volid);
  return join(root, folders[content] ?? content, name);
}

/** The files and disks on a datastore. */
export function contentOf(root: string, state: State, name: string): Content[] {
  const store = datastore(name);
  if (store.path === undefined) {
    return Object.entries(state.volumes)
      .filter(([volid]) => volid.startsWith(`${name}:`))
      .map(([volid, { size, format, vmid }]) => ({ volid, content: "images", format, size, vmid }));
  }
  return store.content.flatMap((content) => {
    const folder = join(root, folders[content] ?? content);
    return readdirSync(folder).map((file) => {
      const { size, mtimeMs } = statSync(join(folder, file));
      const format = content === "snippets" ? "snippet" : (file.split(".").pop() ?? "");
      return { volid: `${name}:${content}/${file}`, content, format, size, ctime: Math.floor(mtimeMs / 1000) };
    });
  });
}
