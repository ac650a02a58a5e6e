import type { StateStore } from "./state";

const vmUser = ["VM.Audit", "VM.Backup", "VM.Config.CDROM", "VM.Config.Cloudinit", "VM.Console", "VM.PowerMgmt"];
const vmAdmin = [
  ...vmUser,
  "VM.Allocate",
  "VM.Clone",
  "VM.Config.CPU",
  "VM.Config.Disk",
  "VM.Config.HWType",
  "VM.Config.Memory",
  "VM.Config.Network",
  "VM.Config.Options",
  "VM.GuestAgent.Audit",
  "VM.GuestAgent.FileRead",
  "VM.GuestAgent.FileSystemMgmt",
  "VM.GuestAgent.FileWrite",
  "VM.GuestAgent.Unrestricted",
  "VM.Migrate",
  "VM.Replicate",
  "VM.Snapshot",
  "VM.Snapshot.Rollback",
];
const datastoreUser = ["Datastore.AllocateSpace", "Datastore.Audit"];
const datastoreAdmin = [...datastoreUser, "Datastore.Allocate", "Datastore.AllocateTemplate"];
const poolAdmin = ["Pool.Allocate", "Pool.Audit"];
const poolUser = ["Pool.Audit"];
const sdnUser = ["SDN.Audit", "SDN.Use"];
const sdnAdmin = [...sdnUser, "SDN.Allocate"];
const sysAdmin = ["Permissions.Modify", "Sys.Audit", "Sys.Console", "Sys.Syslog"];
const userAdmin = ["Group.Allocate", "Realm.AllocateUser", "User.Modify"];
const mapping = ["Mapping.Audit", "Mapping.Modify", "Mapping.Use"];
const auditor = [
  "Datastore.Audit",
  "Mapping.Audit",
  "Pool.Audit",
  "SDN.Audit",
  "Sys.Audit",
  "VM.Audit",
  "VM.GuestAgent.Audit",
];
const everything = [
  ...vmAdmin,
  ...datastoreAdmin,
  ...poolAdmin,
  ...sdnAdmin,
  ...sysAdmin,
  ...userAdmin,
  ...mapping,
  "Realm.Allocate",
  "Sys.AccessNetwork",
  "Sys.Incoming",
  "Sys.Modify",
  "Sys.PowerMgmt",
];

/** The roles every Proxmox has. */
export const builtinRoles: Readonly<Record<string, readonly string[]>> = {
  Administrator: everything,
  NoAccess: [],
  PVEAdmin: [
    ...vmAdmin,
    ...datastoreAdmin,
    ...poolAdmin,
    ...sdnAdmin,
    ...userAdmin,
    "Sys.Audit",
    "Sys.Console",
    "Sys.Syslog",
  ],
  PVEAuditor: auditor,
  PVEDatastoreAdmin: datastoreAdmin,
  PVEDatastoreUser: datastoreUser,
  PVEMappingAdmin: mapping,
  PVEMappingUser: ["Mapping.Audit", "Mapping.Use"],
  PVEPoolAdmin: poolAdmin,
  PVEPoolUser: poolUser,
  PVESDNAdmin: sdnAdmin,
  PVESDNUser: sdnUser,
  PVESysAdmin: sysAdmin,
  PVETemplateUser: ["VM.Audit", "VM.Clone"],
  PVEUserAdmin: userAdmin,
  PVEVMAdmin: vmAdmin,
  PVEVMUser: vmUser,
};

/** Every privilege there is. */
export const allPrivileges: ReadonlySet<string> = new Set(everything);

/** What a role allows; nothing when there is no such role. */
export function rolePrivileges(store: StateStore, role: string): readonly string[] | undefined {
  const own = store.collection("roles")[role];
  return own === undefined
    ? builtinRoles[role]
    : String(own["privs"] ?? "")
        .split(",")
        .filter((each) => each !== "");
}
