import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { datastore, volumeFile } from "../datastores";
import { qemuFormats } from "../endpoints/qemu-options";
import { formatSize, isDrive, sizeInBytes } from "../guests";
import type { Lab } from "../lab";
import { formatProperties, parseProperties, type Properties } from "../property-string";
import type { Entry, Guest } from "../state";

const gib = 2 ** 30;
/** The size a Debian cloud image unpacks to. */
const importedSize = 3 * gib;
const cloudInitSize = 4 * 2 ** 20;

/** Puts new values into a guest's configuration: allocates disks, gives network devices an address, normalises tags. */
export function applyOptions(lab: Lab, guest: Guest, options: Entry): void {
  for (const [option, value] of Object.entries(options)) {
    if (isDrive(option)) guest.config[option] = applyDrive(lab, guest, option, String(value));
    else if (/^net\d+$/.test(option)) guest.config[option] = networkDevice(String(value), guest.config[option]);
    else if (option === "tags") guest.config[option] = sortedTags(String(value));
    else guest.config[option] = value;
  }
}

/** Takes options out of a guest's configuration; the disks among them are freed. */
export function removeOptions(lab: Lab, guest: Guest, options: readonly string[]): void {
  for (const option of options) {
    if (isDrive(option) && guest.config[option] !== undefined) {
      const file = parseProperties(String(guest.config[option]), qemuFormats.drive).get("file") ?? "";
      delete lab.store.state.volumes[file];
    }
    delete guest.config[option];
  }
}

/** Changes the size of a disk. `size` is absolute, or an increase when it starts with `+`. */
export function resizeDrive(lab: Lab, guest: Guest, option: string, size: string): void {
  const value = guest.config[option];
  if (value === undefined) throw new Error(`disk '${option}' does not exist`);
  const drive = parseProperties(String(value), qemuFormats.drive);
  const volume = lab.store.state.volumes[drive.get("file") ?? ""];
  if (!volume) throw new Error(`disk '${option}' has no volume that could be resized`);
  const target = size.startsWith("+") ? volume.size + sizeInBytes(size.slice(1)) : sizeInBytes(size);
  if (target < volume.size) throw new Error("shrinking disks is not supported");
  volume.size = target;
  drive.set("size", formatSize(target));
  guest.config[option] = formatProperties(drive, "file");
}

function applyDrive(lab: Lab, guest: Guest, option: string, value: string): string {
  const drive = parseProperties(value, qemuFormats.drive);
  const file = drive.get("file") ?? "";
  const old =
    guest.config[option] === undefined ? undefined : parseProperties(String(guest.config[option]), qemuFormats.drive);
  if (old?.get("file") === file) return keepSize(drive, old);
  const source = drive.get("import-from");
  drive.delete("import-from");
  const [storage = "", what = ""] = file.split(":");
  if (what === "cloudinit") return allocate(lab, guest, drive, { storage, name: "cloudinit", size: cloudInitSize });
  if (/^\d+(\.\d+)?$/.test(what)) {
    const image = source === undefined ? undefined : importedImage(lab, source);
    const size = source === undefined ? sizeInBytes(`${what}G`) : importedSize;
    return allocate(lab, guest, drive, { storage, name: `disk-${freeDisk(lab, guest, storage)}`, size, image });
  }
  if (!["none", "cdrom"].includes(file) && !exists(lab, file)) throw new Error(`volume '${file}' does not exist`);
  return formatProperties(drive, "file");
}

function keepSize(drive: Properties, old: Properties): string {
  const size = old.get("size");
  drive.delete("import-from");
  if (size !== undefined) drive.set("size", size);
  return formatProperties(drive, "file");
}

interface Allocation {
  readonly storage: string;
  readonly name: string;
  readonly size: number;
  readonly image?: string;
}

function allocate(lab: Lab, guest: Guest, drive: Properties, { storage, name, size, image }: Allocation): string {
  if (!datastore(storage).content.includes("images"))
    throw new Error(`storage '${storage}' does not support content-type 'images'`);
  const volid = `${storage}:vm-${guest.vmid}-${name}`;
  lab.store.state.volumes[volid] = { vmid: guest.vmid, format: "raw", size, ...(image === undefined ? {} : { image }) };
  drive.set("file", volid);
  if (name === "cloudinit") drive.set("media", "cdrom");
  drive.delete("format");
  drive.set("size", formatSize(size));
  return formatProperties(drive, "file");
}

function freeDisk(lab: Lab, guest: Guest, storage: string): number {
  const taken = (index: number): boolean => `${storage}:vm-${guest.vmid}-disk-${index}` in lab.store.state.volumes;
  let index = 0;
  while (taken(index)) index++;
  return index;
}

/** A cloud image of the lab is a small JSON file that names a docker image. */
function importedImage(lab: Lab, volid: string): string {
  const file = volumeFile(lab.options.storageRoot, volid);
  if (!existsSync(file)) throw new Error(`volume '${volid}' does not exist`);
  const image = manifestImage(readFileSync(file, "utf8"));
  if (image === undefined)
    throw new Error(
      `volume '${volid}' is not a cloud image of the lab: expected JSON such as {"image": "<docker image>"}. ` +
        "Let the image's URL point to the lab's own image.",
    );
  return image;
}

function manifestImage(content: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(content);
    const image = typeof manifest === "object" && manifest !== null && "image" in manifest ? manifest.image : undefined;
    return typeof image === "string" && image !== "" ? image : undefined;
  } catch {
    return undefined;
  }
}

function exists(lab: Lab, volid: string): boolean {
  if (lab.store.state.volumes[volid] !== undefined) return true;
  return /:(import|iso|snippets|vztmpl|backup)\//.test(volid) && existsSync(volumeFile(lab.options.storageRoot, volid));
}

/** Proxmox keeps a device as `virtio=<address>,bridge=…` and invents the address when it is not given. */
function networkDevice(value: string, old: string | number | undefined): string {
  const device = parseProperties(value, qemuFormats.network);
  const model = device.get("model") ?? "virtio";
  const before = old === undefined ? undefined : parseProperties(String(old), qemuFormats.network).get("macaddr");
  const address = device.get("macaddr") ?? before ?? randomAddress();
  device.delete("model");
  device.delete("macaddr");
  return formatProperties(new Map([[model, address.toUpperCase()], ...device]));
}

/** An address with Proxmox's own prefix. */
function randomAddress(): string {
  return ["BC", "24", "11", ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

function sortedTags(tags: string): string {
  return [
    ...new Set(
      tags
        .toLowerCase()
        .split(/[,;\s]+/)
        .filter((tag) => tag !== ""),
    ),
  ]
    .sort()
    .join(";");
}
