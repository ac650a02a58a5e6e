import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** A Linux machine with Docker, ready to be given files, commands and containers over SSH. */
export interface Machine {
  /** What the config calls it. */
  readonly name: string;
  /** IPv4 address on the LAN. */
  readonly address: string;
  /**
   * Made from the machine's `/etc/machine-id`: new on each rebuild, and known only once the machine is ready. Whatever lives
   * on the machine takes it as a trigger, so that a rebuilt machine gets everything again.
   */
  readonly id: pulumi.Output<string>;
  /** SSH connection with a pinned host key. The SSH agent of the run has the operator's private key. */
  readonly connection: MachineConnection;
  /** Docker on the machine, over the same SSH. */
  readonly docker: docker.Provider;
  /** The resource whose deletion takes everything on the machine with it; none where the machine was there before. */
  readonly resource?: pulumi.Resource;
}

/** A login for commands, files and folders. No secret is in it. */
export interface MachineConnection {
  /** IPv4 address. */
  readonly host: string;
  /** Default 22. */
  readonly port?: number;
  /** Login name: `root`, or one who may use sudo without a password. */
  readonly user: string;
  /** The machine's public key, in OpenSSH form. */
  readonly hostKey: pulumi.Output<string>;
  /** How often a command tries to connect before it gives up. */
  readonly dialErrorLimit: number;
  /** Seconds that each attempt may take. */
  readonly perDialTimeout: number;
}

/** What a command on a machine printed last. Before it may be what the user's login shell prints. */
export const lastLine = (printed: string): string => printed.trim().split("\n").at(-1) ?? "";

/**
 * Options of a command on a machine. Stacks of before have the operator's key in its connection: that is no change, for which
 * it would run again, and `npm run up` takes it out of the state.
 */
export const commandOptions = (resource?: pulumi.Resource): pulumi.CustomResourceOptions => ({
  deletedWith: resource,
  ignoreChanges: ["connection.privateKey"],
});
