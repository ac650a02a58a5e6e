import * as pulumi from "@pulumi/pulumi";

import { Size } from "../../config/size";

/**
 * A container: what it is made from, apart from where it runs. Its files, mounts, networks, memory limit and the digest that
 * starts it again follow from this alone, here and where the policies judge it.
 */
export interface Workload<Folder extends string = string> {
  /** The container is `<prefix>-<name>`, by the prefix of its {@link Site}. */
  readonly name: string;
  /** Image reference, pinned by digest. */
  readonly image: string;
  /** Memory limit in bytes. */
  readonly memory: Size;
  /** Numeric `uid:gid`; never root. */
  readonly user: string;
  /** Program to start. Default: the image's own. */
  readonly entrypoint?: string[];
  /** Command line. Default: the image's own. */
  readonly command?: string[];
  /** Health check in Docker's form: `["CMD", "step", "ca", "health"]`. The deployment waits until it passes. */
  readonly healthcheck: string[];
  /** Seconds between two health checks. Default 5. */
  readonly checkSeconds?: number;
  /** Signal that asks the process to end. Default: the image's own. */
  readonly stopSignal?: string;
  /** Seconds that a first start may take: a failing check does not count yet. Default 5. */
  readonly startSeconds?: number;
  /** Environment; it shows in `docker inspect`, so no secrets. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Configuration files, by their path in the container. */
  readonly files?: Readonly<Record<string, ConfigFile>>;
  /** Folders of its {@link Site}, by their path in the container. */
  readonly folders?: Readonly<Record<string, Folder | { readonly folder: Folder; readonly readOnly: true }>>;
  /** Folders in memory that it writes to besides `/tmp`, with their mount options. */
  readonly scratch?: Record<string, string>;
  /** Whether it finds the private root in the folder {@link trustFolder}. Default false. */
  readonly trustsRoot?: boolean;
  /** Under which others on its site's network reach it. Default: none but its name. */
  readonly alias?: string;
  /** Whether the edge reaches it. Default false. */
  readonly isServed?: boolean;
  /** Ports that it publishes on the machine's address, by TCP under the same number. Default: none. */
  readonly ports?: readonly number[];
}

/** A configuration file. */
export interface ConfigFile {
  readonly content: pulumi.Input<string>;
  /** Whether the container's user alone may read it. Default false. */
  readonly secret?: boolean;
  /** What a text that is no constant is made from, which the policies hold it to. */
  readonly origin?: Origin;
  /** Below the site's folder of files. Default: the workload's name, and the path in the container. */
  readonly path?: string;
  /** Numeric `uid:gid`. Default: the container's user. */
  readonly owner?: string;
  /** Name of its resource. Default: the container's, and the path in the container below its first folder. */
  readonly resource?: string;
  /** Whether the container is started again where the text is another one. Default true. */
  readonly restarts?: false;
}

/** What a text is made from. */
export interface Origin {
  /** The type of the resource. */
  readonly type: string;
  /** What the text looks like. */
  readonly form?: RegExp;
}

/** The text is the root certificate; {@link Origin}. */
export const rootOrigin: Origin = { type: "tls:index/selfSignedCert:SelfSignedCert" };

/** A workload's configuration files with their places: in the container, and on the machine. */
export function placedFiles(filesRoot: string, { name, user, files = {} }: Workload) {
  return Object.entries(files).map(([containerPath, file]) => ({
    ...file,
    containerPath,
    hostPath: `${filesRoot}/${file.path ?? `${name}${containerPath}`}`,
    owner: file.owner ?? user,
    mode: file.secret ? "0400" : "0444",
  }));
}

/** What a workload mounts of its site's folders. */
export function mountedFolders<Folder extends string>({ folders = {} }: Pick<Workload<Folder>, "folders">) {
  return Object.entries<Folder | { readonly folder: Folder; readonly readOnly: true }>(folders).map(
    ([containerPath, use]) => {
      return typeof use === "string" ? { containerPath, folder: use, readOnly: false } : { containerPath, ...use };
    },
  );
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
): { entrypoint: string[]; files: Record<string, ConfigFile> } {
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
