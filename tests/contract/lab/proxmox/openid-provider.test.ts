import { refusal, TestNode } from "../../../helpers/contract/proxmox-node";
import { findTools, ProxmoxProgram } from "../../../helpers/contract/proxmox-program";

const found = findTools();
if ("reason" in found && process.env.CI !== "true") console.warn(`Skipped: ${found.reason}`);
const suite = "folders" in found ? describe : describe.skip;

/** The realm with its groups and their rights, as the second phase of single sign-on makes them. */
const program = ({ issuer = "https://auth.home.arpa/application/o/proxmox/", autocreate = true } = {}): string => `
  const pulumi = require("@pulumi/pulumi");
  const proxmox = require("@pulumi/proxmoxve");
  const provider = new proxmox.Provider("proxmox", { endpoint: process.env.ENDPOINT, apiToken: process.env.API_TOKEN });
  const realm = new proxmox.realm.Openid("realm", {
    realm: "authentik",
    issuerUrl: ${JSON.stringify(issuer)},
    clientId: "proxmox",
    clientKey: pulumi.secret(process.env.CLIENT_KEY),
    usernameClaim: "username",
    autocreate: ${autocreate},
    groupsClaim: "groups",
    groupsAutocreate: false,
    groupsOverwrite: true,
    scopes: "email profile",
    queryUserinfo: true,
    comment: "Single sign-on",
  }, { provider });
  const rights = { admins: ["/", "PVEAdmin"], family: ["/vms", "PVEVMUser"] };
  for (const [name, [path, roleId]] of Object.entries(rights)) {
    const group = new proxmox.GroupLegacy(name, {
      groupId: pulumi.interpolate\`\${name}-\${realm.realm}\`, comment: "Members come from single sign-on",
    }, { provider });
    new proxmox.Acl(name, { path, roleId, groupId: group.groupId, propagate: true }, { provider });
  }
`;

/** What the token needs for it, and no more. */
const privileges = {
  "/access/realm": ["Realm.Allocate"],
  "/access/groups": ["Group.Allocate"],
  "/": ["Permissions.Modify"],
};

suite("EF-015: Pulumi's Proxmox provider keeps an OpenID realm, its groups and their rights", () => {
  const node = new TestNode(privileges);
  let project: ProxmoxProgram;

  beforeAll(async () => {
    await node.start();
    const { endpoint, apiToken } = node.connection;
    const variables = { ENDPOINT: endpoint, API_TOKEN: apiToken, CLIENT_KEY: "Client-Key-1" };
    project = new ProxmoxProgram("folders" in found ? found.folders : [], node.certificateFile, variables);
    project.write("index.js", program());
    await project.pulumi("stack", "init", "test");
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await node.remove();
  });

  const get = async (path: string): Promise<unknown> => (await node.call("GET", path)).data;
  const groupRights = async (): Promise<{ path: string; type: string }[]> =>
    ((await get("/access/acl")) as { path: string; type: string }[]).filter(({ type }) => type === "group");
  const up = (): Promise<string> => project.pulumi("up", "--yes", "--skip-preview");

  test("the first update makes them", async () => {
    expect(await up()).toMatch(/\+ 7 created/);
    expect(await get("/access/domains/authentik")).toEqual({
      type: "openid",
      "issuer-url": "https://auth.home.arpa/application/o/proxmox/",
      "client-id": "proxmox",
      "client-key": "Client-Key-1",
      "username-claim": "username",
      default: 0,
      autocreate: 1,
      "groups-claim": "groups",
      "groups-autocreate": 0,
      "groups-overwrite": 1,
      "query-userinfo": 1,
      scopes: "email profile",
      comment: "Single sign-on",
    });
    expect((await groupRights()).sort((one, other) => one.path.length - other.path.length)).toEqual([
      { path: "/", roleid: "PVEAdmin", type: "group", ugid: "admins-authentik", propagate: 1 },
      { path: "/vms", roleid: "PVEVMUser", type: "group", ugid: "family-authentik", propagate: 1 },
    ]);
  }, 120_000);

  test("the client key is encrypted in the state", async () => {
    const state = await project.pulumi("stack", "export");
    expect(state).toContain('"clientId": "proxmox"');
    expect(state).not.toContain("Client-Key-1");
  }, 60_000);

  test("a second update and a refresh find nothing to do", async () => {
    expect(await up()).toMatch(/Resources:\n\s+7 unchanged/);
    await node.call("POST", "/access/users", { userid: "alice@authentik", groups: "admins-authentik" });
    await project.pulumi("refresh", "--yes", "--skip-preview");
    expect(await project.pulumi("preview", "--expect-no-changes")).toMatch(/7 unchanged/);
  }, 180_000);

  test("another issuer and another switch change the realm in place, and what somebody did by hand is undone", async () => {
    project.write("index.js", program({ issuer: "https://auth.home.arpa/application/o/pve/", autocreate: false }));
    expect(await up()).toMatch(/~ 1 updated/);
    expect(await get("/access/domains/authentik")).toMatchObject({
      "issuer-url": "https://auth.home.arpa/application/o/pve/",
      autocreate: 0,
      "client-key": "Client-Key-1",
    });
    const byHand = { path: "/vms", roles: "PVEVMUser", groups: "family-authentik", delete: 1 };
    expect((await node.call("PUT", "/access/acl", byHand)).status).toBe(200);
    await project.pulumi("up", "--yes", "--skip-preview", "--refresh");
    expect(await groupRights()).toHaveLength(2);
  }, 180_000);

  test("what is destroyed is gone, and people who logged in are left", async () => {
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(await groupRights()).toEqual([]);
    expect(await get("/access/groups")).toEqual([]);
    expect(refusal(await node.call("GET", "/access/domains/authentik"))).toEqual([
      500,
      "domain 'authentik' does not exist",
    ]);
  }, 120_000);
});
