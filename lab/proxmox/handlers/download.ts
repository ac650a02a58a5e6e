import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { failure } from "../errors";
import type { Log } from "../tasks";

/** What a downloaded file must add up to. */
export interface Checksum {
  readonly algorithm: string;
  readonly value: string;
}

/** One download: from where, to which file, and that file's path as the node sees it. */
export interface Download {
  readonly url: string;
  readonly file: string;
  readonly path: string;
  readonly checksum?: Checksum;
}

/** wget's exit codes, which Proxmox shows. */
const exitCodes = { network: 4, serverResponse: 8 } as const;

/** Says what is wrong with a file whose checksum differs. */
export function wrongChecksum(content: Buffer, { algorithm, value }: Checksum): string | undefined {
  const got = createHash(algorithm).update(content).digest("hex");
  return got === value.toLowerCase() ? undefined : `checksum mismatch: got '${got}' != expect '${value}'`;
}

/** Loads a file; nothing is left behind when it cannot be had or its checksum differs. */
export async function download({ url, file, path, checksum }: Download, log: Log): Promise<void> {
  log(`downloading ${url} to ${path}`);
  if (existsSync(file)) {
    if (checksum === undefined) throw new Error(`refusing to override existing file '${path}'`);
    const wrong = wrongChecksum(readFileSync(file), checksum);
    if (wrong !== undefined) throw new Error(`${wrong}, aborting`);
    log("calculating checksum of existing file...OK, got correct file already, no need to download");
    return;
  }
  const temporary = `${file}.tmp_dwnl`;
  const content = await load(url, `${path}.tmp_dwnl`);
  const wrong = checksum === undefined ? undefined : wrongChecksum(content, checksum);
  if (wrong !== undefined) throw new Error(wrong);
  if (checksum !== undefined) log("calculating checksum...OK, checksum verified");
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  log(`download of '${url}' to '${path}' finished`);
}

async function load(url: string, path: string): Promise<Buffer> {
  const failed = (code: number) =>
    new Error(`download failed: command 'wget '--progress=dot:giga' -O ${path} ${url}' failed: exit code ${code}`);
  try {
    const response = await fetch(url);
    if (!response.ok) throw failed(exitCodes.serverResponse);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    // `fetch` reports everything below HTTP as a TypeError.
    throw error instanceof TypeError ? failed(exitCodes.network) : error;
  }
}

/** What a server says about a file without sending it. */
export async function fetchMetadata(url: string) {
  const response = await fetch(url, { method: "HEAD" }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw failure(`invalid server response: '500 Can't connect to ${new URL(url).host} (${cause})'`);
  });
  if (response.status !== 200) throw failure(`invalid server response: '${response.status} ${response.statusText}'`);
  const filename = /filename="?([^";]+)"?/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const size = Number(response.headers.get("content-length") ?? 0);
  const mimetype = response.headers.get("content-type")?.replace(/;.*/, "");
  return {
    filename: filename ?? new URL(url).pathname.split("/").pop() ?? "",
    ...(size > 0 ? { size } : {}),
    ...(mimetype === undefined ? {} : { mimetype }),
  };
}
