import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ask } from "../../kit/http";
import { deleteKeys } from "../common/redis";
import type { CollectionJob } from "../core/garbage";

/** How a job reaches what it works on. */
export interface Surroundings {
  registryctlUrl: string;
  jobserviceSecret: string;
  logFolder: string;
}

/** Removes manifests and blobs from the storage, one by one, and makes the registry forget what it cached of them. */
export async function collect(id: string, job: CollectionJob, surroundings: Surroundings): Promise<void> {
  const lines: string[] = [];
  const log = (text: string): void => void lines.push(`${new Date().toISOString()} [INFO] ${text}`);
  const remove = async (path: string): Promise<void> => {
    const headers = { authorization: `Harbor-Secret ${surroundings.jobserviceSecret}` };
    await ask(`${surroundings.registryctlUrl}/api/registry/${path}`, { method: "DELETE", headers }, 60);
  };
  try {
    log("start to run gc in job.");
    log(`${job.blobs.length - job.manifests.length} blobs and ${job.manifests.length} manifests eligible for deletion`);
    for (const { repository, digest } of job.manifests) {
      await remove(`${repository}/manifests/${digest}`);
      log(`delete manifest from storage: ${repository}, ${digest}`);
    }
    for (const digest of job.blobs) {
      await remove(`blob/${digest}`);
      log(`delete blob from storage: ${digest}`);
    }
    await deleteKeys(job.registryRedisUrl, "blobs::*", "repository::*");
    log("success to run gc in job.");
  } catch (error) {
    log(`failed: ${String(error)}`);
    throw error;
  } finally {
    mkdirSync(surroundings.logFolder, { recursive: true });
    writeFileSync(logFile(surroundings.logFolder, id), [...lines, ""].join("\n"));
  }
}

const logFile = (folder: string, id: string): string => join(folder, `${id}.log`);

/** What a job wrote; nothing where there is no such job. */
export function readLog(folder: string, id: string): string | undefined {
  try {
    return readFileSync(logFile(folder, id), "utf8");
  } catch {
    return undefined;
  }
}
