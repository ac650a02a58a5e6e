import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import type { Host } from "./host";
import { about, checkPlace, expectPlace, inFolder, look, makePart, own } from "./place";
import { shellQuote } from "./shell";

/** What a folder on a machine is. */
export interface DirectoryValues {
  /** Absolute path. **A change makes another folder; the data stays in the old one.** */
  readonly path: string;
  /** Numeric `uid:gid` of who may use it. */
  readonly owner: string;
  /** Octal permissions. Default `0700`. */
  readonly mode?: string;
}

/** Arguments of {@link Directory}. */
export type DirectoryArgs = Inputs<DirectoryValues>;

/** A folder on a machine. Id: its path. Deleting it keeps the folder with all that is in it. */
export class Directory extends DynamicResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: DirectoryArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...directory, isConnectionPublic: true }, name, args, opts);
  }
}

export const directory: Kind<Host, DirectoryValues> = {
  token: "host:Directory",
  noun: "folder",
  identity: ["path"],
  defaults: { mode: "0700" },

  check: checkPlace,

  async create(host, args) {
    return make(host, args, about("create", "folder", args));
  },

  async adopt(host, args) {
    return (await look(host, args.path, about("read", "folder", args))) && {};
  },

  async sync(host, args) {
    return make(host, args, about("update", "folder", args));
  },

  async read(host, names) {
    const there = await look(host, names.path ?? "", about("read", "folder", names));
    if (there?.type !== "directory") return undefined;
    return { args: { ...names, owner: there.owner, mode: there.mode }, outs: {} };
  },

  delete(host, { path }) {
    const remedy = `To remove it too, there: sudo rm -r ${shellQuote(path)}`;
    console.error(`${path} stays on ${host.address}, with what is in it. ${remedy}`);
    return Promise.resolve();
  },
};

/** Makes the folder, or gives it its owner and mode. What is in it is left alone. */
async function make(host: Host, { path, owner, mode }: DirectoryValues, subject: Subject): Promise<object> {
  const there = await look(host, path, subject);
  const isSame = there?.type === "directory" && there.owner === owner && there.mode === mode;
  if (isSame) return {};
  const made = (await host.run(makeScript({ path, owner, mode }), subject)).toString().trim();
  if (made !== "") await host.restarts.after({ made });
  return {};
}

/**
 * Prints the uppermost folder that it made. Of a mode of four digits GNU's `chmod` leaves a folder's setuid, setgid and sticky
 * bits alone; of five it sets all.
 */
function makeScript({ path, owner, mode }: DirectoryValues): string {
  const at = own(path);
  return [
    inFolder(path, makePart),
    `[ -e ${at} ] || { mkdir -- ${at} && made=\${made:-${shellQuote(path)}}; } || [ -d ${at} ]`,
    `[ -d ${at} ] || misplaced ${shellQuote(`${path} is something else than a folder`)}`,
    `into ${shellQuote(path.slice(path.lastIndexOf("/") + 1))}`,
    `chown ${owner} .`,
    `chmod 0${mode} .`,
    expectPlace(".", { owner, mode }),
    `echo "$made"`,
  ].join("\n");
}
