import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import type { Host } from "./host";
import { about, checkPlace, expectPlace, inFolder, longest, look, makePart, own } from "./place";

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

/** Arguments of {@link File}. */
export type FileArgs = Inputs<FileValues>;

/**
 * A file on a machine. Id: its path. It is written only where it is not what it should be, aside and then renamed, so that no
 * reader sees half of it. A change by hand, of its owner or mode too, is found by a refresh and set right by the next update.
 * Deleting it removes whatever file is at its path, but not one that another resource of the run has.
 */
export class File extends DynamicResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: FileArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...file, isConnectionPublic: true }, name, args, opts);
  }
}

export const file: Kind<Host, FileValues> = {
  token: "host:File",
  noun: "file",
  identity: ["path"],
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
    return write(host, args, about("create", "file", args));
  },

  async adopt(host, args) {
    return (await look(host, args.path, about("read", "file", args))) && {};
  },

  async sync(host, args) {
    return write(host, args, about("update", "file", args));
  },

  async read(host, names) {
    const there = await look(host, names.path ?? "", about("read", "file", names));
    if (there?.type !== "file") return undefined;
    const { owner, mode, size, content = `longer than 1 MiB: ${size} bytes` } = there;
    return { args: { ...names, owner, mode, content: content.toString() }, outs: {} };
  },

  async delete(host, names) {
    const script = `${inFolder(names.path, "exit 0")}\nrm -f -- ${own(names.path)}`;
    await host.run(script, about("delete", "file", names));
  },
};

/** Writes the file where it is not yet what it should be: who watches its folder hears nothing otherwise. */
async function write(host: Host, args: FileValues, subject: Subject): Promise<object> {
  const { path, content, owner = "", mode } = args;
  const there = await look(host, path, subject);
  const isSame = there?.type === "file" && there.owner === owner && there.mode === mode;
  if (!isSame || there.content?.equals(Buffer.from(content)) !== true)
    await host.run(writeScript(args), subject, content);
  return {};
}

/**
 * Reads the content on standard input; owner and mode are set before the file gets its name, in a folder that is root's alone.
 * Where the connection breaks, the input ends as it does after all of it.
 */
function writeScript({ path, content, owner, mode }: FileValues): string {
  return [
    inFolder(path, makePart),
    "new=$(mktemp -d .homelab.XXXXXX)",
    `trap 'exit 1' HUP INT TERM`,
    `trap 'cd .. && rm -rf -- "./$new"' EXIT`,
    'into "$new"',
    "cat > file",
    `[ "$(stat -c %s file)" = ${Buffer.byteLength(content)} ] || { echo "its text broke off" >&2; exit 1; }`,
    `chown ${owner} file`,
    `chmod ${mode} file`,
    expectPlace("file", { owner, mode }),
    `mv -fT file .${own(path)}`,
  ].join("\n");
}
