import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { attach } from "../tools/run";
import { Docker } from "./docker";
import { machineImage } from "./image/build";
import { keys } from "./keys";
import { containerMachines } from "./machine";
import { run, waitFor } from "./process";
import { step } from "./progress";
import type { MachineDriver } from "./proxmox/machines";
import { network } from "./settings";
import { sshArguments } from "./ssh";
import type { World } from "./world";

/**
 * A computer of the house that is no guest of the Proxmox node. It has what Debian has, with Docker: the homelab's root
 * certificate and registry are unknown to it.
 */
export interface Computer {
  /** Also its host name. */
  readonly name: string;
  /** Tells its container from those of the node's guests. */
  readonly vmid: number;
  readonly address: string;
  readonly memoryMiB: number;
  /** Groups of its user `ops`, who may use sudo without a password. */
  readonly groups: readonly string[];
  /** File of its SSH host key. The lab makes it, so that it is known before the computer is there. */
  readonly hostKey: string;
  /** What brings it up, for who asks for it before. */
  readonly broughtUpBy: string;
}

/** To pull images with. */
export const client: Computer = {
  name: "client",
  vmid: 171,
  address: network.client,
  memoryMiB: 1024,
  groups: ["docker"],
  hostKey: keys.clientHost,
  broughtUpBy: "npm run lab:client",
};

/** There before the stack, which may run its registry on it. */
export const nas: Computer = {
  name: "nas",
  vmid: 170,
  address: network.nas,
  memoryMiB: 3072,
  groups: [],
  hostKey: keys.nasHost,
  broughtUpBy: "npm start, with nas in homelab:hosts of the config",
};

/** Brings it up, unless it is. */
export async function startComputer(world: World, computer: Computer): Promise<void> {
  const { name, vmid, address, memoryMiB } = computer;
  await step(`Machine ${name}`, async () => {
    await machines(world).start({
      ...{ vmid, name, address, memoryMiB },
      image: machineImage,
      cores: 2,
      userData: userData(computer),
      metaData: stringify({ "instance-id": `${name}-${vmid}`, "local-hostname": name }),
      mac: "",
      diskGiB: 0,
    });
    await waitFor(() => isReady(computer), 120_000);
  });
}

/** Runs a command on it, or a shell, as the user `ops`; resolves to the exit code. */
export async function onComputer(
  world: World,
  { name, vmid, address, broughtUpBy }: Computer,
  command: readonly string[],
): Promise<number> {
  if (!(await machines(world).isRunning(vmid)))
    throw new Error(`The ${name} is not up. Bring it up with: ${broughtUpBy}`);
  return attach("ssh", [...sshArguments(address), ...command]);
}

/** Removes it with everything on it. */
export async function removeComputer(world: World, { name, vmid }: Computer): Promise<void> {
  await step(`Remove the ${name}`, () => machines(world).remove(vmid));
}

/** Its public host key as a config names it: without the comment. */
export const publicHostKey = ({ hostKey }: Computer): string =>
  readFileSync(`${hostKey}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");

/** What cloud-init makes of the image at its first boot. */
export function userData(computer: Computer): string {
  const user = {
    name: "ops",
    ...(computer.groups.length > 0 && { groups: computer.groups }),
    shell: "/bin/bash",
    lock_passwd: true,
    sudo: "ALL=(ALL) NOPASSWD:ALL",
    ssh_authorized_keys: [readFileSync(`${keys.ssh}.pub`, "utf8").trim()],
  };
  const settings = {
    hostname: computer.name,
    users: [user],
    ssh_pwauth: false,
    ssh_keys: { ed25519_private: readFileSync(computer.hostKey, "utf8"), ed25519_public: publicHostKey(computer) },
    runcmd: ["systemctl restart ssh", "systemctl enable --now docker"],
  };
  return `#cloud-config\n${stringify(settings, { lineWidth: 0 })}`;
}

function machines(world: World): MachineDriver {
  return containerMachines(new Docker(world.dockerHost), keys.ca);
}

/** Whether it can be logged in to, and Docker answers there. */
function isReady({ address }: Computer): Promise<boolean> {
  const ask = ["-o", "ConnectTimeout=5", ...sshArguments(address), "sudo docker version"];
  return run("ssh", ask, { timeoutMs: 15_000 }).then(
    () => true,
    () => false,
  );
}
