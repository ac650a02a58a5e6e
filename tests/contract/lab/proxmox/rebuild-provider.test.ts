import { administration } from "../../../../lab/homelab";
import { TestNode, tokens } from "../../../helpers/contract/proxmox-node";
import { findTools, ProxmoxProgram } from "../../../helpers/contract/proxmox-program";

const found = findTools();
if ("reason" in found && process.env.CI !== "true") console.warn(`Skipped: ${found.reason}`);
const suite = "folders" in found ? describe : describe.skip;

/** The VM as the program makes it, without what its first boot is told. */
const program = (inputs: object): string => `
  const proxmox = require("@pulumi/proxmoxve");
  const provider = new proxmox.Provider("proxmox", { endpoint: process.env.ENDPOINT, apiToken: process.env.API_TOKEN });
  new proxmox.VmLegacy("tooling", {
    nodeName: "pve-mon",
    vmId: 160,
    name: "tooling",
    cpu: { cores: 4, type: "x86-64-v2-AES" },
    memory: { dedicated: 6144, floating: 0 },
    scsiHardware: "virtio-scsi-single",
    bootOrders: ["scsi0"],
    disks: [{
      interface: "scsi0", datastoreId: "local-lvm", importFrom: "local:import/image.qcow2", size: 62, iothread: true, discard: "on",
    }],
    cdrom: { fileId: "none" },
    networkDevices: [{ bridge: "vmbr0", model: "virtio" }],
    initialization: {
      datastoreId: "local-lvm",
      interface: "scsi1",
      ipConfigs: [{ ipv4: { address: "198.18.60.60/24", gateway: "198.18.60.1" } }],
    },
    agent: { enabled: true, timeout: "1m", waitForIp: { ipv4: true } },
    operatingSystem: { type: "l26" },
    serialDevices: [{ device: "socket" }],
    vga: { type: "serial0" },
    onBoot: true,
    stopOnDestroy: true,
    deleteUnreferencedDisksOnDestroy: false,
    purgeOnDestroy: false,
    ...${JSON.stringify(inputs)},
  }, { provider, deleteBeforeReplace: true, ignoreChanges: ["disks[0].importFrom", "disks[0].speed"] });
`;

const urn = "urn:pulumi:test::proxmox::proxmoxve:index/vmLegacy:VmLegacy::tooling";
const rights = { roles: "HomelabVM", users: "pulumi@pve", tokens: tokens.pulumi };

suite("A1: Pulumi's Proxmox provider makes the VM again", () => {
  const node = new TestNode(administration);
  let project: ProxmoxProgram;

  beforeAll(async () => {
    await node.start();
    const file = { content: "import", filename: "image.qcow2", url: node.url("/image.qcow2") };
    await node.run("POST", "/nodes/pve-mon/storage/local/download-url", file);
    const { endpoint, apiToken } = node.connection;
    const variables = { ENDPOINT: endpoint, API_TOKEN: apiToken };
    project = new ProxmoxProgram("folders" in found ? found.folders : [], node.certificateFile, variables);
    await project.pulumi("stack", "init", "test");
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await node.remove();
  });

  const update = (...more: string[]): Promise<string> => project.pulumi("up", "--yes", "--skip-preview", ...more);
  const replace = () => update("--replace", urn);
  const unchanged = () => project.pulumi("preview", "--refresh", "--expect-no-changes");
  const pool = async (): Promise<unknown> => {
    const { data } = await node.call("GET", "/cluster/resources", { type: "vm" });
    return (data as { vmid: number; pool?: string }[]).find(({ vmid }) => vmid === 160);
  };

  test("with rights on /vms/160 it is deleted, and then not made", async () => {
    expect((await node.call("PUT", "/access/acl", { ...rights, path: "/vms/160" })).status).toBe(200);
    project.write("index.js", program({ tags: ["homelab", "pulumi"] }));
    expect(await update()).toMatch(/\+ 3 created/);
    await expect(replace()).rejects.toThrow(/HTTP 403 response - Reason: Permission check failed/);
    expect(await pool()).toBeUndefined();
  }, 120_000);

  test("a VM that was made without a pool is put there once, and stays as it is", async () => {
    expect((await node.call("PUT", "/access/acl", { ...rights, path: "/vms/160" })).status).toBe(200);
    await update();
    expect((await node.call("PUT", "/pools", { poolid: "homelab", vms: "160" })).status).toBe(200);
    const old = { ...rights, path: "/vms/160", delete: 1 };
    expect((await node.call("PUT", "/access/acl", old)).status).toBe(200);
    project.write("index.js", program({ poolId: "homelab" }));
    await project.pulumi("refresh", "--yes", "--skip-preview", "--target", urn);
    expect(await update()).toMatch(/3 unchanged/);
    expect(await unchanged()).toMatch(/3 unchanged/);
  }, 180_000);

  test("with rights on its pool it is deleted and made again, in the pool, and no preview shows a difference", async () => {
    expect(await replace()).toMatch(/1 replaced/);
    expect(await pool()).toMatchObject({ name: "tooling", status: "running", pool: "homelab" });
    expect(await unchanged()).toMatch(/3 unchanged/);
  }, 180_000);

  test("it is made again where somebody deleted it by hand", async () => {
    await node.run("POST", "/nodes/pve-mon/qemu/160/status/stop");
    await node.run("DELETE", "/nodes/pve-mon/qemu/160");
    expect(await update("--refresh")).toMatch(/1 created/);
    expect(await pool()).toMatchObject({ status: "running", pool: "homelab" });
  }, 120_000);
});
