import { types } from "../../../policies/types";
import { messages, notYetKnown, type TestResource } from "../../helpers/policy/harness";

const judged = (type: string, inputs: Record<string, unknown>, settings: object = {}) =>
  messages("least-privilege", [{ type, name: "one", inputs }], settings);

const tooMuch = (role: string) =>
  `it grants ${role} on /, which is all of Proxmox; ` +
  "grant a role with the privileges that are needed, on the paths where they are (`/pool/<name>`, `/storage/<name>`)";

test.each(["Administrator", "PVEAdmin"])("least-privilege: nobody is %s on /", async (roleId) => {
  for (const type of types.acls) {
    expect(await judged(type, { path: "/", roleId, propagate: false })).toEqual([tooMuch(roleId)]);
  }
  for (const type of types.accounts) {
    const acls = [
      { path: "/vms/160", roleId: "PVEVMAdmin" },
      { path: "/", roleId, propagate: true },
    ];
    expect(await judged(type, { acls })).toEqual([tooMuch(roleId)]);
  }
});

test.each([
  ["/vms", "PVEVMUser"],
  ["/vms", "PVEVMAdmin"],
  ["/vms/160", "PVETemplateUser"],
  ["/pool/homelab", "PVEPoolUser"],
  ["/storage/local", "PVEDatastoreUser"],
  ["/sdn/zones/localnetwork/vmbr0", "PVESDNUser"],
  ["/", "PVEAuditor"],
  [notYetKnown, "PVEAuditor"],
])("least-privilege: on %s may be granted %s", async (path, roleId) => {
  expect(await judged(types.acls[0], { path, roleId })).toEqual([]);
  expect(await judged(types.accounts[1], { groupId: "family", acls: [{ path, roleId }] })).toEqual([]);
});

test("least-privilege: rights go to accounts that the stack makes", async () => {
  const acl = (grantee: object) => ({
    type: types.acls[0],
    name: "acl",
    inputs: { path: "/vms", roleId: "PVEVMUser", ...grantee },
  });
  const user = (inputs: object) => ({
    type: types.accounts[0],
    name: "user",
    inputs: { userId: "anna@pve", ...inputs },
  });
  const group = { type: types.accounts[1], name: "group", inputs: { groupId: "family" } };
  const of = (...resources: TestResource[]) => messages("least-privilege", resources);
  expect(await of(acl({ userId: "anna@pve" }), user({}))).toEqual([]);
  expect(await of(acl({ tokenId: "anna@pve!one" }), user({}))).toEqual([]);
  expect(await of(acl({ groupId: "family" }), group)).toEqual([]);
  expect(await of(acl({ groupId: notYetKnown }))).toEqual([]);
  expect(await of(user({ groups: ["family"] }), group)).toEqual([]);
  expect(await of(acl({ groupId: "family" }))).toEqual([
    "it grants rights to family, which this stack doesn't make; make that account here too",
  ]);
  expect(await of(user({ groups: ["family"] }))).toEqual([
    "it is in the group family, which this stack doesn't make; make it here too",
  ]);
});

test("least-privilege: a role of the stack's own may be granted on one thing", async () => {
  const role = { type: types.roles[0], name: "role", inputs: { roleId: "Backup", privileges: ["VM.Backup"] } };
  const acl = (path: string) => ({ type: types.acls[0], name: "acl", inputs: { path, roleId: "Backup" } });
  expect(await messages("least-privilege", [role, acl("/vms/160")])).toEqual([]);
  expect(await messages("least-privilege", [role, acl("/vms")])).toEqual([
    "it grants Backup on /vms, which is more than anybody needs, or nothing tells what it is; " +
      "grant PVEAuditor or PVEVMAdmin or PVEVMUser there",
  ]);
});

test("least-privilege: PVEAdmin on guests is for the group of the single sign-on's administrators", async () => {
  const stack = (groupId: string) => [
    { type: `${types.authentik}:Group`, name: "admins", inputs: { name: "admins", superuser: true } },
    { type: `${types.authentik}:Group`, name: "family", inputs: { name: "family", superuser: false } },
    {
      type: types.openIdRealms[0],
      name: "realm",
      inputs: { realm: "sso", issuerUrl: notYetKnown, usernameClaim: "username", groupsOverwrite: true },
    },
    ...["admins-sso", "family-sso"].map((each) => ({ type: types.accounts[1], name: each, inputs: { groupId: each } })),
    { type: types.acls[0], name: "acl", inputs: { path: "/vms", roleId: "PVEAdmin", groupId } },
  ];
  expect(await messages("least-privilege", stack("admins-sso"))).toEqual([]);
  expect(await messages("least-privilege", stack("family-sso"))).toEqual([
    expect.stringMatching(/^it grants PVEAdmin on \/vms, which is more than anybody needs/),
  ]);
});

test("least-privilege: rights that aren't known yet are a violation", async () => {
  const message = (what: string) =>
    `it grants rights whose ${what} is not known before the update; give it a value that is known now`;
  expect(await judged(types.acls[0], { path: notYetKnown, roleId: "Administrator" })).toEqual([message("path")]);
  expect(await judged(types.acls[0], { path: "/", roleId: notYetKnown })).toEqual([message("role")]);
  expect(await judged(types.accounts[0], { acls: notYetKnown })).toEqual([message("path")]);
});

test("least-privilege: the stack says which roles may be granted on everything", async () => {
  const rolesEverywhere = ["PVEVMAdmin"];
  expect(await judged(types.acls[0], { path: "/", roleId: "PVEVMAdmin" }, { rolesEverywhere })).toEqual([]);
  expect(await judged(types.acls[0], { path: "/", roleId: "PVEAuditor" }, { rolesEverywhere })).toEqual([
    tooMuch("PVEAuditor"),
  ]);
});

test("least-privilege: an API token has rights of its own", async () => {
  const remedy = "set `privilegesSeparation` to true and grant the token what it needs";
  const user = { type: types.accounts[0], name: "user", inputs: { userId: "pulumi@pve" } };
  for (const type of types.apiTokens) {
    const token = (inputs: object) =>
      messages("least-privilege", [user, { type, name: "one", inputs: { userId: "pulumi@pve", ...inputs } }]);
    expect(await token({ privilegesSeparation: true })).toEqual([]);
    expect(await token({})).toEqual([]);
    expect(await token({ privilegesSeparation: false })).toEqual([`it has all rights of its user; ${remedy}`]);
    expect(await token({ privilegesSeparation: notYetKnown })).toEqual([
      `whether it has rights of its own is not known before the update; ${remedy}`,
    ]);
    expect(await token({ userId: "root@pam" })).toEqual([
      "it is a token of root@pam, which this stack doesn't make; make that user here too",
    ]);
  }
});

test("least-privilege: the provider logs in with an API token", async () => {
  const message = (login: string) =>
    `it logs in with all rights of a user (\`${login}\`); give it an \`apiToken\` with rights of its own instead`;
  expect(await judged(types.proxmoxProvider, { apiToken: "pulumi@pve!homelab=0", insecure: "false" })).toEqual([]);
  expect(await judged(types.proxmoxProvider, { username: "root@pam", password: "letmein" })).toEqual([
    message("password"),
    "it sets `username`, which the stack's Proxmox doesn't need; remove it",
  ]);
  expect(await judged(types.proxmoxProvider, { authTicket: notYetKnown })).toEqual([message("authTicket")]);
});

test.each([true, "true", notYetKnown])("least-privilege: insecure %j is a violation", async (insecure) => {
  expect(await judged(types.proxmoxProvider, { apiToken: "pulumi@pve!homelab=0", insecure })).toEqual([
    "it doesn't check whom it talks to (`insecure`); remove that, and let this machine trust Proxmox's certificate",
  ]);
});

test("least-privilege: an exempted grant passes", async () => {
  const exempt = [{ resource: "one", reason: "the emergency account of the house" }];
  expect(await judged(types.acls[0], { path: "/", roleId: "Administrator" }, { exempt })).toEqual([]);
});
