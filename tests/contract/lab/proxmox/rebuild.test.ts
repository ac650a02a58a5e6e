import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../../../tools/versions";
import { administration } from "../../../../lab/homelab";
import { rebuilds } from "../../../../policies/rebuild";
import { types } from "../../../../policies/types";
import { refusal, TestNode, tokens, vm160, type Parameters } from "../../../helpers/contract/proxmox-node";

const qemu = "/nodes/pve-mon/qemu";
const { tags, ...untagged } = vm160;

let node: TestNode;
afterEach(() => node.remove());

/** A node with the cloud image, whose token has these rights. */
async function start(rights: ConstructorParameters<typeof TestNode>[0]): Promise<void> {
  node = new TestNode(rights);
  await node.start();
  const file = { content: "import", filename: "image.qcow2", url: node.url("/image.qcow2") };
  expect(await node.run("POST", "/nodes/pve-mon/storage/local/download-url", file)).toBe("OK");
}

const create = (parameters: Parameters) => node.run("POST", qemu, parameters, tokens.pulumi);
const destroy = () => node.run("DELETE", `${qemu}/160`, {}, tokens.pulumi);

async function rightsOn(path: string): Promise<string[]> {
  const { data } = await node.call("GET", "/access/permissions", { path }, tokens.pulumi);
  return Object.keys((data as Record<string, object>)[path] ?? {});
}

const { HomelabVM = [] } = administration.roles;

test("A1: rights granted on /vms/<id> go with the guest, and it can't be made again", async () => {
  const pool = administration.grants.find(({ path }) => path.startsWith("/pool/"));
  const grants = administration.grants.map((each) => (each === pool ? { ...each, path: "/vms/160" } : each));
  await start({ ...administration, grants });
  expect(await create(untagged)).toBe("OK");
  expect(await rightsOn("/vms/160")).toContain("VM.Allocate");
  expect(await destroy()).toBe("OK");
  expect(await rightsOn("/vms/160")).not.toContain("VM.Allocate");
  expect(refusal(await node.call("POST", qemu, untagged, tokens.pulumi))).toEqual([403, "Permission check failed"]);
});

test("A1: with the README's rights, which are on a pool, it is made, deleted and made again", async () => {
  await start(administration);
  const inPool = { ...untagged, pool: "homelab" };
  for (let round = 1; round <= 2; round++) {
    expect(await create(inPool)).toBe("OK");
    expect(await rightsOn("/vms/160")).toEqual(expect.arrayContaining([...HomelabVM]));
    expect(await node.run("PUT", `${qemu}/160/resize`, { disk: "scsi0", size: "62G" }, tokens.pulumi)).toBe("OK");
    const { data } = await node.call("GET", "/cluster/resources", { type: "vm" }, tokens.pulumi);
    expect(data).toContainEqual(expect.objectContaining({ vmid: 160, pool: "homelab" }));
    expect(await destroy()).toBe("OK");
    expect(await rightsOn("/vms/160")).toEqual(["VM.Audit", "Permissions.Modify"]);
  }
});

/** What `rebuild-rights` finds for the VM of the program, at this node and with its token. */
async function problems(): Promise<readonly string[]> {
  const provider = "urn:pulumi:test::homelab::pulumi:providers:proxmoxve::proxmox";
  const inputs = {
    poolId: "homelab",
    vmId: 160,
    disks: [{ datastoreId: "local-lvm", importFrom: "local:import/image.qcow2" }],
  };
  const { apiToken } = node.connection;
  const found = await node.relayed((endpoint) =>
    rebuilds({
      resources: [
        { urn: provider, type: types.proxmoxProvider, name: "proxmox", inputs: { endpoint, apiToken }, protect: false },
        { urn: "vm", type: types.virtualMachines[0], name: "tooling", inputs, protect: true, provider },
      ],
      dependencies: () => [],
    }),
  );
  if ("failure" in found) throw new Error(found.failure);
  return found.vms.flatMap((each) => each.problems);
}

test("A1: rebuild-rights accepts the README's rights and refuses those on /vms/<id>, before the VM is deleted", async () => {
  await start(administration);
  expect(await problems()).toEqual([]);
  expect(await create({ ...untagged, pool: "homelab" })).toBe("OK");
  expect(await problems()).toEqual([]);
  const rights = { roles: "HomelabVM", users: "pulumi@pve", tokens: tokens.pulumi };
  expect((await node.call("PUT", "/access/acl", { ...rights, path: "/vms/160" })).status).toBe(200);
  expect((await node.call("PUT", "/access/acl", { ...rights, path: "/pool/homelab", delete: 1 })).status).toBe(200);
  expect(await rightsOn("/vms/160")).toContain("VM.Allocate");
  expect(await problems()).toEqual([
    expect.stringMatching(
      /^the API token may not do on \/pool\/homelab what making the VM again takes \(VM\.Allocate VM\.P/,
    ),
  ]);
});

test("A1: the token reaches no guest that is not in the pool, and can put none into it", async () => {
  await start(administration);
  expect(await node.run("POST", qemu, { ...untagged, vmid: 170 })).toBe("OK");
  expect(refusal(await node.call("DELETE", `${qemu}/170`, {}, tokens.pulumi))).toEqual([
    403,
    "Permission check failed (/vms/170, VM.Allocate)",
  ]);
  const move = () => node.call("PUT", "/pools", { poolid: "homelab", vms: "170" }, tokens.pulumi);
  expect(refusal(await move())).toEqual([403, "Permission check failed (/pool/homelab, Pool.Allocate)"]);
});

test("A1: tags of a new VM need a right on the VM itself, which a pool does not give (qemu-server 9.2.0)", async () => {
  await start(administration);
  expect(await create({ ...untagged, tags: String(tags), pool: "homelab" })).toBe(
    "unable to create VM 160 - 403 Permission check failed (/vms/160, VM.Config.Options)",
  );
  expect(refusal(await node.call("GET", `${qemu}/160/config`))[0]).toBe(500);
});

test("A1: a token may do only what its user may too", async () => {
  await start(administration);
  const rights = { path: "/pool/homelab", roles: "HomelabVM", users: "pulumi@pve", delete: 1 };
  expect((await node.call("PUT", "/access/acl", rights)).status).toBe(200);
  expect(await rightsOn("/pool/homelab")).toEqual([]);
});

test("A1: the lab's token has the rights that the README and the page on phase 2 tell to give, and no others", async () => {
  await start({});
  const pages = ["README.md", "docs/how-to/connect-proxmox.md"];
  const told = pages.map((path) => readFileSync(join(projectRoot, path), "utf8")).join("\n");
  const found = (form: RegExp): string[][] => {
    const lines = new Map([...told.matchAll(form)].map(([line, ...groups]) => [line.replace(/\s+/g, " "), groups]));
    return [...lines.values()];
  };
  const roles = found(/^ *pveum role add (\w+) --privs "([^"]+)"$/gm);
  expect(roles.map(([name, privileges = ""]) => [name, privileges.split(" ")])).toEqual(
    Object.entries(administration.roles),
  );
  expect(found(/^ *pveum pool add (\w+)$/gm).flat()).toEqual(administration.pools);
  const grants = found(/^ *grant (\/\S*) +(Homelab\w+)( 0)?$/gm);
  expect(grants.map(([path, role, own]) => ({ path, role, propagate: own === undefined }))).toEqual(
    administration.grants.map(({ path, role, propagate }) => ({ path, role, propagate })),
  );
});
