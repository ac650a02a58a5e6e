import { parseRange } from "../../config/address";
import { gib, mib, type Size } from "../../config/size";
import { prepareCommand } from "../../components/host/prepare";
import { types } from "../../policies/types";
import { judge, messages, notYetKnown, urnOf, type TestResource } from "../helpers/policy/harness";
import { container, inventory, machine } from "../helpers/policy/house";

const entry = {
  name: "nas",
  address: "192.168.1.54",
  port: 22,
  user: "ops",
  hostKey: "ssh-ed25519 AAAA",
  memory: gib(2),
};

/** A machine that was there before, as SshHost makes it. */
function nas(changes: object = {}, asked: number = gib(2)): TestResource[] {
  const connection = { host: entry.address, user: entry.user, hostKey: entry.hostKey };
  return [
    { type: types.sshHost, name: "nas", inputs: { host: { ...entry, ...changes } } },
    { type: types.command, name: "nas-prepare", inputs: { connection, create: prepareCommand(asked as Size) } },
    { type: types.dockerProvider, name: "nas-docker", inputs: { host: "ssh://ops@192.168.1.54" } },
  ];
}

const docker = urnOf(types.dockerProvider, "nas-docker");

describe("ram-budget: a machine that was there before", () => {
  const judged = (...resources: TestResource[]) => messages("ram-budget", resources);
  const app = (memory: unknown) => container("app", memory, docker);

  test("has a row of its own, and no node of Proxmox", async () => {
    const { report } = await judge([inventory(), machine(), ...nas(), app(512), container("traefik", 256)]);
    // The second container could be on either machine.
    expect(report.memory).toEqual([
      { host: "pve-mon", total: gib(32), before: gib(16.5), added: gib(6), budget: mib(26214) },
      { host: "nas", total: gib(2), before: mib(512), added: mib(512), budget: gib(2) },
    ]);
    expect(await judged(...nas(), app(1536))).toEqual([]);
  });

  test("is refused with the first MiB that it hasn't", async () => {
    const { violations } = await judge([...nas(), app(1537)], {}, { only: "ram-budget" });
    expect(violations).toEqual([
      {
        policy: "ram-budget",
        urn: urnOf(types.sshHost, "nas"),
        message: `Docker (512 MiB) and the containers on nas need 2049 MiB, 1 MiB more than the 2 GiB that homelab:hosts gives it; \
run less on it, or give its containers lower limits

| host | total | used before | added   | after         | left of budget |
| ---- | ----- | ----------- | ------- | ------------- | -------------- |
| nas  | 2 GiB | 512 MiB     | 1.5 GiB | 2 GiB (100 %) | -1 MiB         |`,
      },
    ]);
  });

  const unasked =
    "nothing refuses nas where it reports less than its 2 GiB of memory; prepare it as SshHost does " +
    "(components/host/prepare.ts), with the memory of homelab:hosts";

  test.each<[string, TestResource[], string[]]>([
    ["is asked for all that the config gives it", nas(), []],
    ["is asked for less", nas({}, gib(1)), [unasked]],
    ["is not asked", nas().filter(({ type }) => type !== types.command), [unasked]],
    [
      "has memory that isn't known",
      nas({ memory: notYetKnown }),
      ["its memory is not known before the update; take it from homelab:hosts"],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await judged(...resources, app(512))).toEqual(expected);
  });

  test("on which nothing runs is not asked", async () => {
    expect(await judged(...nas({}, gib(1)))).toEqual([]);
  });
});

describe("address-plan: a machine that was there before", () => {
  const network = { dns: ["192.168.1.1"], inUse: [parseRange("192.168.1.50-192.168.1.59")] };
  const house = (changes: object = {}): TestResource => ({
    type: types.inventory,
    name: "inventory",
    inputs: { domain: "home.arpa", hosts: [entry], network, ...changes },
  });
  const judged = (address: unknown, inputs: object = {}) =>
    messages("address-plan", [house(inputs), ...nas({ address })]);
  const subnet = { cidr: "192.168.1.0/24", first: 3232235776, last: 3232236031, prefix: 24 };

  test("may have an address of a range in use, and of a guest", async () => {
    expect(await judged("192.168.1.54", { guests: [{ name: "nas", address: "192.168.1.54" }] })).toEqual([]);
  });

  test("may be in another private subnet than new machines, and not in the internet", async () => {
    expect(await judged("10.0.0.9")).toEqual([]);
    expect(await judged("10.0.0.9", { network: { ...network, subnet } })).toEqual([]);
    expect(await judged("203.0.113.9", { network: { ...network, subnet } })).toEqual([
      "its address 203.0.113.9 is neither in the subnet 192.168.1.0/24 nor a private one; correct homelab:hosts",
    ]);
  });

  test.each<[unknown, string]>([
    ["192.168.1.1", "its address 192.168.1.1 is that of the gateway; correct homelab:hosts"],
    ["192.168.1.10", "its address 192.168.1.10 is that of the Proxmox node; correct homelab:hosts"],
    ["nas", "its address nas is not an address; write it like 192.168.1.54"],
    [notYetKnown, "its address is not known before the update; give it a value that is known now"],
  ])("may not have %j", async (address, message) => {
    const all = { network: { ...network, gateway: "192.168.1.1" }, node: { address: "192.168.1.10" } };
    expect(await judged(address, all)).toEqual([message]);
  });

  test("needs an inventory, and so does a VM more of it", async () => {
    const message =
      "nothing tells which addresses are free; " +
      "give the stack an inventory, as index.ts does, with values that are known before the update";
    expect(await messages("address-plan", nas())).toEqual([message]);
    const vm = machine(6144, { initialization: { ipConfigs: [{ ipv4: { address: "192.168.1.60/24" } }] } });
    expect(await messages("address-plan", [house(), ...nas()])).toEqual([]);
    expect(await messages("address-plan", [house(), ...nas(), vm])).toEqual([message]);
  });

  test("has networks and names of its own", async () => {
    const provider = urnOf(types.dockerProvider, "other");
    const other = { type: types.dockerProvider, name: "other", inputs: { host: "ssh://root@192.168.1.55" } };
    const box = {
      type: types.sshHost,
      name: "box",
      inputs: { host: { ...entry, name: "box", address: "192.168.1.55" } },
    };
    const lan = (name: string, on: string) => ({ type: types.network, name, inputs: { name: "lan" }, provider: on });
    const app = (name: string, on: string) => ({
      ...container(name, 64, on),
      inputs: { name: "app", networksAdvanced: [{ name: "lan", aliases: ["web"] }] },
    });
    const both = [house(), ...nas(), other, box, lan("one", docker), app("first", docker), app("second", provider)];
    expect(await messages("address-plan", [...both, lan("two", provider)])).toEqual([]);
    expect(await messages("address-plan", both)).toEqual([
      "it joins the network lan, which is none of this stack on box; join one that is there",
    ]);
  });
});

describe("sso-coverage: every edge counts", () => {
  test("US3: what the second one serves is told of", async () => {
    const edge = (name: string, auth: string) => ({
      type: types.edge,
      name,
      inputs: { services: [{ name: `of-${name}`, auth }] },
    });
    const sso = { type: types.sso, name: "authentik", inputs: {} };
    expect(await messages("sso-coverage", [sso, edge("edge", "oidc"), edge("edge-nas", "native")])).toEqual([
      "the service of-edge-nas has auth native, so it is not behind single sign-on; set auth to oidc or proxy, or name the " +
        "reason under sso-coverage.exempt in policies/stacks/test.yaml",
    ]);
  });
});
