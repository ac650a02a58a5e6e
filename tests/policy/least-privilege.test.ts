import { types } from "../../policies/types";
import { messages, notYetKnown } from "./harness";

const judged = (type: string, inputs: Record<string, unknown>, settings: object = {}) =>
  messages("least-privilege", [{ type, name: "one", inputs }], settings);

const tooMuch = (role: string) =>
  `it grants ${role} on /, which is all of Proxmox; ` +
  "grant a role with the privileges that are needed, on the paths where they are (`/pool/<name>`, `/storage/<name>`)";

test.each(["Administrator", "PVEAdmin"])("least-privilege: nobody is %s on /", async (roleId) => {
  for (const type of types.acls) {
    expect(await judged(type, { path: "/", roleId, tokenId: "pulumi@pve!homelab" })).toEqual([tooMuch(roleId)]);
    expect(await judged(type, { path: "/", roleId, propagate: false, userId: "pulumi@pve" })).toEqual([
      tooMuch(roleId),
    ]);
  }
  for (const type of types.accounts) {
    const acls = [
      { path: "/vms/160", roleId: "PVEVMAdmin" },
      { path: "/", roleId, propagate: true },
    ];
    expect(await judged(type, { acls })).toEqual([tooMuch(roleId)]);
  }
});

test("least-privilege: a part of Proxmox, or a small role, may be granted", async () => {
  expect(await judged(types.acls[0], { path: "/vms/160", roleId: "PVEAdmin" })).toEqual([]);
  expect(await judged(types.acls[0], { path: "/", roleId: "PVEAuditor" })).toEqual([]);
  expect(await judged(types.acls[0], { path: notYetKnown, roleId: "PVEAuditor" })).toEqual([]);
  expect(await judged(types.accounts[0], { userId: "family@pve" })).toEqual([]);
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
  for (const type of types.apiTokens) {
    expect(await judged(type, { userId: "pulumi@pve", privilegesSeparation: true })).toEqual([]);
    expect(await judged(type, { userId: "pulumi@pve" })).toEqual([]);
    expect(await judged(type, { privilegesSeparation: false })).toEqual([`it has all rights of its user; ${remedy}`]);
    expect(await judged(type, { privilegesSeparation: notYetKnown })).toEqual([
      `whether it has rights of its own is not known before the update; ${remedy}`,
    ]);
  }
});

test("least-privilege: the provider logs in with an API token", async () => {
  const message = (login: string) =>
    `it logs in with all rights of a user (\`${login}\`); give it an \`apiToken\` with rights of its own instead`;
  expect(await judged(types.proxmoxProvider, { apiToken: "pulumi@pve!homelab=0", insecure: "false" })).toEqual([]);
  expect(await judged(types.proxmoxProvider, { username: "root@pam", password: "letmein" })).toEqual([
    message("password"),
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
