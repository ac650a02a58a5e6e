import { createHash } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Size, toMiB } from "../../config/size";
import { Machine } from "./machine";

/** Arguments of {@link HardenedContainer}. */
export interface HardenedContainerArgs {
  /** Where it runs. */
  machine: Machine;
  /** What it is called on its machine, there and by others on its networks. Default: the name of its resource. */
  containerName?: string;
  /** Image reference, pinned by digest. */
  image: string;
  /** Memory limit in bytes. Swap is not counted on top of it beyond the same amount. */
  memory: Size;
  /** Numeric `uid:gid` that the process runs as; never root. */
  user: string;
  /** Program to start. Default: the image's own. */
  entrypoint?: string[];
  /** Command line. Default: the image's own. */
  command?: string[];
  /** Health check in Docker's form, e.g. `["CMD", "step", "ca", "health"]`. The deployment waits until it passes. */
  healthcheck: string[];
  /** Seconds between two health checks. Default 5. */
  checkSeconds?: number;
  /** Signal that asks the process to end. Default: the image's own. */
  stopSignal?: string;
  /** Seconds in which a failing check does not count yet. Default 5. */
  startSeconds?: number;
  /** Environment as `NAME=value`. It shows in `docker inspect`: no secrets here, use a file. Default: none. */
  envs?: pulumi.Input<string>[];
  /** Files and folders of the machine that it sees, and where. It may write to those that are not `readOnly`. */
  volumes: docker.types.input.ContainerVolume[];
  /** Ports of the machine that lead to its own. Default: none. */
  ports?: docker.types.input.ContainerPort[];
  /** Docker networks to join, with further names on each. Default of these: none. */
  networks: { name: pulumi.Input<string>; aliases?: string[] }[];
  /** Folders in memory that the process may write to besides `/tmp`, with their mount options. Default: none. */
  scratch?: Record<string, string>;
  /** DNS servers, IPv4 addresses. Default: the machine's own. */
  dns?: string[];
  /**
   * Text of the configuration files the container reads at start. A change replaces the container, and only it. Its digest
   * is no secret, so a secret in it has to be one that nobody can guess.
   */
  configuration: pulumi.Input<string>[];
}

/**
 * A container with the secure setting of everything: unprivileged user, no capabilities, no new privileges, read-only
 * root file system, memory limit, health check, restart policy, bounded logs.
 */
export class HardenedContainer extends pulumi.ComponentResource {
  /** Container name, known once the container is healthy. */
  readonly healthy: pulumi.Output<string>;
  /** Docker's id of it: another one for each container that takes its place. */
  readonly containerId: pulumi.Output<string>;

  constructor(name: string, args: HardenedContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:Container", name, {}, opts);
    const child = { parent: this, provider: args.machine.docker, deletedWith: args.machine.resource };
    const image = new docker.RemoteImage(
      name,
      { name: args.image, keepLocally: true, triggers: { machine: args.machine.id } },
      { ...child, deleteBeforeReplace: true },
    );
    const memory = toMiB(args.memory);
    const { startSeconds = 5, containerName = name } = args;
    const container = new docker.Container(
      name,
      {
        name: containerName,
        image: image.imageId,
        hostname: containerName,
        user: args.user,
        entrypoints: args.entrypoint,
        command: args.command,
        envs: args.envs,
        memory,
        // Left out, Docker fills in twice the memory and every preview shows a difference.
        memorySwap: memory * 2,
        healthcheck: {
          tests: args.healthcheck,
          // Until it passes for the first time, which the deployment waits for; what is asked seldom costs much.
          startInterval: args.checkSeconds === undefined ? "1s" : "5s",
          interval: goDuration(args.checkSeconds ?? 5),
          timeout: "5s",
          retries: 6,
          startPeriod: goDuration(startSeconds),
        },
        wait: true,
        waitTimeout: startSeconds + 85,
        restart: "unless-stopped",
        stopSignal: args.stopSignal,
        // Left out, a container that is replaced is killed at once.
        destroyGraceSeconds: 30,
        readOnly: true,
        tmpfs: { "/tmp": `${scratchOptions},size=16m`, ...args.scratch },
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
        // Said outright: left out, a refresh shows it as drift.
        volumes: args.volumes.map((volume) => ({ ...volume, readOnly: volume.readOnly ?? false })),
        ports: args.ports,
        dns: args.dns,
        networksAdvanced: args.networks,
        labels: [
          { label: "arpa.home.configuration", value: pulumi.unsecret(pulumi.all(args.configuration).apply(digest)) },
          { label: "arpa.home.machine", value: args.machine.id },
        ],
      },
      // Two containers cannot share a name. Docker keeps the health check that a container was made with, and its provider
      // writes another into the state alone.
      { ...child, deleteBeforeReplace: true, replaceOnChanges: ["healthcheck"] },
    );
    this.healthy = container.name;
    this.containerId = container.id;
    this.registerOutputs({ healthy: this.healthy });
  }
}

/** What is written to memory is not run, and is no device. */
export const scratchOptions = "rw,noexec,nosuid,nodev";

/** Seconds as Docker writes them; written otherwise, every preview shows a difference. */
function goDuration(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** SHA-256 over the files a container reads; their text cannot be told from it. */
function digest(files: string[]): string {
  return createHash("sha256").update(files.join("\0")).digest("hex");
}
