import { mib } from "../../config/size";
import type { Workload } from "../host/workload";

/** One of Authentik's containers. */
export type SsoWorkload = Workload<DataFolder>;

/** Authentik's containers. */
export type WorkloadName = "database" | "server" | "worker";

/** Authentik's files on the machine. */
export const filesRoot = "/srv/authentik";

/** Users of the images: Authentik's own, and PostgreSQL's on Alpine. */
export const authentikUser = "1000:1000";
export const databaseUser = "70:70";

/** Who owns a folder of the data disk: the user of the containers that write to it. */
export const dataFolders = { data: authentikUser, database: databaseUser } as const;

/** A folder of the data disk. */
export type DataFolder = keyof typeof dataFolders;

/**
 * What Authentik's containers may use of the machine's memory: 1.5 GiB together. What its server and worker take grows with
 * use, so both are told to keep to few workers. At rest the server takes about 500 MiB, the worker 436.
 */
export const memory = {
  "authentik-database": mib(256),
  "authentik-server": mib(672),
  "authentik-worker": mib(608),
} as const;

/** Name and memory limit of a part. */
export const named = (name: WorkloadName) => ({ name, memory: memory[`authentik-${name}`] });
