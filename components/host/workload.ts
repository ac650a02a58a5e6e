import * as pulumi from "@pulumi/pulumi";

import { Size } from "../../config/size";

/** One container of a service that consists of several: what it is made from, apart from where it runs. */
export interface Part<Folder extends string = string> {
  /** The container is `<service>-<name>`. */
  readonly name: string;
  /** Image reference, pinned by digest. */
  readonly image: string;
  readonly memory: Size;
  /** Under which the other parts reach it. */
  readonly alias: string;
  /** Numeric `uid:gid`. */
  readonly user: string;
  readonly entrypoint?: string[];
  readonly command?: string[];
  readonly healthcheck: string[];
  /** Seconds between two health checks. Default 5. */
  readonly checkSeconds?: number;
  readonly stopSignal?: string;
  /** Seconds that a first start may take. */
  readonly startSeconds?: number;
  /** Environment; no secrets. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Configuration files, by their path in the container. Readable by the container's user alone where `secret`. */
  readonly files?: Readonly<Record<string, File>>;
  /** Folders of the data disk, by their path in the container. */
  readonly data?: Readonly<Record<string, Folder | { readonly folder: Folder; readonly readOnly: true }>>;
  /** Folders in memory that it writes to besides `/tmp`. */
  readonly scratch?: Record<string, string>;
  /** Whether it finds the private root in the folder {@link trustFolder}. */
  readonly trustsRoot?: boolean;
  /** Whether the edge reaches it. */
  readonly isServed?: boolean;
}

/** A configuration file. */
export interface File {
  readonly content: pulumi.Input<string>;
  readonly secret?: boolean;
  /** What a text that is made from a random password looks like; the policies hold it to that. */
  readonly form?: RegExp;
}

/** Where a container finds the private root, and the file in it. */
export const trustFolder = "/etc/homelab/roots";
export const rootName = "root_ca.crt";

/** Where a container finds the variables that may not show in `docker inspect`. */
const secretsFile = "/run/homelab/secrets.env";

/**
 * How a program starts that takes its secrets from the environment alone: they are read from a file just before, by the
 * image's own shell.
 */
export function withSecrets(
  command: string,
  secrets: Readonly<Record<string, pulumi.Input<string>>>,
): { entrypoint: string[]; files: Record<string, File> } {
  return {
    entrypoint: ["/bin/sh", "-c", `set -a && . ${secretsFile} && set +a && exec ${command}`],
    files: { [secretsFile]: { content: pulumi.all(secrets).apply(variables), secret: true } },
  };
}

/** `NAME=value` lines, sorted. The values are letters, digits and addresses, which no shell takes for anything else here. */
function variables(values: Record<string, string>): string {
  const names = Object.keys(values).sort();
  return names.map((name) => `${name}=${values[name] ?? ""}\n`).join("");
}
