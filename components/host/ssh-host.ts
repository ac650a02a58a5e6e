import { createHash } from "node:crypto";

import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { OperatorKey } from "../../config/operator-key";
import type { BaseConfig } from "../../config/schema";
import { dockerOverSsh } from "./docker-over-ssh";
import { commandOptions, lastLine, Machine, MachineConnection } from "./machine";
import { prepareCommand } from "./prepare";

/** Arguments of {@link SshHost}. */
export interface SshHostArgs {
  /** How it is reached, and its memory: an entry of `homelab:hosts`. */
  host: BaseConfig["hosts"][number];
  /** Key pair that may log in there. */
  operatorKey: OperatorKey;
}

/**
 * A machine that was there before the stack: Debian, reached over SSH by a host key that the config pins. What is missing for the
 * stack is installed ({@link prepareCommand}); nothing that others use there is changed. Destroying it leaves the machine as it is.
 */
export class SshHost extends pulumi.ComponentResource implements Machine {
  readonly name: string;
  readonly address: string;
  readonly id: pulumi.Output<string>;
  readonly connection: MachineConnection;
  readonly docker: docker.Provider;

  constructor(name: string, args: SshHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:SshHost", name, args, opts);
    const { address, port, user, memory } = args.host;
    const hostKey = pulumi.output(args.host.hostKey);
    this.name = name;
    this.address = address;
    this.connection = {
      host: address,
      ...(port !== 22 && { port }),
      user,
      hostKey,
      dialErrorLimit: 8,
      perDialTimeout: 4,
    };
    const prepared = new command.remote.Command(
      `${name}-prepare`,
      {
        connection: this.connection,
        create: prepareCommand(memory),
        triggers: [args.host.hostKey],
      },
      { parent: this, ...commandOptions() },
    );
    // Machines that were cloned may have one machine-id.
    this.id = prepared.stdout.apply((printed) => digest(`${lastLine(printed)} ${args.host.hostKey}`));
    this.docker = dockerOverSsh(name, { address, port, user, hostKey, keyFile: args.operatorKey.file }, this);
    this.registerOutputs({ address: this.address, id: this.id });
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
