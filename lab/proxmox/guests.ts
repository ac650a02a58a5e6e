import { createHash } from "node:crypto";
import { qemuFormats } from "./endpoints/qemu-options";
import { failure } from "./errors";
import { inPath, type Call, type Lab } from "./lab";
import { parseProperties, type Properties } from "./property-string";
import type { Entry, Guest } from "./state";

const mib = 2 ** 20;

/** A guest as lists show it. */
export interface GuestSummary {
  readonly vmid: number;
  readonly node: string;
  readonly name: string;
  readonly running: boolean;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly disk: number;
  readonly config: Entry;
}

/** The guest in the path of the request. Guests that were there before the lab cannot be changed. */
export function guestOf(call: Call): Guest {
  const vmid = inPath(call, "vmid");
  const guest = call.lab.store.state.guests[vmid];
  if (guest?.node === inPath(call, "node")) return guest;
  const existing = call.lab.options.guests.find((each) => String(each.vmid) === vmid);
  if (existing) throw failure(`VM ${vmid} stands for a guest that exists already: the lab only lists it`);
  throw noSuchGuest(inPath(call, "node"), vmid);
}

/** The configuration of the guest in the path, one that was there before the lab included. */
export function configOf(call: Call): Entry {
  const [vmid, node] = [inPath(call, "vmid"), inPath(call, "node")];
  const existing = call.lab.options.guests.find((each) => String(each.vmid) === vmid && each.node === node);
  return existing ? configOfExisting(existing) : guestOf(call).config;
}

function noSuchGuest(node: string, vmid: string): Error {
  return failure(`Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`);
}

function configOfExisting({ name, memory, cores }: Lab["options"]["guests"][number]): Entry {
  return { name, memory: String(Math.floor(memory / mib)), cores };
}

/** The node a guest id is in use on. */
export function nodeUsing(lab: Lab, vmid: number): string | undefined {
  return lab.store.state.guests[String(vmid)]?.node ?? lab.options.guests.find((each) => each.vmid === vmid)?.node;
}

/** Every guest the caller may see. */
export async function visibleGuests(call: Call): Promise<GuestSummary[]> {
  const { lab } = call;
  const existing = lab.options.guests.map((each) => summary(each.vmid, each.node, configOfExisting(each), true));
  const made = Object.values(lab.store.state.guests).map(async ({ vmid, node, config }) =>
    summary(vmid, node, config, await lab.options.machines.isRunning(vmid)),
  );
  return [...existing, ...(await Promise.all(made))]
    .filter(({ vmid }) => lab.access.has(call.caller, `/vms/${vmid}`, "VM.Audit"))
    .sort((one, other) => one.vmid - other.vmid);
}

/** The figures of one guest. */
export function summary(vmid: number, node: string, config: Entry, running: boolean): GuestSummary {
  const boot = disksOf(config).find(([, drive]) => drive.get("media") !== "cdrom");
  return {
    vmid,
    node,
    name: String(config["name"] ?? `VM${vmid}`),
    running,
    cores: Number(config["cores"] ?? 1) * Number(config["sockets"] ?? 1),
    memory: Number(config["memory"] ?? 512) * mib,
    disk: sizeInBytes(boot?.[1].get("size") ?? "0"),
    config,
  };
}

/** The drives of a guest, in the order of their names. */
export function disksOf(config: Entry): [string, Properties][] {
  return Object.entries(config)
    .filter(([name]) => isDrive(name))
    .map(([name, value]): [string, Properties] => [name, parseProperties(String(value), qemuFormats.drive)])
    .sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
}

/** Whether an option is a drive. */
export const isDrive = (option: string): boolean => /^(ide|sata|scsi|virtio)\d+$/.test(option);

/** Reads a size as Proxmox writes it: `62G`, `512M`, or bytes. */
export function sizeInBytes(size: string): number {
  const unit = { K: 1, M: 2, G: 3, T: 4 }[size.slice(-1)] ?? 0;
  return Math.round(parseFloat(size) * 1024 ** unit);
}

/** Writes a size as Proxmox does. */
export function formatSize(bytes: number): string {
  const units: [string, number][] = [
    ["T", 2 ** 40],
    ["G", 2 ** 30],
    ["M", mib],
    ["K", 1024],
  ];
  const [unit, factor] = units.find(([, each]) => bytes % each === 0 && bytes >= each) ?? ["", 1];
  return `${bytes / factor}${unit}`;
}

/** The checksum of an object that guards against two changes at once. */
export function digest(entry: Entry): string {
  return createHash("sha1")
    .update(JSON.stringify(Object.entries(entry).sort()))
    .digest("hex");
}

/** Refuses a change that was prepared for an older version of the object. */
export function checkDigest(entry: Entry, given: string | undefined): void {
  if (given !== undefined && given !== digest(entry))
    throw failure("detected modified configuration - file changed by other user? Try again.");
}
