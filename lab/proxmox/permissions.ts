import { poolsOf } from "./members";
import { allPrivileges, rolePrivileges } from "./roles";
import type { AclEntry, StateStore } from "./state";

/** Who sends a request. */
export interface Caller {
  /** As in `pulumi@pve`. */
  readonly user: string;
  /** The user, or the token as in `pulumi@pve!homelab`. */
  readonly name: string;
}

/** The one who may do everything. */
export const superuser = "root@pam";

/** Privileges or roles on a path; the value says whether they reach what is below it. */
export type Rights = ReadonlyMap<string, boolean>;

type Subject = (entry: AclEntry) => boolean;

/**
 * What somebody may do on a path: the rights given on the nearest path at or above it, and those of the pools it is in. A
 * token has what its user has too, and one without privilege separation all of that (`PVE::RPCEnvironment::permissions`).
 */
export function permissions(store: StateStore, { user, name }: Caller, path: string): Rights {
  if (name === superuser) return new Map([...allPrivileges].map((each) => [each, true]));
  if (name === user) return privileges(store, subjectsOf(store, user), path);
  const ofUser = permissions(store, { user, name: user }, path);
  if (store.collection("tokens")[name]?.["privsep"] === 0) return ofUser;
  const ofToken = privileges(store, [({ type, ugid }) => type === "token" && ugid === name], path);
  return new Map(
    [...ofToken].flatMap(([privilege, propagates]) => {
      const users = ofUser.get(privilege);
      return users === undefined ? [] : [[privilege, users && propagates] as const];
    }),
  );
}

/** What is given to a user counts before what is given to the user's groups. */
function subjectsOf(store: StateStore, user: string): Subject[] {
  const groups = String(store.collection("users")[user]?.["groups"] ?? "").split(",");
  return [
    ({ type, ugid }) => type === "user" && ugid === user,
    ({ type, ugid }) => type === "group" && groups.includes(ugid),
  ];
}

function privileges(store: StateStore, subjects: readonly Subject[], path: string): Rights {
  const given = new Map<string, boolean>();
  for (const [role, propagates] of rolesWithPools(store, subjects, path))
    for (const each of rolePrivileges(store, role) ?? []) given.set(each, (given.get(each) ?? false) || propagates);
  return given;
}

/** A pool's roles reach its members, but not what is below them; `NoAccess` counts for itself alone. */
function rolesWithPools(store: StateStore, subjects: readonly Subject[], path: string): Rights {
  const own = roles(store, subjects, path);
  const [, kind, id] = /^\/(vms|storage)\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined || own.has("NoAccess")) return own;
  const names = poolsOf(store, kind === "vms" ? "vms" : "storage", id);
  const pooled = names.flatMap((pool) => [...roles(store, subjects, `/pool/${pool}`).keys()]);
  if (pooled.includes("NoAccess")) return new Map([["NoAccess", false]]);
  return new Map([...pooled.map((role) => [role, false] as const), ...own]);
}

/** From the root down, what is given on a path takes the place of what is given above it. */
function roles(store: StateStore, subjects: readonly Subject[], path: string): Rights {
  const found = pathsTo(path).reduce<Rights>((above, each) => {
    const entries = store.state.acl.filter((entry) => entry.path === each && (each === path || entry.propagate === 1));
    const given = subjects.map((isMeant) => entries.filter(isMeant)).find((some) => some.length > 0);
    return given ? new Map(given.map(({ roleid, propagate }) => [roleid, propagate === 1])) : above;
  }, new Map());
  const none = found.get("NoAccess");
  return none === undefined ? found : new Map([["NoAccess", none]]);
}

function pathsTo(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}
