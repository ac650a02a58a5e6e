import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "./docker";
import { runningPid, startBackground, stopBackground, waitFor, type Background } from "./process";
import { stopLeftChildren } from "./services";
import { labHome } from "./settings";

const readyFile = join(labHome, "daemon.ready");
const background: Background = { pidFile: join(labHome, "daemon.pid"), marker: readyFile };

/** Where the background process writes what goes wrong. */
export const daemonLog = join(labHome, "daemon.log");

/** Starts the lab's background process, or starts it anew when its code or its Docker engine has changed. */
export async function ensureDaemon(docker: Docker): Promise<void> {
  const fingerprint = createHash("sha256").update(docker.host).update(codeHash()).digest("hex");
  if (daemonPid() !== undefined && isReady(fingerprint)) return;
  await stopDaemon();
  rmSync(daemonLog, { force: true });
  const script = join(__dirname, "daemon.js");
  startBackground(background, process.execPath, [script, docker.host, fingerprint, readyFile], daemonLog);
  await waitFor(() => {
    if (daemonPid() === undefined) throw new Error(`The lab's background process ended:\n${readLog()}`);
    return isReady(fingerprint);
  }, 60_000);
}

/** The id of the background process, if it runs. */
export function daemonPid(): number | undefined {
  return runningPid(background);
}

/** Stops the background process and what it started. */
export async function stopDaemon(): Promise<void> {
  await stopBackground(background, 20);
  await stopLeftChildren();
  rmSync(readyFile, { force: true });
}

function isReady(fingerprint: string): boolean {
  return existsSync(readyFile) && readFileSync(readyFile, "utf8") === fingerprint;
}

function readLog(): string {
  return existsSync(daemonLog) ? readFileSync(daemonLog, "utf8").trim().split("\n").slice(-8).join("\n") : "";
}

/** A running process of an older version of the lab must not stay. */
function codeHash(): Buffer {
  const hash = createHash("sha256");
  const files = readdirSync(__dirname, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js"));
  for (const path of files.sort()) hash.update(path).update(readFileSync(join(__dirname, path)));
  return hash.digest();
}
