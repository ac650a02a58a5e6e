import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { daemonPid, ensureDaemon, stopDaemon } from "./daemon-control";
import { Docker } from "./docker";
import { ensureEngine, findEngine, ownsEngineData, stopOwnEngine } from "./engine";
import { tokenId } from "./homelab";
import { ensureMachineImage, machineImages } from "./image/build";
import { ensureImages, type LabImages } from "./images/build";
import { ensureKeys, keys } from "./keys";
import { ensureNetwork } from "./network";
import { ensurePrerequisites } from "./prerequisites";
import { runningPid, type Background } from "./process";
import { step } from "./progress";
import { grafanaPassword } from "./services";
import { cacheHome, labHome, network, ports } from "./settings";

/** What the stack `lab` has to know of the lab that is up. */
export interface World {
  /** Address of the Docker engine that plays the hardware. */
  dockerHost: string;
  /** Images to take in place of those in `versions.ts`. */
  images: LabImages;
  sshKeyFile: string;
  proxmox: { endpoint: string; apiToken: string };
  /** Of the administrator of the lab's Grafana. */
  grafanaPassword: string;
  /** Certificate of the lab's own authority. */
  caFile: string;
  /** Every authority this computer trusts and the lab's: for `SSL_CERT_FILE`. */
  trustBundle: string;
}

const worldFile = join(labHome, "world.json");
const upRecord: Background = { pidFile: join(labHome, "up.pid"), marker: process.argv[1] ?? "cli" };

/** Brings up whatever of the lab is not up. */
export async function bringUp(): Promise<World> {
  refuseWhileUpRuns();
  mkdirSync(labHome, { recursive: true, mode: 0o700 });
  writeFileSync(upRecord.pidFile, `${process.pid}\n`);
  await ensurePrerequisites();
  const docker = await step("Docker engine", ensureEngine);
  await step("Network, keys and certificates", async () => {
    await ensureNetwork(docker);
    await ensureKeys();
  });
  await step("Proxmox API, DNS and image registry", () => ensureDaemon(docker));
  const registry = { address: `${network.gateway}:${ports.registry}`, ca: readFileSync(keys.ca, "utf8") };
  const [, images] = await Promise.all([
    step("Debian 13 for the machines", (report) => ensureMachineImage(docker, report)),
    step("Container images", (report) => ensureImages(registry, report)),
  ]);
  const world: World = { ...describeWorld(docker), images };
  writeFileSync(worldFile, JSON.stringify(world), { mode: 0o600 });
  return world;
}

/** The lab that was brought up before. */
export function currentWorld(): World {
  if (daemonPid() === undefined || !existsSync(worldFile))
    throw new Error("The lab is not up. Bring it up with: npm start");
  return JSON.parse(readFileSync(worldFile, "utf8")) as World;
}

/** Call it when a command that brought the lab up is done. */
export function finishUp(): void {
  rmSync(upRecord.pidFile, { force: true });
}

function describeWorld(docker: Docker): Omit<World, "images"> {
  return {
    dockerHost: docker.host,
    sshKeyFile: keys.ssh,
    proxmox: {
      endpoint: `https://${network.gateway}:${ports.proxmoxApi}/`,
      apiToken: `${tokenId}=${readFileSync(keys.apiToken, "utf8")}`,
    },
    grafanaPassword: grafanaPassword(),
    caFile: keys.ca,
    trustBundle: keys.trustBundle,
  };
}

/** Takes everything down, also what an interrupted run left. The cache stays, unless `withCache`. */
export async function tearDown(withCache: boolean): Promise<void> {
  refuseWhileUpRuns();
  await step("Stop the lab's services", stopDaemon);
  const docker = (await findEngine()) ?? (ownsEngineData() ? await step("Docker engine", ensureEngine) : undefined);
  if (docker) await step("Remove machines and network", () => removeOurs(docker, withCache));
  await step("Stop the lab's Docker engine", stopOwnEngine);
  rmSync(labHome, { recursive: true, force: true });
  if (withCache) await step(`Remove ${cacheHome}`, async () => rmSync(cacheHome, { recursive: true, force: true }));
}

async function removeOurs(docker: Docker, withImages: boolean): Promise<void> {
  for (const id of await docker.ours("container")) await docker.run(["rm", "--force", "--volumes", id]);
  for (const id of await docker.ours("volume")) await docker.run(["volume", "rm", id]);
  for (const id of await docker.ours("network")) await docker.run(["network", "rm", id]);
  if (!withImages) return;
  for (const tag of await machineImages(docker)) await docker.run(["image", "rm", tag]);
}

/** Lines that tell what is up. */
export async function describeStatus(): Promise<string[]> {
  const docker = await findEngine();
  const pid = daemonPid();
  const lines = [
    `Lab folder     ${existsSync(labHome) ? labHome : "none"}`,
    `Docker engine  ${docker ? docker.host : "not running"}`,
    `Services       ${pid ? `running (process ${pid})` : "not running"}`,
  ];
  if (!docker) return lines;
  const format = "{{.Names}}  {{.Status}}";
  const machines = await docker.run(["ps", "--all", "--filter", "label=homelab.lab.vmid", "--format", format]);
  const names = machines.split("\n").filter(Boolean);
  return [...lines, ...(names.length === 0 ? ["none"] : names).map((name) => `Machine        ${name}`)];
}

function refuseWhileUpRuns(): void {
  const pid = runningPid(upRecord);
  if (pid === undefined || pid === process.pid) return;
  throw new Error(
    `\`npm start\` is still at work here (process ${pid}). Wait for it, or end it with Ctrl-C where it runs.`,
  );
}
