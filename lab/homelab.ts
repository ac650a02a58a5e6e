import type { ProxmoxOptions } from "./proxmox/options";

const gib = 1024 ** 3;

/** The Proxmox node the lab plays. */
export const node = { name: "pve-mon", memory: 32 * gib, cores: 12 } as const;

/** What runs on it before the program does anything: 16.5 GiB and 11 vCPUs. `Pulumi.lab.yaml` lists the same. */
export const guests: ProxmoxOptions["guests"] = [
  { vmid: 151, node: node.name, name: "media", memory: 4 * gib, cores: 4 },
  { vmid: 152, node: node.name, name: "nas", memory: 4 * gib, cores: 2 },
  { vmid: 153, node: node.name, name: "monitoring", memory: 4.5 * gib, cores: 3 },
  { vmid: 154, node: node.name, name: "apps", memory: 4 * gib, cores: 2 },
];

/** The VMID of the tooling VM in `Pulumi.lab.yaml`. */
export const toolingVm = 160;

/** The API token the program uses. */
export const tokenId = "pulumi@pve!homelab";

const vmConfig = ["CPU", "Memory", "Disk", "Network", "HWType", "Options", "Cloudinit", "CDROM"].map(
  (each) => `VM.Config.${each}`,
);

/** Exactly the rights that the README tells to give, so that the lab finds what a real token would lack. */
export const tokenPrivileges: Readonly<Record<string, readonly string[]>> = {
  "/access/groups": ["Group.Allocate"],
  "/access/realm": ["Realm.Allocate"],
  "/storage": ["Permissions.Modify"],
  "/vms": ["Permissions.Modify", "VM.Audit"],
  [`/nodes/${node.name}`]: ["Sys.Audit", "Sys.AccessNetwork"],
  [`/vms/${toolingVm}`]: ["VM.Allocate", "VM.Audit", ...vmConfig, "VM.PowerMgmt", "VM.GuestAgent.Audit"],
  "/storage/local-lvm": ["Datastore.AllocateSpace", "Datastore.Audit"],
  "/storage/local": ["Datastore.Allocate", "Datastore.AllocateTemplate", "Datastore.Audit"],
  "/sdn/zones/localnetwork/vmbr0": ["SDN.Use"],
};

/** The same, but not for what is below: Proxmox keeps its backup jobs at the root of everything. */
export const tokenOwnPrivileges: Readonly<Record<string, readonly string[]>> = {
  "/": ["Permissions.Modify", "Sys.Audit", "Sys.Modify"],
};
