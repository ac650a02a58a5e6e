import { list, pattern } from "../../config/fields";
import { resourcePolicy } from "../policy";
import { at, items, unknown, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "least-privilege",
  level: "mandatory",
  summary: "Nobody gets all of Proxmox, and Proxmox is reached over checked TLS with an API token.",
  doc: `Whoever gets hold of this stack's token shall not have the house. Refused are:

- a role that may do everything (\`refusedRoles\`) on the path \`/\`, in an ACL or in the deprecated \`acls\` of a user or a
  group;
- an API token without privilege separation, for it has all rights of its user (separate ones are the default);
- a Proxmox provider that logs in with a password or a ticket, which have all rights of their user and can't be revoked
  by themselves, or with \`insecure\`, which lets anybody on the network pose as Proxmox.

What isn't known before the update is a violation.`,
  requirements: [],
  settings: {
    refusedRoles: list(pattern("a role's name", "Administrator", /^[A-Za-z][\w.-]*$/))
      .prefault(["Administrator", "PVEAdmin"])
      .describe("Roles that nobody may have on all of Proxmox."),
  },
  types: [...types.acls, ...types.accounts, ...types.apiTokens, types.proxmoxProvider],
  judge({ type, inputs }, { refusedRoles }, violation) {
    const is = (kind: readonly string[]): boolean => kind.includes(type);
    if (is(types.apiTokens)) judgeToken(inputs, violation);
    else if (is([types.proxmoxProvider])) judgeProvider(inputs, violation);
    else {
      const acls: readonly Value[] = is(types.acls) ? [inputs] : items(at(inputs, "acls"));
      for (const acl of acls) judgeAcl(acl, refusedRoles, violation);
    }
  },
});

type Violation = (message: string) => void;

function judgeAcl(acl: Value, refusedRoles: readonly string[], violation: Violation): void {
  const path = at(acl, "path");
  const role = at(acl, "roleId");
  const everywhere = path === unknown || (typeof path === "string" && /^\/*$/.test(path));
  if (!everywhere || (role !== unknown && !refusedRoles.some((each) => each === role))) return;
  if (path === unknown || role === unknown) {
    const what = path === unknown ? "path" : "role";
    violation(`it grants rights whose ${what} is not known before the update; give it a value that is known now`);
  } else {
    violation(
      `it grants ${String(role)} on ${path}, which is all of Proxmox; ` +
        "grant a role with the privileges that are needed, on the paths where they are (`/vms/<id>`, `/storage/<name>`)",
    );
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
