import type { Subject } from "../dynamic/http";
import type { Known } from "../dynamic/kind";
import type { Problems } from "../dynamic/problems";
import { compareFolder, misplaced, site } from "./folders";
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
  readonly type: "file" | "directory" | "other";
  /** Numeric `uid:gid`. */
  readonly owner: string;
  /** Four octal digits. */
  readonly mode: string;
  /** What is wrong with the folders above it. */
  readonly folders?: string;
  /** Bytes, of a file. */
  readonly size: number;
  /** Of a file that has no more than {@link longest} bytes. */
  readonly content?: Buffer;
}

/** Bytes that a file may have. More is not read: somebody may have put anything in its place. */
export const longest = 1 << 20;

/** The exit code of a script that met a link. It is the number of `ELOOP`. */
const isLink = 40;

/**
 * The begin of a script that works in the folder that holds a path, as root: it goes there step by step, and stays in what it
 * entered whatever becomes of the names. No link is followed but where the folder that holds it is root's alone: who may
 * write in it, such as the user of a container in its data, could else lead root anywhere. `into` goes one step more.
 *
 * Below {@link site} none is. The folders that are missing were made from `$made` on.
 *
 * @param absent what is done where a folder on the way is not there: its name is in `part`
 * @param within what is done in each folder below {@link site}, whose path is in `at`
 */
export function inFolder(path: string, absent: string, within = ":"): string {
  const parts = path.split("/").slice(1);
  return `set -eu
umask 077
refuse() { echo "$1 is a link, which is not followed" >&2; exit ${isLink}; }
misplaced() { echo "$1" >&2; exit ${misplaced}; }
into() { here=\${PWD%/}; cd -P -- "./$1"; [ "$PWD" = "$here/$1" ] || refuse "$here/$1"; }
at=
made=
cd /
for part in ${parts.slice(0, -1).map(shellQuote).join(" ")}; do
  at=$at/$part
  if [ -L "./$part" ]; then
    case $at in ${shellQuote(`${site.root}/`)}*) refuse "$at" ;; esac
    case $(stat -c '%u %A' .) in "0 "d????-??-*) cd -P -- "./$part" ;; *) refuse "\${PWD%/}/$part" ;; esac
  else
    [ -e "./$part" ] || ${absent}
    [ -d "./$part" ] || misplaced "$at is no folder"
    into "$part"
  fi
  case $at in ${shellQuote(`${site.root}/`)}*) ${within} ;; esac
done
[ ! -L ${own(path)} ] || refuse ${shellQuote(path)}`;
}

/** What is at a path, in its folder, for a shell. */
export const own = (path: string): string => shellQuote(`.${path.slice(path.lastIndexOf("/"))}`);

/** Makes a folder on the way to a file or folder, unless somebody just did; others can pass it. */
export const makePart = '{ mkdir -m 0755 -- "./$part" && made=${made:-$at}; } || [ -d "./$part" ]';

/** Fails where a file or folder has not got the owner and mode that it was given. */
export function expectPlace(at: string, { owner = "", mode = "" }: Known<Place>): string {
  const wanted = `${owner} ${Number.parseInt(mode, 8).toString(8)}`;
  return `[ "$(stat -c '%u:%g %a' ${at})" = '${wanted}' ] || { echo "its disk does not keep an owner and a mode" >&2; exit 1; }`;
}

/** Looks what is at a path, and changes nothing; nothing where nothing is there. */
export async function look(host: Host, path: string, subject: Subject): Promise<Found | undefined> {
  const at = own(path);
  const script = [
    "wrong=",
    inFolder(path, "exit 0", compareFolder),
    `[ -e ${at} ] || exit 0`,
    'echo "$wrong"',
    `LC_ALL=C stat -c '%u:%g %a %s %F' -- ${at}`,
    `[ ! -f ${at} ] || [ "$(stat -c %s -- ${at})" -gt ${longest} ] ||`,
    `dd if=${at} bs=${longest} count=1 iflag=fullblock,nofollow,nonblock status=none`,
  ].join("\n");
  const output = await host.run(script, subject);
  if (output.length === 0) return undefined;
  const begin = output.indexOf("\n") + 1;
  const folders = output.subarray(0, begin).toString().trim();
  const end = output.indexOf("\n", begin);
  const line = output.subarray(begin, end).toString();
  const [, owner = "", mode = "", size = "", kind = ""] = /^(\d+:\d+) (\d+) (\d+) (.*)$/.exec(line) ?? [];
  if (owner === "") throw new TypeError("`stat` printed something else than an owner, a mode, a size and a type");
  const type = /^regular (empty )?file$/.test(kind) ? "file" : kind === "directory" ? "directory" : "other";
  const known = { type, owner, mode: mode.padStart(4, "0"), size: Number(size), ...(folders && { folders }) } as const;
  return known.size > longest ? known : { ...known, content: output.subarray(end + 1) };
}

/** Names everything that is wrong with a place. */
export function checkPlace({ path, owner, mode }: Known<Place>, problems: Problems): void {
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

export const about = (action: string, object: string, { path = "" }: Known<Place>): Subject => ({
  action,
  object,
  name: path,
  remedies: {
    [isLink]:
      "Nothing was changed. Remove the link; what has to be on another disk is mounted there instead (mount --bind, with its " +
      "line in /etc/fstab).",
    [misplaced]: "Nothing of it was deleted: move it away, then run the update again.",
  },
});
