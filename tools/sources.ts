import type { Report } from "./run";

/** One way to come by a part of the toolchain. Its result is the folders to put on the PATH. */
export interface Source {
  /** As in "<name> failed". */
  name: string;
  /** The folders, when nothing needs to be done. */
  ready(): Promise<string[] | undefined>;
  /** Whether {@link make} is worth a try; quick. */
  available(): Promise<boolean>;
  make(): Promise<string[]>;
}

/**
 * Takes the first source that is ready; when none is, makes the first that is available. One that fails is reported and
 * the next one tried; the last one's error is thrown.
 */
export async function firstOf(what: string, sources: readonly Source[], report: Report): Promise<string[]> {
  for (const source of sources) {
    const folders = await source.ready();
    if (folders !== undefined) return folders;
  }
  let failure = new Error(`${what}: there is no way to get it here`);
  for (const source of sources) {
    if (!(await source.available())) continue;
    try {
      return await source.make();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      if (source !== sources.at(-1)) report(`${what}: ${source.name} failed (${failure.message}); trying another way`);
    }
  }
  throw failure;
}

/** Whether an address answers a HEAD request within three seconds. */
export async function reachable(url: string, request: typeof fetch = fetch): Promise<boolean> {
  try {
    return (await request(url, { method: "HEAD", signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}
