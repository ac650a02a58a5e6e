import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { placeForSocket } from "../tools/short-place";
import { Docker } from "./docker";
import { findProgram, run, runningPid, startBackground, stopBackground, waitFor, type Background } from "./process";
import { cacheHome, labHome } from "./settings";

/** The paths of a socket may have 107 characters, and an engine makes sockets up to 40 characters below its own folder. */
const runtimeHome = labHome.length <= 60 ? join(labHome, "engine") : shortHome();

const ownSocket = join(runtimeHome, "docker.sock");
const ownEngine: Background = {
  pidFile: join(labHome, "dockerd.pid"),
  marker: `--exec-root=${join(runtimeHome, "exec")}`,
};
/** Ends with the engine, but stays behind when the engine is killed. */
const ownContainerd: Background = {
  pidFile: join(runtimeHome, "exec", "containerd", "containerd.pid"),
  marker: runtimeHome,
};
const dataRoot = join(cacheHome, "docker");
/** Says which lab runs an engine on the shared data root: two engines on one would destroy it. */
const ownerFile = join(cacheHome, "docker.lab");

function shortHome(): string {
  const name = `homelab-lab-${createHash("sha256").update(labHome).digest("hex").slice(0, 10)}`;
  return join(placeForSocket(`${name}/${"x".repeat(40)}`), name);
}

/** The engine the lab uses: one that is running already, or its own. A lab with an engine of its own stays with that. */
export async function ensureEngine(): Promise<Docker> {
  const found = await findEngine();
  if (found) return found;
  await startOwnEngine();
  return new Docker(`unix://${ownSocket}`);
}

/** The engine the lab uses, if it runs; starts nothing. */
export async function findEngine(): Promise<Docker | undefined> {
  const others = [process.env.DOCKER_HOST ?? "", "unix:///var/run/docker.sock"];
  const hosts = ownsEngineData() ? [`unix://${ownSocket}`] : others;
  for (const host of hosts.filter((each) => each.startsWith("unix://"))) {
    const docker = new Docker(host);
    if (existsSync(host.slice("unix://".length)) && (await docker.answers()) && (await sharesOurNetwork(docker)))
      return docker;
  }
  return undefined;
}

/** A rootless engine, or one in a virtual machine, has networks that this computer cannot reach. */
async function sharesOurNetwork(docker: Docker): Promise<boolean> {
  const info = await docker.run(["info", "--format", "{{.OperatingSystem}} {{.SecurityOptions}}"]);
  return process.platform === "linux" && !/Docker Desktop|name=rootless/.test(info);
}

async function startOwnEngine(): Promise<void> {
  const dockerd = findProgram("dockerd");
  if (!dockerd)
    throw new Error(
      "No Docker engine is running and `dockerd` is not installed. Install Docker and run `npm start` again.",
    );
  if (process.getuid?.() !== 0) {
    throw new Error(
      "No Docker engine answers on /var/run/docker.sock, and only root may start one. Start it (`sudo systemctl start docker`), " +
        "see that your user is in the group `docker`, and run `npm start` again.",
    );
  }
  refuseSecondOwner();
  await stopBackground(ownEngine);
  await stopBackground(ownContainerd);
  for (const folder of [runtimeHome, dataRoot]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(ownSocket, { force: true });
  const daemonPid = join(runtimeHome, "docker.pid");
  rmSync(daemonPid, { force: true });
  const log = join(labHome, "dockerd.log");
  // The settings of an engine of this computer, if there is one, are not for this one.
  const settings = join(runtimeHome, "daemon.json");
  writeFileSync(settings, "{}\n");
  const args = [
    `--host=unix://${ownSocket}`,
    `--data-root=${dataRoot}`,
    ownEngine.marker,
    `--pidfile=${daemonPid}`,
    "--bridge=none",
    `--config-file=${settings}`,
  ];
  startBackground(ownEngine, dockerd, args, log);
  writeFileSync(ownerFile, labHome);
  const docker = new Docker(`unix://${ownSocket}`);
  await waitFor(async () => {
    if (runningPid(ownEngine) === undefined) throw new Error(`it ended at once:\n${lastLines(log)}\n`);
    return existsSync(ownSocket) && (await docker.answers());
  }, 90_000).catch((error: Error) => {
    throw new Error(`The lab's Docker engine does not start: ${error.message}. Its log is ${log}.`);
  });
}

function refuseSecondOwner(): void {
  const owner = existsSync(ownerFile) ? readFileSync(ownerFile, "utf8") : labHome;
  if (owner === labHome) return;
  if (runningPid({ pidFile: join(owner, "dockerd.pid"), marker: `--data-root=${dataRoot}` }) !== undefined) {
    throw new Error(`Another lab is up: ${owner}. Take it down first: HOMELAB_LAB_HOME=${owner} npm run lab:down`);
  }
}

/** Stops the lab's own engine, if it started one; an engine that was there before is left alone. */
export async function stopOwnEngine(): Promise<void> {
  await stopBackground(ownEngine);
  await stopBackground(ownContainerd);
  await releaseMounts();
  rmSync(runtimeHome, { recursive: true, force: true });
  if (ownsEngineData()) rmSync(ownerFile);
}

/** Whether this lab started an engine of its own, which may have ended without a clean-up since. */
export function ownsEngineData(): boolean {
  return existsSync(ownerFile) && readFileSync(ownerFile, "utf8") === labHome;
}

/** An engine that was killed leaves mounts, and a folder with mounts in it cannot be removed. */
async function releaseMounts(): Promise<void> {
  const mounted = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  const left = mounted.filter((path) => path.startsWith(`${runtimeHome}/`) || path.startsWith(`${dataRoot}/`));
  for (const path of left.reverse()) await run("umount", ["--lazy", path]);
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-5).join("\n") : "";
}
