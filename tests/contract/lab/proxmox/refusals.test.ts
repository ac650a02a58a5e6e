import { type Parameters, refusal, TestNode, tokens, vm160 } from "../../../helpers/contract/proxmox-node";

const qemu = "/nodes/pve-mon/qemu";
const local = "/nodes/pve-mon/storage/local";

const node = new TestNode();
beforeAll(() => node.startWithVm());
afterAll(() => node.remove());

describe("the Proxmox stand-in refuses what cannot be", () => {
  const config = (parameters: Parameters) => node.call("PUT", `${qemu}/160/config`, parameters).then(refusal);

  test.each<[string, string, string, Parameters, string]>([
    ["the same VM again", "POST", qemu, vm160, "unable to create VM 160 - VM 160 already exists on node 'pve-mon'"],
    [
      "the id of a guest that was there",
      "POST",
      qemu,
      { vmid: 101 },
      "unable to create VM 101 - VM 101 already exists on node 'pve-mon'",
    ],
    [
      "an unknown VM",
      "GET",
      `${qemu}/170/config`,
      {},
      "Configuration file 'nodes/pve-mon/qemu-server/170.conf' does not exist",
    ],
    ["an unknown datastore", "POST", qemu, { vmid: 170, scsi0: "nas:8" }, "storage 'nas' does not exist"],
    [
      "an unknown node",
      "GET",
      "/nodes/other/qemu",
      {},
      "hostname lookup 'other' failed - failed to get address info for: other: Name or service not known",
    ],
    ["an unknown disk", "PUT", `${qemu}/160/resize`, { disk: "scsi9", size: "9G" }, "disk 'scsi9' does not exist"],
    ["the agent of a stopped VM", "POST", `${qemu}/160/agent/ping`, {}, "VM 160 is not running"],
    ["rebooting a stopped VM", "POST", `${qemu}/160/status/reboot`, {}, "VM 160 not running"],
    ["an unknown volume", "GET", `${local}/content/local%3Aiso%2Fx.iso`, {}, "volume 'local:iso/x.iso' does not exist"],
    [
      "a backup where none can be",
      "POST",
      "/cluster/backup",
      { id: "x1", schedule: "02:30", storage: "local-lvm", vmid: "101" },
      "storage 'local-lvm' does not support vzdump backups",
    ],
    [
      "a role that is not there",
      "PUT",
      "/access/acl",
      { path: "/", roles: "None", users: "root@pam" },
      "ACL update failed: role 'None' does not exist",
    ],
    [
      "a group that is not there",
      "PUT",
      "/access/acl",
      { path: "/", roles: "PVEAuditor", groups: "family-authentik" },
      "ACL update failed: group 'family-authentik' does not exist",
    ],
    [
      "changing a guest that was there",
      "PUT",
      `${qemu}/101/config`,
      { cores: 1 },
      "VM 101 stands for a guest that exists already: the lab only lists it",
    ],
  ])("%s", async (_, method, path, parameters, reason) => {
    expect(refusal(await node.call(method, path, parameters))).toEqual([500, reason]);
  });

  test("an endpoint that does not exist", async () => {
    expect(refusal(await node.call("GET", "/nodes/pve-mon/lxc"))).toEqual([
      501,
      "Method 'GET /nodes/pve-mon/lxc' not implemented",
    ]);
  });

  test("a change that was prepared for an older configuration", async () => {
    expect(await config({ cores: 2, digest: "0".repeat(40) })).toEqual([
      500,
      "detected modified configuration - file changed by other user? Try again.",
    ]);
  });

  test("shrinking a disk, in the task", async () => {
    expect(await node.run("PUT", `${qemu}/160/resize`, { disk: "scsi0", size: "1G" })).toBe(
      "shrinking disks is not supported",
    );
  });

  test("a protected machine cannot be deleted, and a running one neither", async () => {
    await config({ protection: 1 });
    const remove = () => node.call("DELETE", `${qemu}/160`).then(refusal);
    expect(await remove()).toEqual([500, "can't remove VM 160 - protection mode enabled"]);
    await config({ delete: "protection" });
    node.machines.running.add(160);
    expect(await remove()).toEqual([500, "VM 160 is running - destroy failed"]);
    expect(refusal(await node.call("POST", `${qemu}/160/status/start`))).toEqual([500, "VM 160 already running"]);
    node.machines.running.delete(160);
  });

  test("a disk from a missing image leaves no machine behind", async () => {
    const scsi0 = "local-lvm:0,import-from=local:import/none.qcow2";
    expect(await node.run("POST", qemu, { vmid: 170, scsi0 })).toBe(
      "unable to create VM 170 - volume 'local:import/none.qcow2' does not exist",
    );
    expect((await node.call("GET", `${qemu}/170/config`)).status).toBe(500);
  });

  test("a disk from an image that is none of the lab's says what to do", async () => {
    const upload = [
      '--x\r\nContent-Disposition: form-data; name="content"\r\n\r\nimport\r\n',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="real.qcow2"\r\n\r\nQFI\r\n--x--\r\n',
    ].join("");
    const { data } = await node.raw("POST", `/api2/json${local}/upload`, upload, {
      "content-type": "multipart/form-data; boundary=x",
      authorization: `PVEAPIToken=${tokens.admin}=11111111-2222-3333-4444-555555555555`,
    });
    expect(await node.finished(String(data))).toBe("OK");
    expect(await node.run("POST", qemu, { vmid: 170, scsi0: "local-lvm:0,import-from=local:import/real.qcow2" })).toBe(
      "unable to create VM 170 - volume 'local:import/real.qcow2' is not a cloud image of the lab: " +
        `expected JSON such as {"image": "<docker image>"}. Let the image's URL point to the lab's own image.`,
    );
  });

  test("a machine without a fixed address does not boot, and says what to do", async () => {
    await node.run("POST", qemu, { vmid: 172, scsi0: vm160["scsi0"] ?? "", ipconfig0: "ip=dhcp" });
    expect(await node.run("POST", `${qemu}/172/status/start`)).toBe(
      "VM 172 has no fixed address, and the lab has no DHCP. Set ipconfig0 to ip=<address>/<prefix>,gw=<gateway>.",
    );
  });
});
