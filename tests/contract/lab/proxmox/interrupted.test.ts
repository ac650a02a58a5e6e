import { clearInterrupted } from "../../../../tools/interrupted";
import { refreshVm } from "../../../../tools/refresh-vm";
import type { Outcome } from "../../../../tools/run";
import { exportState, knownState, type StateResource } from "../../../../tools/stack";
import { takeOver } from "../../../../tools/take-over";
import { TestNode, tokens } from "../../../helpers/contract/proxmox-node";
import { findTools, ProxmoxProgram } from "../../../helpers/contract/proxmox-program";

const found = findTools();
if ("reason" in found && process.env.CI !== "true") console.warn(`Skipped: ${found.reason}`);
const suite = "folders" in found ? describe : describe.skip;

const program = `
  const pulumi = require("@pulumi/pulumi");
  const proxmox = require("@pulumi/proxmoxve");
  const provider = new proxmox.Provider("proxmox", { endpoint: process.env.ENDPOINT, apiToken: process.env.API_TOKEN });
  new proxmox.backup.Job("backup", { resourceId: "tooling", schedule: "02:30", storage: "local", vmids: ["160"] }, { provider, deleteBeforeReplace: true });
  const parent = new pulumi.ComponentResource("homelab:sso:ProxmoxLogin", "login");
`;

const openid = { "issuer-url": "https://auth.home.arpa/", "client-id": "proxmox" };
const signOn = `
  const child = { provider, parent, deleteBeforeReplace: true };
  for (const groupId of ["admins", "family"])
    new proxmox.GroupLegacy(groupId, { groupId, comment: "Members come from single sign-on" }, child);
  new proxmox.realm.Openid("realm", {
    realm: "authentik", issuerUrl: "https://auth.home.arpa/", clientId: "proxmox", clientKey: "Client-Key-1",
  }, child);
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
    expect(
      await takeOver(outcome, { halfMade: [absent, group, realm], resources: [] }, (line) => told.push(line)),
    ).toBe(true);
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

  const replaced = {
    backup: "/cluster/backup/tooling",
    family: "/access/groups/family",
    realm: "/access/domains/authentik",
  };

  /** Leaves the state of an update that was killed while it replaced all of these, after their deletion. */
  const killInReplacing = async (): Promise<void> => {
    const { deployment } = await exportState(outcome);
    const isOne = ({ urn }: StateResource) => Object.keys(replaced).some((name) => urn.endsWith(`::${name}`));
    const resources = deployment.resources.map((each) => ({ ...each, pendingReplacement: isOne(each) }));
    const pending_operations = deployment.resources
      .filter(isOne)
      .map((each) => ({ type: "creating", resource: { ...each, id: undefined, outputs: undefined } }));
    project.writeDeployment("test", { ...deployment, resources, pending_operations });
  };
  const converge = async (): Promise<string[]> => {
    const told: string[] = [];
    await clearInterrupted(outcome, await knownState(outcome), (line) => told.push(line));
    await up();
    await project.pulumi("preview", "--refresh", "--expect-no-changes");
    for (const path of Object.values(replaced)) expect((await node.call("GET", path)).status).toBe(200);
    return told;
  };

  test("A8: what was made in the place of what was deleted is taken over, and made where it is not there", async () => {
    await killInReplacing();
    expect((await converge()).sort()).toEqual(
      Object.keys(replaced).map((name) => expect.stringContaining(`${name}: it is there, and taken over.`)),
    );

    await killInReplacing();
    for (const path of Object.values(replaced)) expect((await node.call("DELETE", path)).status).toBe(200);
    expect(await converge()).toEqual([]);
  }, 120_000);

  test("A8: a component and a provider, which are in the state alone, are forgotten", async () => {
    const { deployment } = await exportState(outcome);
    const made = deployment.resources.filter(({ urn }) => /::(login|proxmox)$/.test(urn));
    const pending_operations = made.map((each) => ({
      type: "creating",
      resource: { ...each, urn: `${each.urn}-more`, id: undefined, outputs: undefined },
    }));
    expect(pending_operations).toHaveLength(2);
    project.writeDeployment("test", { ...deployment, pending_operations });
    const told: string[] = [];
    await clearInterrupted(outcome, await knownState(outcome), (line) => told.push(line));
    expect({ told, halfMade: (await knownState(outcome)).halfMade }).toEqual({ told: [], halfMade: [] });
  }, 60_000);
});
