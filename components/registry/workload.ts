import { mib } from "../../config/size";
import { type Workload, trustFolder } from "../host/workload";

/** One of Harbor's containers. */
export type HarborWorkload = Workload<DataFolder>;

/** Harbor's containers. */
export type WorkloadName =
  "core" | "database" | "exporter" | "jobservice" | "portal" | "registry" | "registryctl" | "trivy" | "valkey";

/** Harbor's files on the machine. */
export const filesRoot = "/srv/harbor";

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

/** Name with which core logs in to the registry. */
export const registryUser = "harbor_registry_user";

/** What Harbor's containers may use of the machine's memory: 2 GiB together. Only Trivy has large peaks, one image at a time. */
export const memory = {
  "harbor-core": mib(256),
  "harbor-database": mib(320),
  "harbor-exporter": mib(64),
  "harbor-findings": mib(64),
  "harbor-jobservice": mib(160),
  "harbor-portal": mib(32),
  "harbor-registry": mib(192),
  "harbor-registryctl": mib(64),
  "harbor-trivy": mib(768),
  "harbor-valkey": mib(96),
} as const;

/** Name and memory limit of a part. */
export const named = (name: WorkloadName) => ({ name, memory: memory[`harbor-${name}`] });

/**
 * How a part is told of the private root that is mounted where it `trustsRoot`: Go's TLS trusts what is in this folder besides what the image brings. The image's own
 * entry script would add it to a bundle instead, which a read-only root file system forbids.
 */
export const trust = { SSL_CERT_DIR: trustFolder } as const;

/** A health check that asks the program itself for a page. */
export const asks = (url: string): string[] => ["CMD", "curl", "--fail", "--silent", "--output", "/dev/null", url];
