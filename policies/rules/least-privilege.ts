import { list, pattern } from "../../config/fields";
import { resourcePolicy } from "../policy";
import { at, items, unknown, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "least-privilege",
  level: "mandatory",
  summary: "Nobody gets all of Proxmox, and Proxmox is reached over checked TLS with an API token.",
  doc: `Whoever gets hold of this stack's token shall not have the house. Refused are:

- on \`/\`, and on \`/access\` and \`/nodes\` with what is below, every role but \`rolesEverywhere\`; on \`/vms\`, \`/storage\` and the
  like every role that is not Proxmox's own; \`Administrator\` anywhere; in ACLs and in the deprecated \`acls\` of a user or a group;
- a role of the stack's own with a privilege that leads to every other one, such as \`Permissions.Modify\`;
- an API token without privilege separation, for it has all rights of its user (separate ones are the default);
- a Proxmox provider that logs in with a password or a ticket, which have all rights of their user and can't be revoked
  by themselves, or with \`insecure\`, which lets anybody on the network pose as Proxmox.

What isn't known before the update is a violation.`,
  requirements: [],
  settings: {
    rolesEverywhere: list(pattern("a role's name", "PVEAuditor", /^[A-Za-z][\w.-]*$/))
      .prefault(["PVEAuditor"])
      .describe("Roles that may be granted on all of Proxmox."),
  },
  types: [...types.acls, ...types.accounts, ...types.apiTokens, ...types.roles, types.proxmoxProvider],
  judge({ type, inputs }, { rolesEverywhere }, violation) {
    const is = (kind: readonly string[]): boolean => kind.includes(type);
    if (is(types.apiTokens)) judgeToken(inputs, violation);
    else if (is(types.roles)) judgeRole(inputs, violation);
    else if (is([types.proxmoxProvider])) judgeProvider(inputs, violation);
    else {
      const acls: readonly Value[] = is(types.acls) ? [inputs] : items(at(inputs, "acls"));
      for (const acl of acls) judgeAcl(acl, rolesEverywhere, violation);
    }
  },
});

type Violation = (message: string) => void;

/** What a role on one of these reaches: every guest, every node, every storage, every account. */
const collections = ["access", "mapping", "nodes", "pool", "sdn", "storage", "vms"];

/** Who administers accounts, or a node, can give himself the rest. */
const keys = ["access", "nodes"];

function judgeAcl(acl: Value, rolesEverywhere: readonly string[], violation: Violation): void {
  const [path, role] = [at(acl, "path"), at(acl, "roleId")];
  if (rolesEverywhere.some((each) => each === role)) return;
  if (path === unknown || role === unknown) {
    const what = path === unknown ? "path" : "role";
    violation(`it grants rights whose ${what} is not known before the update; give it a value that is known now`);
    return;
  }
  const steps = (typeof path === "string" ? path : "").split("/").filter((step) => step !== "");
  const [first = ""] = steps;
  const name = String(role);
  const grants = `it grants ${name} on ${String(path)}`;
  if (first === "") {
    violation(
      `${grants}, which is all of Proxmox; ` +
        "grant a role with the privileges that are needed, on the paths where they are (`/pool/<name>`, `/storage/<name>`)",
    );
  } else if (keys.includes(first)) {
    violation(`${grants}, with which one can get every other right; grant ${rolesEverywhere.join(" or ")} there`);
  } else if (name === "Administrator") {
    violation(`${grants}, which is every privilege there is; grant a role with the privileges that are needed`);
  } else if (collections.includes(first) && steps.length === 1 && !name.startsWith("PVE")) {
    violation(
      `${grants}, and nothing tells what that role may do; grant one of Proxmox's own, or one on a single guest`,
    );
  }
}

/** Privileges with which one can get every other. */
const escalating: readonly Value[] = [
  ...[
    "Group.Allocate",
    "Permissions.Modify",
    "Realm.Allocate",
    "Realm.AllocateUser",
    "Sys.AccessNetwork",
    "Sys.Console",
  ],
  ...["Sys.Incoming", "Sys.Modify", "Sys.PowerMgmt", "User.Modify"],
];

function judgeRole(inputs: Value, violation: Violation): void {
  for (const privilege of items(at(inputs, "privileges"))) {
    if (privilege === unknown)
      violation("its privileges are not known before the update; give them values that are known now");
    else if (escalating.includes(privilege)) {
      violation(`it has the privilege ${String(privilege)}, with which one can get every other right; leave it out`);
    }
  }
}

function judgeToken(inputs: Value, violation: Violation): void {
  const separation = at(inputs, "privilegesSeparation") ?? true;
  if (separation === true) return;
  const problem =
    separation === unknown
      ? "whether it has rights of its own is not known before the update"
      : "it has all rights of its user";
  violation(`${problem}; set \`privilegesSeparation\` to true and grant the token what it needs`);
}

/** How a provider logs in as a whole user. */
const logins = ["password", "authTicket"] as const;

/** A provider's inputs other than text come as JSON. */
const off: readonly Value[] = [undefined, null, false, "false", ""];

function judgeProvider(inputs: Value, violation: Violation): void {
  for (const login of logins) {
    const given = at(inputs, login);
    if (given === undefined || given === null || given === "") continue;
    violation(
      `it logs in with all rights of a user (\`${login}\`); give it an \`apiToken\` with rights of its own instead`,
    );
  }
  if (!off.includes(at(inputs, "insecure"))) {
    violation(
      "it doesn't check whom it talks to (`insecure`); remove that, and let this machine trust Proxmox's certificate",
    );
  }
}
