import { refreshVm } from "../../tools/refresh-vm";
import type { Outcome } from "../../tools/run";
import { knownState, type StateResource } from "../../tools/stack";
import { takeOver } from "../../tools/take-over";
import { TestNode, tokens } from "./proxmox-node";
import { findTools, ProxmoxProgram } from "./proxmox-program";

const found = findTools();
if ("reason" in found && process.env.CI !== "true") console.warn(`Skipped: ${found.reason}`);
const suite = "folders" in found ? describe : describe.skip;

const program = `
  const pulumi = require("@pulumi/pulumi");
  const proxmox = require("@pulumi/proxmoxve");
  const provider = new proxmox.Provider("proxmox", { endpoint: process.env.ENDPOINT, apiToken: process.env.API_TOKEN });
  new proxmox.backup.Job("backup", { resourceId: "tooling", schedule: "02:30", storage: "local", vmids: ["160"] }, { provider });
  const parent = new pulumi.ComponentResource("homelab:sso:ProxmoxLogin", "login");
`;

const openid = { "issuer-url": "https://auth.home.arpa/", "client-id": "proxmox" };
const signOn = `
  for (const groupId of ["admins", "family"])
    new proxmox.GroupLegacy(groupId, { groupId, comment: "Members come from single sign-on" }, { provider, parent });
  new proxmox.realm.Openid("realm", {
    realm: "authentik", issuerUrl: "https://auth.home.arpa/", clientId: "proxmox", clientKey: "Client-Key-1",
  }, { provider, parent });
`;

suite("an update after one that was killed, against Proxmox", () => {
  const everything = { token: tokens.pulumi, path: "/", role: "Administrator" };
  const node = new TestNode({ roles: {}, pools: [], grants: [everything] });
  let project: ProxmoxProgram;

  beforeAll(async () => {
    await node.start();
    const { endpoint, apiToken } = node.connection;
    project = new ProxmoxProgram("folders" in found ? found.folders : [], node.certificateFile, {
      ENDPOINT: endpoint,
      API_TOKEN: apiToken,
    });
    project.write("index.js", program);
    await project.pulumi("stack", "init", "test");
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await node.remove();
  });

  const outcome = (args: readonly string[]): Promise<Outcome> =>
    project.pulumi(...args).then(
      (stdout) => ({ code: 0, stdout, stderr: "" }),
      (error: Error) => ({ code: 1, stdout: "", stderr: error.message }),
    );
  const up = (): Promise<string> => project.pulumi("up", "--yes", "--skip-preview");
  const jobStatus = async (): Promise<number> => (await node.call("GET", "/cluster/backup/tooling")).status;

  test("A8: a backup job whose deletion was cut is found gone, and made again", async () => {
    await up();
    expect((await node.call("DELETE", "/cluster/backup/tooling")).status).toBe(200);
    const state = await knownState(outcome);
    await refreshVm(outcome, state, () => undefined);
    expect(await up()).toContain("1 created");
    expect(await jobStatus()).toBe(200);
  }, 120_000);

  /** As an update that was killed leaves it: pending, with the inputs that were sent. */
  const halfMade = async (type: string, name: string, inputs: Record<string, string>): Promise<StateResource> => {
    const { resources } = await knownState(outcome);
    const [provider, parent] = ["proxmox", "login"].map((each) =>
      resources.find(({ urn }) => urn.endsWith(`::${each}`)),
    );
    return {
      urn: `${parent?.urn}$${type}::${name}`,
      type,
      inputs,
      parent: parent?.urn,
      provider: `${provider?.urn}::${provider?.id}`,
    };
  };

  test("A8: a group and a realm that were made are taken over, and what was not made is made", async () => {
    const absent = await halfMade("proxmoxve:index/groupLegacy:GroupLegacy", "family", { groupId: "family" });
    const group = await halfMade("proxmoxve:index/groupLegacy:GroupLegacy", "admins", { groupId: "admins" });
    const realm = await halfMade("proxmoxve:realm/openid:Openid", "realm", { realm: "authentik" });
    await node.call("POST", "/access/groups", { groupid: "admins", comment: "made by the update that was killed" });
    await node.call("POST", "/access/domains", { realm: "authentik", type: "openid", ...openid });
    const told: string[] = [];
    expect(await takeOver(outcome, [absent, group, realm], (line) => told.push(line))).toBe(true);
    expect(told).toEqual([
      expect.stringContaining("admins: it is there"),
      expect.stringContaining("realm: it is there"),
    ]);
    project.write("index.js", program + signOn);
    const { code, stdout, stderr } = await outcome(["up", "--yes", "--skip-preview"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("1 created");
    expect((await outcome(["preview", "--expect-no-changes"])).code).toBe(0);
  }, 120_000);
});
