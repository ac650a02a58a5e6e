import { changed, homelab, problems, problemsOf, read, vmOf } from "../../helpers/unit/config-fixture";

const key = `ssh-ed25519 ${"A".repeat(68)}`;
const nas = { name: "nas", address: "192.168.1.54", user: "ops", hostKey: `${key} root@nas`, memory: "8 GiB" };

/** The house's settings without a VM, on one machine that exists. */
function withoutVm(): Record<string, unknown> {
  const ofVm = ["proxmox", "toolingVm", "guests", "proxmoxApiToken"].map((name) => `homelab:${name}`);
  const rest = Object.fromEntries(Object.entries(homelab()).filter(([name]) => !ofVm.includes(name)));
  return { ...rest, "homelab:network": { dns: ["192.168.1.1"] }, "homelab:hosts": [nas] };
}

describe("a machine that exists", () => {
  test("is known by its address, its user and its key, whose comment does not count", () => {
    expect(read(changed({ hosts: [nas] })).hosts).toEqual([
      { name: "nas", address: "192.168.1.54", port: 22, user: "ops", hostKey: key, memory: 8 * 1024 ** 3 },
    ]);
    expect(read(homelab()).hosts).toEqual([]);
  });

  test("may be a guest of the node, and nobody else", () => {
    expect(problems({ hosts: [nas] })).toEqual([]);
    const keyed = (each: object, index: number) => ({
      ...nas,
      hostKey: `ssh-ed25519 ${"A".repeat(67)}${index}`,
      ...each,
    });
    const others = [
      { name: "tooling", address: "192.168.1.60" },
      { address: "192.168.1.1" },
      { name: "box", address: "192.168.1.10" },
      { name: "box" },
      { name: "twin", hostKey: `ssh-ed25519 ${"A".repeat(67)}0` },
      { name: "self", address: "127.0.0.1" },
    ].map(keyed);
    expect(problems({ hosts: others })).toEqual([
      'homelab:hosts[5].address: "127.0.0.1" is no address of one machine; write the one that it has',
      `homelab:hosts[4].hostKey: ${JSON.stringify(`ssh-ed25519 ${"A".repeat(67)}0`)} is that of homelab:hosts[0].hostKey too; choose another`,
      'homelab:hosts[0].name: "tooling" is that of homelab:toolingVm.name too; choose another',
      'homelab:hosts[3].name: "box" is that of homelab:hosts[2].name too; choose another',
      'homelab:hosts[0].address: "192.168.1.60" is that of homelab:toolingVm.address too; choose another',
      'homelab:hosts[1].address: "192.168.1.1" is that of homelab:network.gateway too; choose another',
      'homelab:hosts[2].address: "192.168.1.10" is that of homelab:proxmox.ssh.address too; choose another',
      'homelab:hosts[4].address: "192.168.1.54" is that of homelab:hosts[3].address too; choose another',
    ]);
  });

  test.each(["ssh-ed25519", "192.168.1.54 ssh-ed25519 AAAA", key.slice(0, 40), "ssh-rsa " + "A".repeat(68)])(
    "has a public key: %s is none",
    (hostKey) => {
      expect(problems({ hosts: [{ ...nas, hostKey }] })).toEqual([
        `homelab:hosts[0].hostKey: ${JSON.stringify(hostKey)} is not a machine's public SSH key; ` +
          "write it like ssh-ed25519 <base64>",
      ]);
    },
  );
});

describe("a feature's host", () => {
  test("is the VM, or a machine of the list", () => {
    expect(problems({ hosts: [nas], "registry.host": "nas" })).toEqual([]);
    expect(problems({ hosts: [nas], "registry.host": "tooling" })).toEqual([]);
    expect(problems({ hosts: [nas], "registry.host": "nsa" })).toEqual([
      'homelab:registry.host: "nsa" is no machine of homelab:hosts (tooling, nas); did you mean nas? If not, add it there',
    ]);
    expect(problems({ "registry.host": "nas" })).toEqual([
      'homelab:registry.host: "nas" is no machine of homelab:hosts (tooling); add it there',
    ]);
  });

  test("EF-001: has the memory that its containers need, an edge's included, which the VM then need not have", () => {
    const placed = { hosts: [{ ...nas, memory: "1 GiB" }], "registry.host": "nas", "toolingVm.memory": "1 GiB" };
    const [vm, host] = problems(placed);
    expect(vm).toMatch(
      /^homelab:toolingVm\.memory: "1 GiB" is less than the 2\.5 GiB that its containers need \(Docker/,
    );
    expect(vm).not.toContain("harbor");
    expect(host).toMatch(
      /^homelab:hosts\[0\]\.memory: "1 GiB" is less than the 2784 MiB that its containers need \(Docker/,
    );
    expect(host).toMatch(/harbor-core 256 MiB, .*edge-traefik 256 MiB\); run less on it$/);
  });

  test("EF-006: has a disk that nobody knows", () => {
    expect(problems({ "toolingVm.disk": "20 GiB" })).toHaveLength(1);
    expect(problems({ "toolingVm.disk": "20 GiB", hosts: [nas], "registry.host": "nas" })).toEqual([]);
  });
});

describe("a stack without a VM", () => {
  test("needs nothing of Proxmox", () => {
    expect(problemsOf(withoutVm())).toEqual([]);
    expect(read(withoutVm()).vm).toBeUndefined();
    expect(vmOf(read(homelab())).toolingVm.name).toBe("tooling");
  });

  test("sets up no Proxmox, whichever phase of single sign-on it is in", () => {
    const sso = { ...(homelab()["homelab:sso"] as object), phase: 2, grafana: undefined };
    const services = [{ name: "wiki", upstream: "http://192.168.1.70:8080", auth: "native" }];
    expect(problemsOf({ ...withoutVm(), "homelab:sso": sso, "homelab:services": services })).toEqual([]);
  });

  test("is not one that has half of what a VM needs, or no machine at all", () => {
    const missing = (settings: object): string[] =>
      problemsOf({ ...withoutVm(), ...settings }).map((line) => line.replace(/; .*/, ""));
    expect(missing({ "homelab:toolingVm": { name: "tooling" } })).toEqual(
      expect.arrayContaining(["homelab:proxmox.endpoint: missing", "homelab:toolingVm.vmId: missing"]),
    );
    expect(missing({ "homelab:hosts": [] })).toContain("homelab:toolingVm.name: missing");
  });

  test("US1: does not lead a request back to its own edge", () => {
    const services = [{ name: "wiki", upstream: "https://192.168.1.54", auth: "native" }];
    expect(problemsOf({ ...withoutVm(), "homelab:services": services })).toContain(
      'homelab:services[0].upstream: "https://192.168.1.54" is the edge itself (homelab:hosts[0].address); ' +
        "write the address and the port at which the service itself listens",
    );
  });
});
