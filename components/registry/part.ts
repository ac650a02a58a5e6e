import * as pulumi from "@pulumi/pulumi";

/** One of Harbor's containers: what it is made from, apart from where it runs. */
export interface Part {
  /** The container is `<registry>-<name>`; its memory limit is under `harbor-<name>` in `config/memory.ts`. */
  readonly name: PartName;
  /** Image reference, pinned by digest. */
  readonly image: string;
  /** Under which the others reach it. */
  readonly alias: string;
  /** Numeric `uid:gid`. */
  readonly user: string;
  readonly entrypoint?: string[];
  readonly command?: string[];
  readonly healthcheck: string[];
  readonly stopSignal?: string;
  /** Seconds that a first start may take. */
  readonly startSeconds?: number;
  /** Environment; no secrets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Configuration files, by their path in the container. Readable by the container's user alone where `secret`. */
  readonly files?: Readonly<Record<string, File>>;
  /** Folders of the data disk, by their path in the container. */
  readonly data?: Readonly<Record<string, DataFolder | { readonly folder: DataFolder; readonly readOnly: true }>>;
  /** Folders in memory that it writes to besides `/tmp`. */
  readonly scratch?: Record<string, string>;
  /** Whether the edge reaches it. */
  readonly isServed?: boolean;
}

/** A configuration file. */
export interface File {
  readonly content: pulumi.Input<string>;
  readonly secret?: boolean;
}

/** Harbor's containers. */
export type PartName =
  "core" | "database" | "exporter" | "jobservice" | "portal" | "registry" | "registryctl" | "trivy" | "valkey";

/** Who owns a folder of the data disk: the user of the containers that write to it. */
export const dataFolders = {
  database: "999:999",
  jobs: "10000:10000",
  storage: "10000:10000",
  trivy: "10000:10000",
  "trivy-reports": "10000:10000",
  "trivy-scratch": "10000:10000",
  valkey: "999:999",
} as const;

/** A folder of the data disk. */
export type DataFolder = keyof typeof dataFolders;

/** Users of Harbor's images. Source: the Dockerfiles in `make/photon` of goharbor/harbor. */
export const harborUser = "10000:10000";
export const storeUser = "999:999";

/** Where a container finds the private root. Go's TLS trusts what is in this folder besides what the image brings. */
export const trust = { folder: "/etc/homelab/roots", environment: { SSL_CERT_DIR: "/etc/homelab/roots" } } as const;

/** Where a container finds the variables that may not show in `docker inspect`. */
const secretsFile = "/run/homelab/secrets.env";

/**
 * How a program of Harbor's starts that takes its secrets from the environment alone: they are read from a file just
 * before. The image's own entry script would add certificates to a bundle first, which `SSL_CERT_DIR` makes needless.
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

/** `NAME=value` lines, sorted. The values are letters and digits, which no shell takes for anything else. */
function variables(values: Record<string, string>): string {
  const names = Object.keys(values).sort();
  return names.map((name) => `${name}=${values[name] ?? ""}\n`).join("");
}

/** A health check that asks the program itself for a page. */
export const asks = (url: string): string[] => ["CMD", "curl", "--fail", "--silent", "--output", "/dev/null", url];
