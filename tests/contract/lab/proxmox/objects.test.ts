import { TestNode, tokens, type Parameters } from "../../../helpers/contract/proxmox-node";

const node = new TestNode();
beforeAll(() => node.start());
afterAll(() => node.remove());

const get = async (path: string, parameters: Parameters = {}): Promise<unknown> => {
  const { status, reason, data } = await node.call("GET", path, parameters);
  if (status !== 200) throw new Error(`${status} ${reason}`);
  return data;
};
const send = async (method: string, path: string, parameters: Parameters = {}): Promise<unknown> => {
  const { status, reason, errors, data } = await node.call(method, path, parameters);
  if (status !== 200) throw new Error(`${status} ${reason} ${JSON.stringify(errors ?? {})}`);
  return data;
};

describe("the Proxmox stand-in keeps what single sign-on needs (EF-015)", () => {
  const openid = {
    realm: "authentik",
    type: "openid",
    "issuer-url": "https://auth.home.arpa/application/o/proxmox/",
    "client-id": "proxmox",
    "client-key": "secret",
    "username-claim": "username",
    autocreate: 1,
    "groups-claim": "groups",
    "query-userinfo": 1,
  };

  test("an OpenID realm is made, changed, found and removed", async () => {
    await send("POST", "/access/domains", openid);
    await expect(send("POST", "/access/domains", openid)).rejects.toThrow(
      "500 add auth server failed: domain 'authentik' already exists",
    );
    await send("PUT", "/access/domains/authentik", { comment: "sign-on", delete: "client-key" });
    const found = await get("/access/domains/authentik");
    expect(found).toMatchObject({
      type: "openid",
      "client-id": "proxmox",
      "groups-claim": "groups",
      comment: "sign-on",
    });
    expect(found).not.toHaveProperty("client-key");
    expect(await get("/access/domains")).toContainEqual({ realm: "authentik", type: "openid", comment: "sign-on" });
    await send("POST", "/access/users", { userid: "alice@authentik" });
    await send("DELETE", "/access/users/alice@authentik");
    await send("DELETE", "/access/domains/authentik");
    await expect(get("/access/domains/authentik")).rejects.toThrow("500 domain 'authentik' does not exist");
  });

  test("a group's rights reach its members and their tokens", async () => {
    await send("POST", "/access/groups", { groupid: "admins-authentik" });
    await send("POST", "/access/roles", { roleid: "Watcher", privs: "VM.Audit,Sys.Audit" });
    await send("POST", "/access/users", { userid: "exporter@pve", groups: "admins-authentik" });
    await send("PUT", "/access/acl", { path: "/", roles: "Watcher", groups: "admins-authentik" });
    expect(await get("/access/groups/admins-authentik")).toEqual({ members: ["exporter@pve"] });
    const made = (await send("POST", "/access/users/exporter@pve/token/metrics", { privsep: 1 })) as Record<
      string,
      string
    >;
    expect(made["full-tokenid"]).toBe("exporter@pve!metrics");
    const list = () =>
      node.send(
        "GET",
        "/cluster/resources?type=vm",
        {},
        {
          authorization: `PVEAPIToken=${made["full-tokenid"]}=${made["value"]}`,
        },
      );
    expect((await list()).data).toEqual([]);
    await send("PUT", "/access/acl", { path: "/vms", roles: "Watcher", tokens: "exporter@pve!metrics" });
    expect((await list()).data).toEqual([expect.objectContaining({ vmid: 101 })]);
    await send("DELETE", "/access/users/exporter@pve/token/metrics");
    expect((await list()).reason).toBe("no such token 'metrics' for user 'exporter@pve'");
  });

  test.each([
    ["PVEVMUser", "auto-generated role 'PVEVMUser' cannot be modified"],
    ["None", "role 'None' does not exist"],
  ])("the role %s cannot be changed", async (role, reason) => {
    await expect(send("PUT", `/access/roles/${role}`, { privs: "VM.Audit" })).rejects.toThrow(`500 ${reason}`);
  });
});

describe("the Proxmox stand-in keeps the rest the program may set", () => {
  test("a backup job is shown with its rules as objects", async () => {
    const job = { id: "tooling", schedule: "02:30", storage: "local", vmid: "101", mode: "snapshot" };
    await send("POST", "/cluster/backup", { ...job, "prune-backups": "keep-daily=7,keep-weekly=4", fleecing: "0" });
    await send("PUT", "/cluster/backup/tooling", { schedule: "03:30", enabled: 0 });
    expect(await get("/cluster/backup/tooling")).toEqual({
      ...job,
      type: "vzdump",
      schedule: "03:30",
      enabled: 0,
      "prune-backups": { "keep-daily": "7", "keep-weekly": "4" },
      fleecing: { enabled: "0" },
    });
  });

  test("a pool lists its members and goes only when it is empty", async () => {
    await send("POST", "/pools", { poolid: "lab", comment: "all" });
    await send("PUT", "/pools", { poolid: "lab", vms: "101" });
    expect(await get("/pools", { poolid: "lab" })).toEqual([
      { poolid: "lab", comment: "all", members: [expect.objectContaining({ id: "qemu/101", type: "qemu" })] },
    ]);
    await expect(send("DELETE", "/pools/lab")).rejects.toThrow(
      "500 delete pool failed: pool 'lab' is not empty (contains VM 101)",
    );
    await send("PUT", "/pools/lab", { vms: "101", delete: 1 });
    await send("DELETE", "/pools", { poolid: "lab" });
    expect(await get("/pools")).toEqual([]);
  });

  test("metric servers, ACME plugins, HA resources, options and node settings are stored", async () => {
    await send("POST", "/cluster/metrics/server/influx", { type: "influxdb", server: "198.18.60.60", port: 8089 });
    expect(await get("/cluster/metrics/server/influx")).toEqual({
      type: "influxdb",
      server: "198.18.60.60",
      port: 8089,
    });
    const data = Buffer.from("PDNS_Url=http://dns").toString("base64");
    await send("POST", "/cluster/acme/plugins", { id: "lab", type: "dns", api: "pdns", data });
    expect(await get("/cluster/acme/plugins/lab")).toMatchObject({ plugin: "lab", data: "PDNS_Url=http://dns" });
    await send("POST", "/cluster/ha/resources", { sid: "vm:101", state: "started" });
    expect(await get("/cluster/ha/resources/vm:101")).toMatchObject({ sid: "vm:101", type: "vm", state: "started" });
    await send("PUT", "/cluster/options", { description: "lab" });
    expect(await get("/cluster/options")).toEqual({ mac_prefix: "BC:24:11", description: "lab" });
    await send("PUT", "/nodes/pve-mon/config", { acme: "account=lab" });
    expect(await get("/nodes/pve-mon/config")).toMatchObject({ acme: "account=lab" });
    expect(await node.run("POST", "/nodes/pve-mon/certificates/acme/certificate")).toBe("OK");
    expect(await get("/nodes/pve-mon/certificates/info")).toHaveLength(2);
  });

  test("the node and its version are there", async () => {
    expect(await get("/nodes")).toEqual([expect.objectContaining({ node: "pve-mon", status: "online", maxcpu: 12 })]);
    expect(await get("/version")).toMatchObject({ release: "9.0" });
    expect(await get("/access/acl")).toBeInstanceOf(Array);
    expect((await node.call("GET", "/nodes/pve-mon/status", {}, tokens.nobody)).reason).toBe(
      "Permission check failed (/nodes/pve-mon, Sys.Audit)",
    );
  });
});
