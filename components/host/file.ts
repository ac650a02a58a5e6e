import * as pulumi from "@pulumi/pulumi";

import { Directory, File, type HostArgs } from "../../providers/host";
import { Machine } from "./machine";

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

/** A file of the stack's on a machine: written again where the machine is made again, and gone with it. */
export class HostFile extends File {
  constructor(name: string, args: HostFileArgs, opts: Options) {
    const { machine, path, content, owner = "0:0", mode = "0644" } = args;
    const life = lifeOn(machine, name, "homelab:host:File", opts);
    super(name, { ...on(machine), path, content, owner, mode }, { ...opts, ...life });
  }
}

/** Arguments of {@link HostDirectory}. */
export interface HostDirectoryArgs {
  /** Where the directory lives. */
  machine: Machine;
  /** Absolute path. */
  path: string;
  /** Numeric `uid:gid` of the one container that writes here. */
  owner: string;
}

/**
 * A directory for a container's data, closed to everybody else. Destroying the resource keeps the data; it goes with the
 * machine's disk.
 */
export class HostDirectory extends Directory {
  constructor(name: string, args: HostDirectoryArgs, opts: Options) {
    const { machine, path, owner } = args;
    const life = lifeOn(machine, name, "homelab:host:Directory", opts);
    super(name, { ...on(machine), path, owner, mode: "0700" }, { ...opts, ...life });
  }
}

/** Options of a resource that belongs to a component. */
type Options = pulumi.CustomResourceOptions & { parent: pulumi.Resource };

/** How it is reached, and which machine it is that is reached so. */
function on({ connection, id }: Machine): HostArgs {
  const { host, port, user, hostKey } = connection;
  return { connection: { host, ...(port !== undefined && { port }), user, hostKey }, installation: id };
}

/**
 * It goes with its machine. What stacks of before have is a command in a component of its own: that becomes this resource,
 * and the machine is not touched where it has what it should have.
 */
function lifeOn(machine: Machine, name: string, before: string, { parent }: Options): pulumi.CustomResourceOptions {
  const component = pulumi.createUrn(name, before, parent);
  return { deletedWith: machine.resource, aliases: [{ type: "command:remote:Command", parent: component }] };
}
