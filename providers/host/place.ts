import type { Subject } from "../dynamic/http";
import type { Draft } from "../dynamic/kind";
import type { Problems } from "../dynamic/problems";
import { compareFoldersAbove, misplaced } from "./folders";
import type { Host } from "./host";
import { shellQuote } from "./shell";

/** Where a file or a folder is, and whose. */
interface Place {
  readonly path: string;
  readonly owner?: string;
  readonly mode?: string;
}

/** What is at a path. */
export interface Found {
  /** A link is `other`, whatever it leads to. */
  readonly type: "file" | "directory" | "other";
  /** Numeric `uid:gid`. */
  readonly owner: string;
  /** Four octal digits. */
  readonly mode: string;
  /** What is wrong with the folders above it. */
  readonly folders?: string;
  /** Of a file; its first {@link longest} bytes. */
  readonly content: Buffer;
}

/** More than any file of the stack's has; somebody may have put anything in its place. */
const longest = 1 << 20;

/** Looks what is at a path, and changes nothing; nothing where nothing is there. */
export async function look(host: Host, path: string, subject: Subject): Promise<Found | undefined> {
  const quoted = shellQuote(path);
  const script = [
    "set -eu",
    `if [ ! -e ${quoted} ] && [ ! -L ${quoted} ]; then exit 0; fi`,
    "export LC_ALL=C",
    compareFoldersAbove(path),
    "echo",
    `stat -c '%u:%g %a %F' -- ${quoted}`,
    `if [ -f ${quoted} ] && [ ! -L ${quoted} ]; then head -c ${longest + 1} -- ${quoted}; fi`,
  ].join("\n");
  const output = await host.run(script, subject);
  if (output.length === 0) return undefined;
  const begin = output[0] === 10 ? 1 : output.indexOf("\n\n") + 2;
  const folders = output.subarray(0, begin).toString().trim().replaceAll("\n", "; ");
  const end = output.indexOf("\n", begin);
  const said = output.subarray(begin, end).toString();
  const [, owner = "", mode = "", kind = ""] = /^(\d+:\d+) (\d+) (.*)$/.exec(said) ?? [];
  if (owner === "") throw new TypeError("`stat` printed something else than an owner, a mode and a type");
  const type = /^regular (empty )?file$/.test(kind) ? "file" : kind === "directory" ? "directory" : "other";
  return { type, owner, mode: mode.padStart(4, "0"), folders: folders || undefined, content: output.subarray(end + 1) };
}

/** Names everything that is wrong with a place. */
export function checkPlace({ path, owner, mode }: Draft<Place>, problems: Problems): void {
  const isPath = (text: string): boolean => /^(\/[^/\0\n]+)+$/.test(text) && !/\/\.\.?(\/|$)/.test(text);
  problems.expect(
    "path",
    path,
    isPath,
    "{value} is no absolute path of its shortest form; write it as /srv/edge/x.yml",
  );
  const isOwner = (text: string): boolean => /^\d+:\d+$/.test(text);
  problems.expect("owner", owner, isOwner, "{value} is no numeric uid:gid; write it as 1000:1000");
  problems.expect("mode", mode, (text) => /^0[0-7]{3}$/.test(text), "{value} is no octal mode; write it as 0644");
}

export const about = (action: string, object: string, { path = "" }: Draft<Place>): Subject => ({
  action,
  object,
  name: path,
  remedies: { [misplaced]: "Nothing of it was deleted: move it away, then run the update again." },
});
