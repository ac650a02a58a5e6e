import { containerMemory } from "../../config/memory";
import { Part } from "../part";

/** One of Authentik's containers. */
export type SsoPart = Part<DataFolder>;

/** Authentik's containers. */
export type PartName = "database" | "server" | "worker";

/** Authentik's files on the machine. */
export const filesRoot = "/srv/authentik";

/** Users of the images: Authentik's own, and PostgreSQL's on Alpine. */
export const authentikUser = "1000:1000";
export const databaseUser = "70:70";

/** Who owns a folder of the data disk: the user of the containers that write to it. */
export const dataFolders = { data: authentikUser, database: databaseUser } as const;

/** A folder of the data disk. */
export type DataFolder = keyof typeof dataFolders;

/** Name and memory limit of a part. */
export const named = (name: PartName) => ({ name, memory: containerMemory[`authentik-${name}`] });
