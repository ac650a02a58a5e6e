import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { Machine } from "./machine";
import { shellQuote } from "./shell";

/** Arguments of {@link HostFile}. */
export interface HostFileArgs {
  /** Where the file lives. */
  machine: Machine;
  /** Absolute path. A change moves the file: the old one is removed. */
  path: string;
  /** Text of the file. A secret stays one: it travels on standard input, never in a command line. */
  content: pulumi.Input<string>;
  /** Numeric `uid:gid`. Default `0:0`. */
  owner?: string;
  /** Octal permissions. Default `0644`. */
  mode?: string;
}

/** A file on a machine. It appears in one step (written aside, then renamed), so no reader ever sees half of it. */
export class HostFile extends pulumi.ComponentResource {
  /** The path, known once the file is there: a container that mounts it waits for it. */
  readonly path: pulumi.Output<string>;

  constructor(name: string, args: HostFileArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:File", name, args, opts);
    const file = new command.remote.Command(
      name,
      {
        connection: args.machine.connection,
        create: writeCommand(args.path, args.owner ?? "0:0", args.mode ?? "0644"),
        delete: removeCommand(args.path),
        stdin: args.content,
        logging: "none",
        triggers: [args.machine.id, args.path],
      },
      // The new file has the path of the old one: deleted afterwards, the new one would be gone.
      { parent: this, deleteBeforeReplace: true, deletedWith: args.machine.resource },
    );
    this.path = file.id.apply(() => args.path);
    this.registerOutputs({ path: this.path });
  }
}

/** Arguments of {@link HostDirectory}. */
export interface HostDirectoryArgs {
  machine: Machine;
  /** Absolute path. */
  path: string;
  /** Numeric `uid:gid` of the one container that writes here. */
  owner: string;
}

/** A directory for a container's data, closed to everybody else. Destroying the resource keeps the data; it goes with the machine's disk. */
export class HostDirectory extends pulumi.ComponentResource {
  /** The path, known once the directory is there. */
  readonly path: pulumi.Output<string>;

  constructor(name: string, args: HostDirectoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:Directory", name, args, opts);
    const directory = new command.remote.Command(
      name,
      {
        connection: args.machine.connection,
        create: directoryCommand(args.path, args.owner),
        triggers: [args.machine.id],
      },
      { parent: this, deletedWith: args.machine.resource },
    );
    this.path = directory.id.apply(() => args.path);
    this.registerOutputs({ path: this.path });
  }
}

/** Reads the content on standard input; owner and mode are set before the file gets its name. */
export function writeCommand(path: string, owner: string, mode: string): string {
  const directory = path.slice(0, path.lastIndexOf("/"));
  const base = path.slice(path.lastIndexOf("/") + 1);
  const script = [
    "set -eu",
    "umask 077",
    `install -d -m 0755 ${shellQuote(directory)}`,
    `new=$(mktemp ${shellQuote(`${directory}/.${base}.XXXXXX`)})`,
    `trap 'rm -f "$new"' EXIT`,
    `cat > "$new"`,
    `chown ${owner} "$new"`,
    `chmod ${mode} "$new"`,
    `mv -f "$new" ${shellQuote(path)}`,
  ].join("\n");
  return `sudo sh -c ${shellQuote(script)}`;
}

/**
 * Removes the file. It takes its standard input first: the plugin sends the file's content to this command, too, and to Go's
 * SSH client a command that ended before it took everything is one that failed (`Session.Wait` of golang.org/x/crypto/ssh).
 */
export const removeCommand = (path: string): string => `cat >/dev/null && sudo rm -f ${shellQuote(path)}`;

/** Makes the directory, or gives it this owner; it is for nobody else. */
export function directoryCommand(path: string, owner: string): string {
  const [uid, gid] = owner.split(":");
  return `sudo install -d -o ${uid} -g ${gid} -m 0700 ${shellQuote(path)}`;
}
