import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** What is slow to get and safe to keep between labs and checkouts. Override with `HOMELAB_CACHE`. */
export const cacheHome = resolve(
  process.env.HOMELAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "homelab-tooling"),
);

/** Where {@link cached} keeps the folder `name`, whether it is there or not. */
export function cacheFolder(name: string, home = cacheHome): string {
  return join(home, "tools", name);
}

/**
 * The folder `name` of the cache, filled by `fill` when it is not there. It appears under its name only when it is
 * complete, so an interrupted `fill` leaves nothing behind, and of two at once the first to finish wins.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>, home = cacheHome): Promise<string> {
  const folder = cacheFolder(name, home);
  if (existsSync(folder)) return folder;
  const shelf = join(home, "tools");
  await mkdir(shelf, { recursive: true });
  await removeAbandoned(shelf);
  const unfinished = await mkdtemp(join(shelf, `.unfinished-${String(process.pid)}-`));
  try {
    await fill(unfinished);
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Removes what processes that no longer run were filling. */
async function removeAbandoned(shelf: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    const owner = /^\.unfinished-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) await rm(join(shelf, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
