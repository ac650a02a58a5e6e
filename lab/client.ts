import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { attach } from "../tools/run";
import { Docker } from "./docker";
import { machineImage } from "./image/build";
import { keys } from "./keys";
import { containerMachines } from "./machine";
import { run, waitFor } from "./process";
import { say, step } from "./progress";
import type { MachineDriver } from "./proxmox/machines";
import { network } from "./settings";
import { sshArguments } from "./ssh";
import type { World } from "./world";

/** Not a guest of the Proxmox node: a computer of its own on the lab's network. */
const vmid = 171;

/**
 * Brings up a second machine with Docker, to pull images with. It has what Debian has: the homelab's root certificate and
 * registry are unknown to it.
 */
export async function startClient(world: World): Promise<void> {
  await step("Machine for a client", async () => {
    await machines(world).start({
      vmid,
      name: "client",
      image: machineImage,
      cores: 2,
      memoryMiB: 1024,
      userData: userData(),
      metaData: stringify({ "instance-id": `client-${vmid}`, "local-hostname": "client" }),
      address: network.client,
      mac: "",
      diskGiB: 0,
    });
    await waitFor(isReady, 120_000);
  });
  say(`A client with Docker is at ${network.client}, and uses the lab's DNS.
  npm run lab:client -- <command>         run a command on it, as the user ops
  npm run lab:client-down                 remove it`);
}

/** Runs a command on the client, which has to be up; resolves to its exit code. */
export async function onClient(world: World, command: readonly string[]): Promise<number> {
  if (!(await machines(world).isRunning(vmid)))
    throw new Error("The client is not up. Bring it up with: npm run lab:client");
  return attach("ssh", [...sshArguments(network.client), ...command]);
}

/** Removes the client with everything on it. */
export async function removeClient(world: World): Promise<void> {
  await step("Remove the client", () => machines(world).remove(vmid));
}

function machines(world: World): MachineDriver {
  return containerMachines(new Docker(world.dockerHost), keys.ca);
}

function userData(): string {
  const user = {
    name: "ops",
    groups: ["docker"],
    shell: "/bin/bash",
    lock_passwd: true,
    sudo: "ALL=(ALL) NOPASSWD:ALL",
    ssh_authorized_keys: [readFileSync(`${keys.ssh}.pub`, "utf8").trim()],
  };
  const settings = {
    hostname: "client",
    users: [user],
    ssh_pwauth: false,
    ssh_genkeytypes: ["ed25519"],
    runcmd: ["systemctl restart ssh", "systemctl enable --now docker"],
  };
  return `#cloud-config\n${stringify(settings, { lineWidth: 0 })}`;
}

/** Whether it can be logged in to, and Docker answers there. */
function isReady(): Promise<boolean> {
  return run("ssh", ["-o", "ConnectTimeout=5", ...sshArguments(network.client), "docker version"], {
    timeoutMs: 15_000,
  }).then(
    () => true,
    () => false,
  );
}
