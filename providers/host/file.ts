import { createHash } from "node:crypto";

import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { mendFolder } from "./folders";
import type { Host } from "./host";
import { about, checkPlace, expectPlace, inFolder, longest, look, makePart, own } from "./place";
import type { Mend } from "./restarts";
import { shellQuote } from "./shell";

/** What a file on a machine is. */
export interface FileValues {
  /** Absolute path. **A change makes the file there, and removes it here.** */
  readonly path: string;
  /** Its text; a secret stays one. */
  readonly content: string;
  /** Numeric `uid:gid`. Default `0:0`. */
  readonly owner?: string;
  /** Octal permissions. Default `0644`. */
  readonly mode?: string;
}

/** What is amiss with a file besides what it is itself. */
interface FileOutputs {
  /** SHA-256 of the text that the program wrote, where a refresh found another. */
  readonly written?: string;
  /** What is wrong with the folders above it. */
  readonly folders?: string;
}

/** Arguments of {@link File}. */
export type FileArgs = Inputs<FileValues>;

/**
 * A file on a machine. Id: its path. It is written only where it is not what it should be, aside and then renamed, so that no
 * reader sees half of it. A change by hand, of its owner or mode too, or of the folders above it, is found by a refresh and set
 * right by the next update, which starts the containers again that may run on what was there.
 * Deleting it removes whatever file is at its path, but not one that another resource of the run has.
 */
export class File extends DynamicResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: FileArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...file, isConnectionPublic: true }, name, args, opts);
  }
}

export const file: Kind<Host, FileValues, FileOutputs> = {
  token: "host:File",
  noun: "file",
  identity: ["path"],
  outputs: ["written", "folders"],
  amiss: ["written", "folders"],
  defaults: { owner: "0:0", mode: "0644" },

  check(args, problems) {
    checkPlace(args, problems);
    problems.expect("content", args.content, (text) => typeof text === "string", "is no text; give the file's text");
    const size = Buffer.byteLength(typeof args.content === "string" ? args.content : "");
    if (size > longest)
      problems.add(
        "content",
        `has ${size} bytes; a file may have ${longest}, as no more is compared with the machine's`,
      );
  },

  async create(host, args) {
    const subject = about("create", "file", args);
    // What a refresh found gone is not in the state. No container mounts what is new.
    const put = await write(host, args, subject);
    if (put) await host.restarts.after({ path: args.path, ...put });
    return {};
  },

  async adopt(host, args) {
    return (await look(host, args.path, about("read", "file", args))) && {};
  },

  async sync(host, args, { written }, before) {
    const { path } = args;
    const put = await write(host, args, about("update", "file", args));
    const isMend = (written ?? digest(before.content)) === digest(args.content);
    // One that was interrupted may have written it already.
    if (isMend && (put || written)) await host.restarts.after({ path, ...put });
    if (!isMend && put) {
      host.restarts.spare(path);
      if (put.made) await host.restarts.after({ made: put.made });
    }
    return { written: undefined, folders: undefined };
  },

  async read(host, names, known, before) {
    const there = await look(host, names.path ?? "", about("read", "file", names));
    if (there?.type !== "file") return undefined;
    const { owner, mode, folders, size } = there;
    const content = there.content?.toString() ?? `longer than 1 MiB: ${size} bytes`;
    const isForeign = before.content !== undefined && before.content !== content;
    const written = known.written ?? (isForeign ? digest(before.content) : undefined);
    return { args: { ...names, owner, mode, content }, outs: { written, folders } };
  },

  async delete(host, names) {
    const script = `${inFolder(names.path, "exit 0")}\nrm -f -- ${own(names.path)}`;
    await host.run(script, about("delete", "file", names));
  },
};

const digest = (text?: string): string | undefined =>
  text === undefined ? undefined : `sha256:${createHash("sha256").update(text).digest("hex")}`;

/**
 * Makes the file what it should be, where it is not yet: who watches its folder hears nothing otherwise. Tells what had to give
 * way, where its text was another. Otherwise it is the same file still, which containers go on with.
 */
async function write(host: Host, args: FileValues, subject: Subject): Promise<Omit<Mend, "path"> | undefined> {
  const { path, content, owner = "", mode } = args;
  const there = await look(host, path, subject);
  if (there?.folders) console.error(`Setting right that ${there.folders}.`);
  const hasText = there?.type === "file" && there.content?.equals(Buffer.from(content)) === true;
  if (hasText && there.owner === owner && there.mode === mode && !there.folders) return undefined;
  const printed = (await host.run(writeScript(args, hasText), subject, content)).toString();
  if (printed === "") return undefined;
  const [since, made] = printed.split("\n");
  return { ...(since && { since: Number(since) }), ...(made && { made }) };
}

/**
 * Reads the content on standard input; owner and mode are set before the file gets its name, in a folder that is root's alone.
 * Where the connection breaks, the input ends as it does after all of it. Prints since when the one before it had its text, and
 * the uppermost folder that it made; nothing where it kept a file that has the text.
 */
function writeScript({ path, content, owner, mode }: FileValues, hasText: boolean): string {
  const place = { owner, mode };
  const keep = `chown ${owner} ${own(path)}; chmod 0${mode} ${own(path)}; ${expectPlace(own(path), place)}; exit 0`;
  return [
    inFolder(path, makePart, mendFolder),
    `[ ! -d ${own(path)} ] || misplaced ${shellQuote(`${path} is a folder, where a file belongs`)}`,
    // Elsewhere its name may stand for another file by now.
    ...(hasText ? [`case $(stat -c '%u %A' .) in "0 "d????-??-*) ${keep} ;; esac`] : []),
    "new=$(mktemp -d .homelab.XXXXXX)",
    `trap 'exit 1' HUP INT TERM`,
    `trap 'cd .. && rm -rf -- "./$new"' EXIT`,
    'into "$new"',
    "cat > file",
    `[ "$(stat -c %s file)" = ${Buffer.byteLength(content)} ] || { echo "its text broke off" >&2; exit 1; }`,
    `chown ${owner} file`,
    `chmod ${mode} file`,
    expectPlace("file", place),
    `since=$(stat -c %Y .${own(path)} 2>/dev/null || true)`,
    `mv -fT file .${own(path)}`,
    `printf '%s\\n' "$since" "$made"`,
  ].join("\n");
}
