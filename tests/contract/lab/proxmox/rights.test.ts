import {
  type Parameters,
  refusal,
  TestNode,
  tokens,
  verificationFailed,
  vm160,
} from "../../../helpers/contract/proxmox-node";

const qemu = "/nodes/pve-mon/qemu";
const local = "/nodes/pve-mon/storage/local";

/** What the documentation tells users to give the program's token, without the rights on `/`. */
const privileges = {
  "/vms/160": [
    ...["VM.Allocate", "VM.Audit", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Disk", "VM.Config.Network"],
    ...["VM.Config.HWType", "VM.Config.Options", "VM.Config.Cloudinit", "VM.Config.CDROM", "VM.PowerMgmt"],
  ],
  "/vms/161": ["VM.Allocate", "VM.Config.Disk"],
  "/storage/local-lvm": ["Datastore.AllocateSpace", "Datastore.Audit"],
  "/storage/local": ["Datastore.AllocateTemplate", "Datastore.Audit"],
};

const node = new TestNode(privileges);
beforeAll(() => node.startWithVm());
afterAll(() => node.remove());

describe("the Proxmox stand-in knows who calls (US5.1)", () => {
  const header = (authorization: string) => node.send("GET", "/version", {}, { authorization }).then(refusal);

  test.each([
    ["PVEAPIToken=pulumi@pve!homelab=wrong", "invalid token value!"],
    ["PVEAPIToken=pulumi@pve!other=wrong", "no such token 'other' for user 'pulumi@pve'"],
    ["PVEAPIToken=pulumi", "no tokenid specified"],
  ])("%s is refused", async (authorization, reason) => {
    expect(await header(authorization)).toEqual([401, reason]);
  });

  test("without a token or ticket nothing but the list of realms is there", async () => {
    expect(refusal(await node.send("GET", "/version", {}, {}))).toEqual([401, "No ticket"]);
    expect((await node.send("GET", "/access/domains", {}, {})).status).toBe(200);
    expect(refusal(await node.send("GET", "/version", {}, { cookie: "PVEAuthCookie=PVE:root" }))).toEqual([
      401,
      "permission denied - invalid PVE ticket",
    ]);
  });

  test("root logs in with its password and then may what no token may", async () => {
    const login = (password: string) => node.send("POST", "/access/ticket", { username: "root@pam", password }, {});
    expect(refusal(await login("guess"))).toEqual([401, "authentication failure"]);
    const { ticket, CSRFPreventionToken } = (await login("secret-of-root")).data as Record<string, string>;
    const cookie = `PVEAuthCookie=${encodeURIComponent(ticket ?? "")}`;
    const account = { name: "lab", contact: "admin@home.arpa", directory: "https://ca.home.arpa/acme/directory" };
    expect(refusal(await node.call("POST", "/cluster/acme/account", account))).toEqual([
      403,
      "Permission check failed (user != root@pam)",
    ]);
    expect(refusal(await node.send("POST", "/cluster/acme/account", account, { cookie }))).toEqual([
      401,
      "Permission denied - invalid csrf token",
    ]);
    const headers = { cookie, csrfpreventiontoken: CSRFPreventionToken ?? "" };
    const { data } = await node.send("POST", "/cluster/acme/account", account, headers);
    expect(await node.finished(String(data))).toBe("OK");
    expect((await node.call("GET", "/cluster/acme/account")).data).toEqual([{ name: "lab" }]);
  });

  test("a token shows its privileges", async () => {
    const { data } = await node.call("GET", "/access/permissions", { path: "/storage/local" }, tokens.pulumi);
    expect(data).toEqual({ "/storage/local": { "Datastore.AllocateTemplate": 1, "Datastore.Audit": 1 } });
  });
});

describe("the Proxmox stand-in refuses what the token may not (least privilege)", () => {
  const create = (change: Parameters) => node.call("POST", qemu, { ...vm160, ...change }, tokens.pulumi).then(refusal);
  const denied = (what: string): unknown[] => [403, `Permission check failed (${what})`];

  test.each<[string, Parameters, string]>([
    ["a bridge", {}, "/sdn/zones/localnetwork/vmbr0, SDN.Use"],
    ["the host's CD drive", { ide3: "cdrom,media=cdrom" }, "/, Sys.Console"],
    ["a place in the host's start order", { startup: "order=1" }, "/, Sys.Modify"],
    ["memory", { vmid: 161 }, "/vms/161, VM.Config.Memory"],
  ])("%s", async (_, change, what) => {
    const needed = Object.fromEntries(
      Object.entries(vm160).filter(([name]) => !["net0", "name", "cores"].includes(name)),
    );
    const parameters = what.includes("vmbr0") ? { ...vm160, vmid: 160 } : { ...needed, ...change };
    expect(refusal(await node.call("POST", qemu, parameters, tokens.pulumi))).toEqual(denied(what));
  });

  test("a machine with another id, or in a pool that is not there", async () => {
    expect(await create({ vmid: 170 })).toEqual([403, "Permission check failed"]);
    expect(await create({ pool: "none" })).toEqual(denied("pool 'none' does not exist"));
  });

  test("options that only root may set", async () => {
    expect(await create({ args: "-s" })).toEqual([500, "only root can set 'args' config"]);
    expect(await create({ serial0: "/dev/ttyS0" })).toEqual([
      500,
      "only root can set 'serial0' config for real devices",
    ]);
  });

  test("a download without the right to reach the network", async () => {
    const file = { content: "import", filename: "other.qcow2", url: node.url("/image.qcow2") };
    expect(refusal(await node.call("POST", `${local}/download-url`, file, tokens.pulumi))).toEqual([
      403,
      "Permission check failed",
    ]);
  });

  test("deleting a file without Datastore.Allocate", async () => {
    const path = `${local}/content/${encodeURIComponent("local:import/image.qcow2")}`;
    expect(refusal(await node.call("DELETE", path, {}, tokens.pulumi))).toEqual(
      denied("/storage/local, Datastore.Allocate"),
    );
  });

  test("missing rights look like an empty cluster", async () => {
    expect((await node.call("GET", "/cluster/resources", {}, tokens.nobody)).data).toEqual([]);
    expect((await node.call("GET", "/cluster/resources", { type: "vm" }, tokens.pulumi)).data).toEqual([
      expect.objectContaining({ vmid: 160 }),
    ]);
  });

  test("giving away more than one has", async () => {
    const acl = { path: "/vms/160", users: "root@pam" };
    expect(
      refusal(await node.call("PUT", "/access/acl", { ...acl, path: "/", roles: "PVEAdmin" }, tokens.pulumi)),
    ).toEqual(denied("/, Permissions.Modify"));
    expect(refusal(await node.call("PUT", "/access/acl", { ...acl, roles: "PVEVMAdmin" }, tokens.pulumi))).toEqual(
      verificationFailed({
        role: "Cannot add role 'PVEVMAdmin' - requires 'Permissions.Modify' or superset of privileges.",
      }),
    );
  });
});
