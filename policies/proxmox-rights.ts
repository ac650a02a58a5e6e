import { at, isOff, items, unknown, valuesAt, type Resource, type Value } from "./resource";
import { isOneOf, types } from "./types";

/** Whom a stack makes in Proxmox: names, also ones that are not known yet. */
export interface Accounts {
  readonly groups: readonly Value[];
  readonly users: readonly Value[];
  /** The groups for those who administer the single sign-on: `<group>-<realm>`. */
  readonly administrators: readonly Value[];
  /** Roles of the stack's own, whose privileges are judged ({@link privilegeProblems}). */
  readonly roles: readonly Value[];
  /** `homelab:sso.proxmox`: the realm, and which role each group has. */
  readonly login: Value;
}

export function accountsOf(resources: readonly Resource[]): Accounts {
  const given = (kinds: readonly string[], property: string): readonly Value[] =>
    resources.filter(({ type }) => isOneOf(kinds, type)).flatMap(({ inputs }) => valuesAt(inputs, property));
  const superusers = resources.filter(
    ({ type, inputs }) => type === `${types.authentik}:Group` && at(inputs, "superuser") === true,
  );
  return {
    groups: given(types.accounts, "groupId"),
    users: given(types.accounts, "userId"),
    administrators: given(types.openIdRealms, "realm").flatMap((realm) =>
      superusers.map(({ inputs }): Value => {
        const name = at(inputs, "name");
        return name === unknown || realm === unknown ? unknown : `${String(name)}-${String(realm)}`;
      }),
    ),
    roles: given(types.roles, "roleId"),
    login: given([types.ssoAccess], "sso.proxmox")[0],
  };
}

/** Whether a group is the realm's: its members come from the single sign-on. */
export function isOfRealm(group: Value, { login }: Accounts): boolean {
  const realm = at(login, "realm");
  return typeof group === "string" && typeof realm === "string" && group.endsWith(`-${realm}`);
}

/** Whether the config gives a role to a group of the realm. Of administrators the paths are judged. */
function isAsked(group: Value, role: Value, { login, administrators }: Accounts): boolean {
  const realm = String(at(login, "realm"));
  const asked = items(at(login, "roles")).some(
    (each) => `${String(at(each, "group"))}-${realm}` === group && at(each, "role") === role,
  );
  return asked || administrators.includes(group);
}

/** Whether a name may be one of those; none is given to nobody. */
export const isAmong = (name: Value, made: readonly Value[]): boolean =>
  name === unknown || isOff(name) || made.includes(name) || made.includes(unknown);

/** Who administers accounts, or a node, can give himself the rest. */
const keys = ["access", "nodes"];

/** Roles of Proxmox's own that may be granted on all there is of a kind. */
const onAll: Readonly<Record<string, readonly string[]>> = { vms: ["PVEVMAdmin", "PVEVMUser"] };

/** The same on one of them. */
const onOne: Readonly<Record<string, readonly string[]>> = {
  mapping: ["PVEMappingUser"],
  pool: ["PVEDatastoreUser", "PVEPoolUser", "PVEVMAdmin", "PVEVMUser"],
  sdn: ["PVESDNUser"],
  storage: ["PVEDatastoreAdmin", "PVEDatastoreUser"],
  vms: ["PVETemplateUser", "PVEVMAdmin", "PVEVMUser"],
};

/** Where administrators of the single sign-on are `PVEAdmin` (components/sso/clients/proxmox-login.ts). */
const administered = ["storage", "vms"];

/** What is wrong with an ACL, in a resource of its own or in the deprecated `acls` of a user or a group. */
export function grantProblems(acl: Value, accounts: Accounts, rolesEverywhere: readonly string[]): readonly string[] {
  const [path, role, groupId] = ["path", "roleId", "groupId"].map((each) => at(acl, each));
  const isEverywhere = rolesEverywhere.some((each) => each === role);
  const isUnasked = isOfRealm(groupId, accounts) && !isAsked(groupId, role, accounts);
  const strangers = [
    ...(isAmong(groupId, accounts.groups) ? [] : [groupId]),
    ...["userId", "tokenId"]
      .map((property) => at(acl, property))
      .filter((name) => !isAmong(typeof name === "string" ? name.replace(/!.*$/s, "") : name, accounts.users)),
  ].map((who) => `it grants rights to ${String(who)}, which this stack doesn't make; make that account here too`);
  const wrongly = isUnasked
    ? [`it grants ${String(role)} to ${String(groupId)}, which homelab:sso.proxmox.roles doesn't; add it there`]
    : strangers;
  if (!isEverywhere && (path === unknown || role === unknown)) {
    const what = path === unknown ? "path" : "role";
    return [`it grants rights whose ${what} is not known before the update; give it a value that is known now`];
  }
  const steps = (typeof path === "string" ? path : "").split("/").filter((step) => step !== "");
  const [first = ""] = steps;
  const isOne = steps.length > 1;
  const isAdministrators = role === "PVEAdmin" && administered.includes(first) && !isOne;
  const allowed = [
    ...((isOne ? onOne : onAll)[first] ?? []),
    ...(isOne && first in onOne ? accounts.roles : []),
    ...(isAdministrators && !isOff(groupId) && isAmong(groupId, accounts.administrators) ? [role] : []),
  ];
  if (isEverywhere || allowed.includes(role)) return wrongly;
  return [`it grants ${String(role)} on ${String(path)}, ${whyNot(first, allowed, rolesEverywhere)}`, ...wrongly];
}

function whyNot(first: string, allowed: readonly Value[], rolesEverywhere: readonly string[]): string {
  if (first === "")
    return (
      "which is all of Proxmox; " +
      "grant a role with the privileges that are needed, on the paths where they are (`/pool/<name>`, `/storage/<name>`)"
    );
  const remedy = `grant ${[...rolesEverywhere, ...allowed.map(String)].join(" or ")} there`;
  if (keys.includes(first)) return `with which one can get every other right; ${remedy}`;
  return `which is more than anybody needs, or nothing tells what it is; ${remedy}`;
}

/** Privileges from which no other one follows. Source: https://pve.proxmox.com/pve-docs/pveum.1.html#_privileges */
const harmless: readonly Value[] = [
  ...["Datastore.Allocate", "Datastore.AllocateSpace", "Datastore.AllocateTemplate", "Datastore.Audit"],
  ...["Mapping.Audit", "Mapping.Use", "Pool.Audit", "SDN.Audit", "SDN.Use", "Sys.Audit", "Sys.Syslog"],
  ...["VM.Allocate", "VM.Audit", "VM.Backup", "VM.Clone", "VM.Config.CDROM", "VM.Config.CPU", "VM.Config.Cloudinit"],
  ...["VM.Config.Disk", "VM.Config.HWType", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options"],
  ...["VM.Console", "VM.GuestAgent.Audit", "VM.Migrate", "VM.PowerMgmt", "VM.Snapshot", "VM.Snapshot.Rollback"],
];

/** What is wrong with a role of the stack's own. */
export function privilegeProblems(inputs: Value): readonly string[] {
  const privileges = items(at(inputs, "privileges")).filter((privilege) => !harmless.includes(privilege));
  return privileges.map((privilege) =>
    privilege === unknown
      ? "its privileges are not known before the update; give them values that are known now"
      : `it has the privilege ${String(privilege)}, which is not on the list of those that lead to no other; leave it out`,
  );
}
