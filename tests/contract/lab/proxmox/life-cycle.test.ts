import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { image, TestNode, vm160 } from "../../../helpers/contract/proxmox-node";

const sha512 = createHash("sha512").update(image).digest("hex");
const qemu = "/nodes/pve-mon/qemu";
const local = "/nodes/pve-mon/storage/local";

describe("the Proxmox stand-in lives through a machine's life (US5.1, US5.2)", () => {
  const node = new TestNode();
  beforeAll(() => node.start());
  afterAll(() => node.remove());

  const config = async (): Promise<Record<string, string | number>> => {
    const { data } = await node.call("GET", `${qemu}/160/config`);
    return data as Record<string, string | number>;
  };
  const status = async (): Promise<string> => {
    const { data } = await node.call("GET", `${qemu}/160/status/current`);
    return (data as { status: string }).status;
  };

  test("a cloud image is really downloaded, and nothing stays when its checksum differs", async () => {
    const wanted = { content: "import", filename: "image.qcow2", url: node.url("/image.qcow2") };
    const wrong = await node.run("POST", `${local}/download-url`, {
      ...wanted,
      checksum: "0".repeat(128),
      "checksum-algorithm": "sha512",
    });
    expect(wrong).toBe(`checksum mismatch: got '${sha512}' != expect '${"0".repeat(128)}'`);
    expect(readdirSync(join(node.storage, "import"))).toEqual([]);
    const right = { ...wanted, checksum: sha512, "checksum-algorithm": "sha512" };
    expect(await node.run("POST", `${local}/download-url`, right)).toBe("OK");
    const { data } = await node.call("GET", `${local}/content`, { content: "import" });
    expect(data).toEqual([
      expect.objectContaining({
        volid: "local:import/image.qcow2",
        content: "import",
        format: "qcow2",
        size: image.length,
      }),
    ]);
  });

  test("a file that is there already is kept, and a missing one is an error of the task", async () => {
    const wanted = { content: "import", filename: "image.qcow2", url: node.url("/image.qcow2") };
    expect(await node.run("POST", `${local}/download-url`, wanted)).toBe(
      "refusing to override existing file '/var/lib/vz/import/image.qcow2'",
    );
    const missing = { content: "import", filename: "other.qcow2", url: node.url("/other.qcow2") };
    expect(await node.run("POST", `${local}/download-url`, missing)).toBe(
      `download failed: command 'wget '--progress=dot:giga' -O /var/lib/vz/import/other.qcow2.tmp_dwnl ${missing.url}' failed: exit code 8`,
    );
  });

  test("a new machine gets its disks, a network address and sorted tags", async () => {
    expect(await node.run("POST", qemu, vm160)).toBe("OK");
    expect(await config()).toMatchObject({
      name: "tooling",
      cores: 4,
      memory: "6144",
      scsi0: "local-lvm:vm-160-disk-0,discard=on,iothread=1,size=3G",
      scsi1: "local-lvm:vm-160-cloudinit,media=cdrom,size=4M",
      net0: expect.stringMatching(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0$/) as string,
      tags: "pulumi;tooling",
    });
    expect(await status()).toBe("stopped");
  });

  test("it boots only with its user data, and with exactly that", async () => {
    expect(await node.run("POST", `${qemu}/160/status/start`)).toBe(
      "volume 'local:snippets/tooling.yaml' does not exist",
    );
    mkdirSync(join(node.storage, "snippets"), { recursive: true });
    writeFileSync(join(node.storage, "snippets", "tooling.yaml"), "#cloud-config\n");
    expect(await node.run("PUT", `${qemu}/160/resize`, { disk: "scsi0", size: "62G" })).toBe("OK");
    expect(await node.run("POST", `${qemu}/160/status/start`)).toBe("OK");
    expect(node.machines.started).toEqual([
      {
        vmid: 160,
        name: "tooling",
        image: "homelab/debian:13",
        cores: 4,
        memoryMiB: 6144,
        userData: "#cloud-config\n",
        metaData: expect.stringMatching(/^instance-id: [0-9a-f]{40}\nlocal-hostname: tooling\n$/) as string,
        address: "198.18.60.60",
        mac: String((await config())["net0"]).slice("virtio=".length, "virtio=".length + 17),
        diskGiB: 62,
      },
    ]);
  });

  test("its guest agent names its addresses", async () => {
    const { data } = await node.call("GET", `${qemu}/160/agent/network-get-interfaces`);
    const { result } = data as { result: { name: string; "ip-addresses": { "ip-address": string }[] }[] };
    expect(result.map((each) => each["ip-addresses"].map((address) => address["ip-address"]))).toEqual([
      ["127.0.0.1"],
      ["198.18.60.60"],
    ]);
  });

  test("new memory and a bigger disk are there after the next start", async () => {
    expect((await node.call("PUT", `${qemu}/160/config`, { memory: 4096, delete: "serial0" })).data).toBeNull();
    expect(await node.run("PUT", `${qemu}/160/resize`, { disk: "scsi0", size: "+8G" })).toBe("OK");
    expect(await node.run("POST", `${qemu}/160/status/shutdown`, { timeout: 60 })).toBe("OK");
    expect(await status()).toBe("stopped");
    expect(await node.run("POST", `${qemu}/160/status/start`)).toBe("OK");
    expect(node.machines.started.at(-1)).toMatchObject({ memoryMiB: 4096, diskGiB: 70 });
    expect(await config()).not.toHaveProperty("serial0");
  });

  test("a task runs until its work is done", async () => {
    let open = (): void => undefined;
    node.machines.gate = new Promise((resolve) => (open = resolve));
    const { data } = await node.call("POST", `${qemu}/160/status/reboot`);
    const upid = String(data);
    expect(upid).toMatch(/^UPID:pve-mon:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:qmreboot:160:admin@pve!test:$/);
    const running = await node.call("GET", `/nodes/pve-mon/tasks/${encodeURIComponent(upid)}/status`);
    expect(running.data).toMatchObject({
      status: "running",
      type: "qmreboot",
      id: "160",
      user: "admin@pve",
      tokenid: "test",
    });
    expect(running.data).not.toHaveProperty("exitstatus");
    open();
    expect(await node.finished(upid)).toBe("OK");
    const log = await node.call("GET", `/nodes/pve-mon/tasks/${encodeURIComponent(upid)}/log`);
    expect(log.data).toEqual([{ n: 1, t: "TASK OK" }]);
  });

  test("a shutdown that fails says why, and forces when asked to", async () => {
    node.machines.shutdownError = new Error("VM quit/powerdown failed - got timeout");
    expect(await node.run("POST", `${qemu}/160/status/shutdown`)).toBe("VM quit/powerdown failed - got timeout");
    expect(await status()).toBe("running");
    expect(await node.run("POST", `${qemu}/160/status/shutdown`, { forceStop: 1 })).toBe("OK");
    expect(await status()).toBe("stopped");
  });

  test("the cluster lists it beside the guests that were there", async () => {
    const { data } = await node.call("GET", "/cluster/resources", { type: "vm" });
    expect(data).toEqual([
      expect.objectContaining({
        id: "qemu/101",
        name: "monitoring",
        status: "running",
        maxmem: 4 * 2 ** 30,
        maxcpu: 2,
      }),
      expect.objectContaining({ id: "qemu/160", name: "tooling", status: "stopped", maxmem: 4 * 2 ** 30, maxcpu: 4 }),
    ]);
    expect((await node.call("GET", "/cluster/nextid")).data).toBe("100");
    expect((await node.call("GET", "/nodes/pve-mon/status")).data).toMatchObject({
      memory: { total: 32 * 2 ** 30, used: 8 * 2 ** 30, free: 24 * 2 ** 30 },
    });
  });

  test("everything is there again after the stand-in's restart", async () => {
    const before = await config();
    await node.stop();
    await node.start();
    expect(await config()).toEqual(before);
  });

  test("deleting it takes its disks, its backup job and its rights along", async () => {
    await node.call("POST", "/cluster/backup", { id: "tooling", schedule: "02:30", storage: "local", vmid: "160" });
    await node.call("POST", "/cluster/backup", { id: "both", schedule: "02:30", storage: "local", vmid: "101,160" });
    await node.call("PUT", "/access/acl", { path: "/vms/160", roles: "PVEVMUser", users: "root@pam" });
    expect(await node.run("DELETE", `${qemu}/160/`, { purge: 1, "destroy-unreferenced-disks": 1 })).toBe("OK");
    expect(node.machines.removed).toEqual([160]);
    expect((await node.call("GET", `${qemu}/160/status/current`)).reason).toBe(
      "Configuration file 'nodes/pve-mon/qemu-server/160.conf' does not exist",
    );
    expect((await node.call("GET", "/nodes/pve-mon/storage/local-lvm/content")).data).toEqual([]);
    const { data: acl } = await node.call("GET", "/access/acl");
    expect((acl as { path: string }[]).map(({ path }) => path)).toEqual(["/", "/"]);
    const jobs = (await node.call("GET", "/cluster/backup")).data as { id: string; vmid: string }[];
    expect(jobs.map(({ id, vmid }) => ({ id, vmid }))).toEqual([{ id: "both", vmid: "101" }]);
  });
});
