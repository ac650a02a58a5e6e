import { flag, integer, oneOf, optional, text } from "../schema";
import { all, perm, permAny, plain, type Endpoints } from "./endpoint";
import { qemuOptions } from "./qemu-options";

const guest = "/nodes/{node}/qemu/{vmid}";
const digest = text({ maxLength: 40 });
const timeout = integer({ minimum: 0 });
const power = perm("/vms/{vmid}", "VM.PowerMgmt");

const changeConfig = {
  parameters: {
    ...qemuOptions,
    ...optional({
      delete: text({ format: "pve-configid-list" }),
      digest,
      revert: text({ format: "pve-configid-list" }),
      skiplock: flag(),
    }),
  },
  check: permAny(
    "/vms/{vmid}",
    "VM.Config.Disk",
    "VM.Config.CDROM",
    "VM.Config.CPU",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.HWType",
    "VM.Config.Options",
    "VM.Config.Cloudinit",
  ),
};

const disks = (family: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${family}${index}`);

/** Virtual machines. */
export const qemuEndpoints: Endpoints = {
  "GET /nodes/{node}/qemu": { parameters: optional({ full: flag() }), check: all },
  "POST /nodes/{node}/qemu": {
    parameters: {
      vmid: integer({ minimum: 100, maximum: 999_999_999 }),
      ...qemuOptions,
      ...optional({
        archive: text({ maxLength: 255 }),
        bwlimit: integer({ minimum: 0 }),
        "import-working-storage": text({ format: "pve-storage-id" }),
        "live-restore": flag(),
        pool: text({ format: "pve-poolid" }),
        start: flag(),
        storage: text({ format: "pve-storage-id" }),
        unique: flag(),
      }),
    },
    check: all,
  },
  [`DELETE ${guest}`]: {
    parameters: optional({ "destroy-unreferenced-disks": flag(), purge: flag(), skiplock: flag() }),
    check: perm("/vms/{vmid}", "VM.Allocate"),
  },
  [`GET ${guest}/config`]: {
    parameters: optional({ current: flag(), snapshot: text({ format: "pve-configid", maxLength: 40 }) }),
    check: perm("/vms/{vmid}", "VM.Audit"),
  },
  [`POST ${guest}/config`]: {
    ...changeConfig,
    parameters: {
      ...changeConfig.parameters,
      ...optional({ background_delay: integer({ minimum: 1, maximum: 30 }) }),
    },
  },
  [`PUT ${guest}/config`]: changeConfig,
  [`GET ${guest}/pending`]: plain(perm("/vms/{vmid}", "VM.Audit")),
  [`PUT ${guest}/resize`]: {
    parameters: {
      disk: oneOf(
        ...disks("ide", 4),
        ...disks("scsi", 31),
        ...disks("virtio", 16),
        ...disks("sata", 6),
        "efidisk0",
        "tpmstate0",
      ),
      size: text({ pattern: "\\+?\\d+(\\.\\d+)?[KMGT]?" }),
      ...optional({ digest, skiplock: flag() }),
    },
    check: perm("/vms/{vmid}", "VM.Config.Disk"),
  },
  [`PUT ${guest}/cloudinit`]: plain(perm("/vms/{vmid}", "VM.Config.Cloudinit")),
  [`GET ${guest}/status/current`]: plain(perm("/vms/{vmid}", "VM.Audit")),
  [`POST ${guest}/status/start`]: {
    parameters: optional({
      "force-cpu": text(),
      machine: text({ maxLength: 40 }),
      migratedfrom: text({ format: "pve-node" }),
      migration_network: text(),
      migration_type: oneOf("secure", "insecure"),
      skiplock: flag(),
      stateuri: text({ maxLength: 128 }),
      targetstorage: text(),
      timeout,
    }),
    check: power,
  },
  [`POST ${guest}/status/stop`]: {
    parameters: optional({ keepActive: flag(), migratedfrom: text({ format: "pve-node" }), skiplock: flag(), timeout }),
    check: power,
  },
  [`POST ${guest}/status/shutdown`]: {
    parameters: optional({ forceStop: flag(), keepActive: flag(), skiplock: flag(), timeout }),
    check: power,
  },
  [`POST ${guest}/status/reboot`]: { parameters: optional({ timeout }), check: power },
  [`POST ${guest}/agent/ping`]: plain(permAny("/vms/{vmid}", "VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted")),
  [`GET ${guest}/agent/network-get-interfaces`]: plain(
    permAny("/vms/{vmid}", "VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"),
  ),
};
