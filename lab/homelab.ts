import type { Administration, Grant } from "./proxmox/administration";
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

/** The pool that the program makes its VM in: `homelab:proxmox.pool`. */
const pool = "homelab";

const grant = (path: string, role: string, propagate = true): Grant => ({ token: tokenId, path, role, propagate });

/** What the README tells the node's administrator to do, and no more, so that the lab finds what a real token would lack. */
export const administration: Administration = {
  pools: [pool],
  roles: {
    HomelabVM: [
      ...["VM.Allocate", "VM.Audit", "VM.PowerMgmt", "VM.GuestAgent.Audit", "VM.Config.CPU", "VM.Config.Memory"],
      ...["VM.Config.Disk", "VM.Config.CDROM", "VM.Config.Network", "VM.Config.HWType", "VM.Config.Options"],
      ...["VM.Config.Cloudinit", "Pool.Audit"],
    ],
    HomelabFiles: ["Datastore.Allocate", "Datastore.AllocateTemplate", "Datastore.Audit"],
    HomelabDisks: ["Datastore.AllocateSpace", "Datastore.Audit"],
    HomelabNode: ["Sys.Audit", "Sys.AccessNetwork"],
    HomelabBridge: ["SDN.Use"],
    HomelabGuests: ["VM.Audit"],
    HomelabBackups: ["Sys.Audit", "Sys.Modify"],
    HomelabRealms: ["Realm.Allocate"],
    HomelabGroups: ["Group.Allocate"],
    HomelabRights: ["Permissions.Modify"],
  },
  grants: [
    grant(`/pool/${pool}`, "HomelabVM"),
    grant("/storage/local", "HomelabFiles"),
    grant("/storage/local-lvm", "HomelabDisks"),
    grant(`/nodes/${node.name}`, "HomelabNode"),
    grant("/sdn/zones/localnetwork/vmbr0", "HomelabBridge"),
    grant("/vms", "HomelabGuests"),
    grant("/", "HomelabBackups", false),
    grant("/access/realm", "HomelabRealms"),
    grant("/access/groups", "HomelabGroups"),
    grant("/vms", "HomelabRights"),
    grant("/storage", "HomelabRights"),
    grant("/", "HomelabRights", false),
  ],
};
