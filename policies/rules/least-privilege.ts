import { list, pattern } from "../../config/fields";
import { stackPolicy } from "../policy";
import { providerProblems, realmProblems } from "../proxmox-doors";
import { accountsOf, grantProblems, isAmong, isOfRealm, privilegeProblems, type Accounts } from "../proxmox-rights";
import { at, items, unknown, type Resource, type Value } from "../resource";
import { isOneOf, types } from "../types";

export default stackPolicy({
  name: "least-privilege",
  level: "mandatory",
  summary: "Nobody gets all of Proxmox, and Proxmox is reached over checked TLS with an API token.",
  doc: `Whoever gets hold of this stack's token shall not have the house. What is allowed:

- \`rolesEverywhere\` may be granted on any path. On all guests (\`/vms\`) also \`PVEVMUser\` and \`PVEVMAdmin\`; on one guest, pool, storage,
  network or mapping those of Proxmox's own roles that are of that kind, and roles of the stack's own; \`PVEAdmin\` on \`/vms\` and
  \`/storage\` for the group of those who administer the single sign-on. Nothing else, in ACLs or in the deprecated \`acls\` of a
  user or a group;
- rights go to groups and users that the stack makes and to tokens of these users, and users are members of these groups.
  A group of the single sign-on's realm has the role that \`homelab:sso.proxmox.roles\` gives it, and no other user.
  Accounts of the node's own system (\`@pam\`) are not made here, nor tokens of theirs;
- a role of the stack's own has privileges that lead to no other one: not \`Permissions.Modify\`, for example;
- an API token has rights of its own (privilege separation, the default);
- the Proxmox provider logs in with an API token, to the \`endpoint\` and the node of the stack's config, and checks whom it
  talks to (not \`insecure\`). Passwords and tickets have all rights of their user and can't be revoked by themselves;
- an OpenID realm takes its users from the stack's single sign-on, as the application that the config names, by their name there, and their groups at each login.

A path, role or privilege that isn't known before the update is a violation.`,
  requirements: [],
  settings: {
    rolesEverywhere: list(pattern("a role's name", "PVEAuditor", /^[A-Za-z][\w.-]*$/))
      .prefault(["PVEAuditor"])
      .describe("Roles that may be granted on all of Proxmox."),
  },
  judgeStack({ resources }, { rolesEverywhere }, tell) {
    const accounts = accountsOf(resources);
    const inventory = resources.find(({ type }) => type === types.inventory)?.inputs;
    for (const resource of resources) {
      for (const problem of problemsOf(resource, accounts, inventory, rolesEverywhere))
        tell.violation(problem, resource);
    }
  },
});

function problemsOf(
  { type, inputs }: Resource,
  accounts: Accounts,
  inventory: Value,
  rolesEverywhere: readonly string[],
): readonly string[] {
  if (isOneOf(types.acls, type)) return grantProblems(inputs, accounts, rolesEverywhere);
  if (isOneOf(types.accounts, type)) {
    const acls = items(at(inputs, "acls")).flatMap((acl) => grantProblems(acl, accounts, rolesEverywhere));
    return [...acls, ...accountProblems(inputs, accounts)];
  }
  if (isOneOf(types.roles, type)) return privilegeProblems(inputs);
  if (isOneOf(types.apiTokens, type)) return tokenProblems(inputs, accounts);
  if (isOneOf(types.openIdRealms, type)) return realmProblems(inputs, at(inventory, "domain"), accounts.login);
  return type === types.proxmoxProvider ? providerProblems(inputs, inventory) : [];
}

function accountProblems(inputs: Value, accounts: Accounts): readonly string[] {
  const user = at(inputs, "userId");
  const all = items(at(inputs, "groups"));
  const foreign = all.filter((group) => !isAmong(group, accounts.groups));
  return [
    ...(typeof user === "string" && user.endsWith("@pam")
      ? [`${user} is an account of the node's own system; make one of another realm`]
      : []),
    ...foreign.map((group) => `it is in the group ${String(group)}, which this stack doesn't make; make it here too`),
    ...all
      .filter((group) => isOfRealm(group, accounts))
      .map((group) => `it is in ${String(group)}, whose members come from the single sign-on; leave it out`),
  ];
}

function tokenProblems(inputs: Value, { users }: Accounts): readonly string[] {
  const separation = at(inputs, "privilegesSeparation") ?? true;
  const user = at(inputs, "userId");
  const whose =
    separation === unknown
      ? "whether it has rights of its own is not known before the update"
      : "it has all rights of its user";
  return [
    ...(separation === true
      ? []
      : [`${whose}; set \`privilegesSeparation\` to true and grant the token what it needs`]),
    ...(isAmong(user, users)
      ? []
      : [`it is a token of ${String(user)}, which this stack doesn't make; make that user here too`]),
  ];
}
