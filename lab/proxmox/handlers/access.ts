import { randomUUID } from "node:crypto";
import { failure, parameterErrors, unauthorized } from "../errors";
import { change, inPath, type Call, type Handlers } from "../lab";
import { allPrivileges, builtinRoles, rolePrivileges } from "../roles";
import type { AclEntry, Entry } from "../state";
import { listAll, messages, parametersOf, read, remove, stored, update, type Collection } from "./collections";
import { shownPermissions } from "./permissions";

const users: Collection = {
  name: "users",
  id: "userid",
  missing: (id) => failure(`no such user ('${id}')`),
  exists: (id) => failure(`create user failed: user '${id}' already exists`),
  show: (entry) => ({ enable: 1, expire: 0, ...entry, groups: parts(entry["groups"]) }),
};

const groups: Collection = { name: "groups", id: "groupid", ...messages("group", "create group failed") };
const roles: Collection = { name: "roles", id: "roleid", ...messages("role", "create role failed") };

/** Logging in, users with their tokens, groups, roles, and the access control list. */
export const accessHandlers: Handlers = {
  "POST /access/ticket": (call) => {
    const username = call.values.text("username");
    if (!call.lab.access.isRootPassword(username, call.values.text("password")))
      throw unauthorized("authentication failure");
    return { username, ...call.lab.access.newTicket(), cap: {} };
  },
  "GET /access/permissions": shownPermissions,
  "GET /access/users": listAll(users),
  "GET /access/users/{userid}": read(users),
  "POST /access/users": (call) => {
    const [id, entries] = [call.values.text("userid"), call.lab.store.collection("users")];
    const realm = id.split("@").pop() ?? "";
    if (!["pam", "pve"].includes(realm) && !call.lab.store.collection("realms")[realm])
      throw failure(`create user failed: auth domain '${realm}' does not exist`);
    if (entries[id]) throw users.exists(id);
    requireGroups(call);
    change(
      call.lab,
      () => (entries[id] = call.values.record(parametersOf("POST /access/users"), "userid", "password")),
    );
    return null;
  },
  "PUT /access/users/{userid}": (call) => {
    requireGroups(call);
    return update("PUT /access/users/{userid}", users)(call);
  },
  "DELETE /access/users/{userid}": (call) => {
    dropFromAcl(call, "user", inPath(call, "userid"));
    return remove(users)(call);
  },
  "PUT /access/password": (call) => {
    const id = call.values.text("userid");
    if (!call.lab.store.collection("users")[id]) throw users.missing(id);
    return null;
  },
  "GET /access/groups": (call) =>
    Object.entries(call.lab.store.collection("groups")).map(([groupid, entry]) => ({
      groupid,
      ...entry,
      users: members(call, groupid).join(","),
    })),
  "GET /access/groups/{groupid}": (call) => ({
    ...stored(call, groups),
    members: members(call, inPath(call, "groupid")),
  }),
  "POST /access/groups": (call) => {
    const [id, entries] = [call.values.text("groupid"), call.lab.store.collection("groups")];
    if (entries[id]) throw groups.exists(id);
    change(call.lab, () => (entries[id] = call.values.record(parametersOf("POST /access/groups"), "groupid")));
    return null;
  },
  "PUT /access/groups/{groupid}": update("PUT /access/groups/{groupid}", groups),
  "DELETE /access/groups/{groupid}": (call) => {
    for (const user of members(call, inPath(call, "groupid"))) leaveGroup(call, user, inPath(call, "groupid"));
    dropFromAcl(call, "group", inPath(call, "groupid"));
    return remove(groups)(call);
  },
  ...roleHandlers(),
  ...tokenHandlers(),
  "GET /access/acl": (call) =>
    call.lab.store.state.acl.filter(({ path }) => call.lab.access.has(call.caller, path, "Permissions.Modify")),
  "PUT /access/acl": changeAcl,
};

function roleHandlers(): Handlers {
  const privileges = (call: Call): string => {
    const list = call.values.list("privs");
    const unknown = list.find((each) => !allPrivileges.has(each));
    if (unknown !== undefined) throw parameterErrors({ privs: `invalid privilege '${unknown}'` });
    return list.join(",");
  };
  const own = (call: Call): Entry => {
    const id = inPath(call, "roleid");
    if (builtinRoles[id]) throw failure(`auto-generated role '${id}' cannot be modified`);
    return stored(call, roles);
  };
  return {
    "GET /access/roles": (call) => [
      ...Object.entries(builtinRoles).map(([roleid, privs]) => ({ roleid, privs: privs.join(","), special: 1 })),
      ...Object.entries(call.lab.store.collection("roles")).map(([roleid, entry]) => ({
        roleid,
        ...entry,
        special: 0,
      })),
    ],
    "GET /access/roles/{roleid}": (call) => {
      const id = inPath(call, "roleid");
      const found = rolePrivileges(call.lab.store, id);
      if (!found) throw roles.missing(id);
      return Object.fromEntries(found.map((name) => [name, 1]));
    },
    "POST /access/roles": (call) => {
      const [id, entries] = [call.values.text("roleid"), call.lab.store.collection("roles")];
      if (entries[id] || builtinRoles[id]) throw roles.exists(id);
      const privs = privileges(call);
      change(call.lab, () => (entries[id] = { privs }));
      return null;
    },
    "PUT /access/roles/{roleid}": (call) => {
      const entry = own(call);
      const added = privileges(call);
      const privs = call.values.is("append") ? [...parts(entry["privs"]), added].join(",") : added;
      change(call.lab, () => (entry["privs"] = privs));
      return null;
    },
    "DELETE /access/roles/{roleid}": (call) => {
      own(call);
      return remove(roles)(call);
    },
  };
}

function tokenHandlers(): Handlers {
  const base = "/access/users/{userid}/token";
  const id = (call: Call): string => `${inPath(call, "userid")}!${inPath(call, "tokenid")}`;
  const shown = (entry: Entry): Entry => {
    const known: Entry = { expire: 0, privsep: 1, ...entry };
    delete known["value"];
    return known;
  };
  const token = (call: Call): Entry => {
    const entry = call.lab.store.collection("tokens")[id(call)];
    if (!entry) throw failure(`no such token '${inPath(call, "tokenid")}' for user '${inPath(call, "userid")}'`);
    return entry;
  };
  return {
    [`GET ${base}`]: (call) =>
      Object.entries(call.lab.store.collection("tokens"))
        .filter(([each]) => each.startsWith(`${inPath(call, "userid")}!`))
        .map(([each, entry]) => ({ tokenid: each.split("!")[1], ...shown(entry) })),
    [`GET ${base}/{tokenid}`]: (call) => shown(token(call)),
    [`POST ${base}/{tokenid}`]: (call) => {
      const tokens = call.lab.store.collection("tokens");
      if (!call.lab.store.collection("users")[inPath(call, "userid")]) throw users.missing(inPath(call, "userid"));
      if (tokens[id(call)]) throw parameterErrors({ tokenid: "Token already exists." });
      const entry: Entry = { ...call.values.record(parametersOf(`POST ${base}/{tokenid}`)), value: randomUUID() };
      change(call.lab, () => (tokens[id(call)] = entry));
      return { "full-tokenid": id(call), value: entry["value"], info: shown(entry) };
    },
    [`PUT ${base}/{tokenid}`]: (call) => {
      const entry = token(call);
      change(call.lab, () => Object.assign(entry, call.values.record(parametersOf(`PUT ${base}/{tokenid}`))));
      return shown(entry);
    },
    [`DELETE ${base}/{tokenid}`]: (call) => {
      token(call);
      dropFromAcl(call, "token", id(call));
      change(call.lab, () => delete call.lab.store.collection("tokens")[id(call)]);
      return null;
    },
  };
}

function changeAcl(call: Call): null {
  const { values, lab } = call;
  const path = values.text("path");
  if (!path.startsWith("/")) throw parameterErrors({ path: `invalid ACL path '${path}'` });
  const subjects = [
    ...values.list("users").map((ugid) => ({ type: "user", ugid }) as const),
    ...values.list("groups").map((ugid) => ({ type: "group", ugid }) as const),
    ...values.list("tokens").map((ugid) => ({ type: "token", ugid }) as const),
  ];
  if (subjects.length === 0) {
    const missing = "either 'users', 'groups' or 'tokens' is required.";
    throw parameterErrors({ users: missing, groups: missing, tokens: missing });
  }
  for (const role of values.list("roles")) requireRole(call, path, role);
  const collections = { user: "users", group: "groups", token: "tokens" } as const;
  for (const { type, ugid } of values.is("delete") ? [] : subjects)
    if (!knows(call, collections[type], ugid)) throw failure(`ACL update failed: ${type} '${ugid}' does not exist`);
  const entries = subjects.flatMap((subject) =>
    values
      .list("roles")
      .map((roleid): AclEntry => ({ path, roleid, ...subject, propagate: values.is("propagate", true) ? 1 : 0 })),
  );
  const same = (one: AclEntry, other: AclEntry): boolean =>
    one.path === other.path && one.roleid === other.roleid && one.type === other.type && one.ugid === other.ugid;
  change(lab, () => {
    const others = lab.store.state.acl.filter((old) => !entries.some((entry) => same(old, entry)));
    lab.store.state.acl = values.is("delete") ? others : [...others, ...entries];
  });
  return null;
}

/** Without `Permissions.Modify` only what one has oneself can be given away. */
function requireRole(call: Call, path: string, role: string): void {
  const privileges = rolePrivileges(call.lab.store, role);
  if (!privileges) throw failure(`ACL update failed: role '${role}' does not exist`);
  const { access } = call.lab;
  if (access.has(call.caller, path, "Permissions.Modify")) return;
  const verb = call.values.is("delete") ? "remove" : "add";
  if (privileges.some((each) => !access.has(call.caller, path, each)))
    throw parameterErrors({
      role: `Cannot ${verb} role '${role}' - requires 'Permissions.Modify' or superset of privileges.`,
    });
}

function knows(call: Call, kind: "users" | "groups" | "tokens", id: string): boolean {
  if (kind === "users" && id === "root@pam") return true;
  return call.lab.store.collection(kind)[id] !== undefined;
}

function dropFromAcl(call: Call, type: AclEntry["type"], id: string): void {
  const { state } = call.lab.store;
  state.acl = state.acl.filter((entry) => entry.type !== type || entry.ugid !== id);
}

function requireGroups(call: Call): void {
  for (const group of call.values.list("groups"))
    if (!call.lab.store.collection("groups")[group]) throw groups.missing(group);
}

function members(call: Call, group: string): string[] {
  return Object.entries(call.lab.store.collection("users"))
    .filter(([, entry]) => parts(entry["groups"]).includes(group))
    .map(([id]) => id);
}

function leaveGroup(call: Call, user: string, group: string): void {
  const entry = call.lab.store.collection("users")[user];
  if (entry)
    entry["groups"] = parts(entry["groups"])
      .filter((name) => name !== group)
      .join(",");
}

function parts(list: string | number | undefined): string[] {
  return String(list ?? "")
    .split(/[,;\s]+/)
    .filter((each) => each !== "");
}
