import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { volumeFile } from "../datastores";
import { qemuFormats } from "../endpoints/qemu-options";
import { disksOf, summary } from "../guests";
import type { Lab } from "../lab";
import type { MachineSpec } from "../machines";
import { parseProperties } from "../property-string";
import type { Entry, Guest } from "../state";

const mib = 2 ** 20;
const gib = 2 ** 30;

/** What the machine driver needs to boot a guest. Throws when the guest cannot boot in the lab. */
export function machineSpec(lab: Lab, guest: Guest): MachineSpec {
  const { name, cores, memory } = summary(guest.vmid, guest.node, guest.config, false);
  const disk = disksOf(guest.config)
    .map(([, drive]) => lab.store.state.volumes[drive.get("file") ?? ""])
    .find((volume) => volume?.image !== undefined);
  if (disk?.image === undefined)
    throw new Error(
      `VM ${guest.vmid} has no bootable disk. The lab boots only disks that were imported from its own cloud image ` +
        "(importFrom).",
    );
  const userData = snippet(lab, guest.config, "user") ?? nativeUserData(name, guest.config);
  const instance = createHash("sha1")
    .update(`${userData}\n${guest.config["ipconfig0"] ?? ""}`)
    .digest("hex");
  return {
    vmid: guest.vmid,
    name,
    image: disk.image,
    cores,
    memoryMiB: memory / mib,
    userData,
    metaData: snippet(lab, guest.config, "meta") ?? `instance-id: ${instance}\nlocal-hostname: ${name}\n`,
    address: fixedAddress(guest),
    mac: firstAddress(guest.config),
    diskGiB: Math.ceil(disk.size / gib),
  };
}

function snippet(lab: Lab, config: Entry, kind: "user" | "meta"): string | undefined {
  const custom = config["cicustom"];
  const volid = custom === undefined ? undefined : parseProperties(String(custom), qemuFormats.snippets).get(kind);
  if (volid === undefined) return undefined;
  const file = volumeFile(lab.options.storageRoot, volid);
  if (!existsSync(file)) throw new Error(`volume '${volid}' does not exist`);
  return readFileSync(file, "utf8");
}

/** What Proxmox itself writes without a snippet. */
function nativeUserData(name: string, config: Entry): string {
  const keys = decodeURIComponent(String(config["sshkeys"] ?? ""))
    .split("\n")
    .filter((key) => key.trim() !== "");
  return [
    "#cloud-config",
    `hostname: ${name}`,
    "manage_etc_hosts: true",
    `user: ${config["ciuser"] ?? "root"}`,
    "disable_root: false",
    ...(config["cipassword"] === undefined ? [] : [`password: ${JSON.stringify(config["cipassword"])}`]),
    ...(keys.length === 0 ? [] : ["ssh_authorized_keys:", ...keys.map((key) => `  - ${JSON.stringify(key.trim())}`)]),
    "chpasswd:",
    "  expire: false",
    "",
  ].join("\n");
}

function fixedAddress(guest: Guest): string {
  const settings = parseProperties(String(guest.config["ipconfig0"] ?? ""), qemuFormats.address);
  const address = /^([\d.]+)\/\d+$/.exec(settings.get("ip") ?? "")?.[1];
  if (address === undefined)
    throw new Error(
      `VM ${guest.vmid} has no fixed address, and the lab has no DHCP. Set ipconfig0 to ip=<address>/<prefix>,gw=<gateway>.`,
    );
  return address;
}

function firstAddress(config: Entry): string {
  const device = config["net0"];
  return device === undefined ? "" : (parseProperties(String(device), qemuFormats.network).get("macaddr") ?? "");
}
