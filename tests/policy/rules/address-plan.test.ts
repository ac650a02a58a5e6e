import { parseRange, parseSubnet } from "../../../config/address";
import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, urnOf, type TestResource } from "../../helpers/policy/harness";

const inventory = (changes: { guests?: object[]; inUse?: string[]; gateway?: string } = {}): TestResource => ({
  type: types.inventory,
  name: "inventory",
  inputs: {
    domain: "home.arpa",
    node: { name: "pve-mon", address: "192.168.1.10", memory: 2 ** 35, cores: 12 },
    guests: changes.guests ?? [{ name: "media", vmId: 151, memory: 2 ** 32, cores: 4, address: "192.168.1.51" }],
    network: {
      subnet: parseSubnet("192.168.1.0/24"),
      gateway: changes.gateway ?? "192.168.1.1",
      dns: ["192.168.1.1"],
      inUse: (changes.inUse ?? ["192.168.1.100-192.168.1.199"]).map(parseRange),
    },
  },
});

const machine = (address: unknown, name = "tooling", type: string = types.virtualMachines[0]): TestResource => ({
  type,
  name,
  inputs: { initialization: { ipConfigs: [{ ipv4: { address, gateway: "192.168.1.1" } }] } },
});

const judged = (...resources: TestResource[]) => messages("address-plan", [inventory(), edge, ...resources]);

const edge: TestResource = { type: types.edge, name: "edge" };

test.each(["192.168.1.60/24", "dhcp", undefined])("address-plan: %s passes", async (address) => {
  expect(await judged(machine(address))).toEqual([]);
  expect(await judged({ type: types.virtualMachines[0], name: "tooling", inputs: {} })).toEqual([]);
});

test.each([
  ["10.0.0.60/24", "is not a host's address in the subnet 192.168.1.0/24; choose one inside it"],
  ["192.168.1.0/24", "is not a host's address in the subnet 192.168.1.0/24; choose one inside it"],
  ["192.168.1.255/24", "is not a host's address in the subnet 192.168.1.0/24; choose one inside it"],
  ["192.168.1.60/16", "has another prefix length than the subnet 192.168.1.0/24; write 192.168.1.60/24"],
  ["192.168.1.60", "is not an address with its prefix length; write it like 192.168.1.60/24, or dhcp"],
  ["192.168.1.999/24", "is not an address with its prefix length; write it like 192.168.1.60/24, or dhcp"],
  [
    "192.168.1.150/24",
    "is in the range 192.168.1.100-192.168.1.199 in use (homelab:network.inUse); choose a free address",
  ],
  ["192.168.1.1/24", "is that of the gateway; choose a free address"],
  ["192.168.1.10/24", "is that of the Proxmox node; choose a free address"],
  ["192.168.1.51/24", "is that of the guest media; choose a free address"],
])("address-plan: %s %s", async (address, problem) => {
  for (const type of [...types.virtualMachines, ...types.systemContainers]) {
    expect(await judged(machine(address, "tooling", type))).toEqual([`its address ${address} ${problem}`]);
  }
});

test("address-plan: an address that isn't known yet is a violation", async () => {
  const message = "its address is not known before the update; give it a value that is known now";
  expect(await judged(machine(notYetKnown))).toEqual([message]);
  const initialization = { type: types.virtualMachines[0], name: "tooling", inputs: { initialization: notYetKnown } };
  expect(await judged(initialization)).toEqual([message]);
});

test("address-plan: two machines with one address are told so, each of the other", async () => {
  const { violations } = await judge([
    inventory(),
    machine("192.168.1.60/24", "one"),
    machine("192.168.1.60/24", "two", types.systemContainers[0]),
  ]);
  expect(violations.filter(({ policy }) => policy === "address-plan")).toEqual([
    {
      policy: "address-plan",
      urn: urnOf(types.virtualMachines[0], "one"),
      message: 'its address 192.168.1.60/24 is also that of proxmoxve:ContainerLegacy "two"; choose a free address',
    },
    {
      policy: "address-plan",
      urn: urnOf(types.systemContainers[0], "two"),
      message: 'its address 192.168.1.60/24 is also that of proxmoxve:VmLegacy "one"; choose a free address',
    },
  ]);
});

test("address-plan: two VMs without a known address don't share one", async () => {
  const message = "its address is not known before the update; give it a value that is known now";
  expect(await judged(machine(notYetKnown, "one"), machine(notYetKnown, "two"))).toEqual([message, message]);
});

test("address-plan: guests of the config have an address each, if any", async () => {
  const guests = [
    { name: "media", address: "192.168.1.51" },
    { name: "nas" },
    { name: "apps" },
    { name: "monitoring", address: "192.168.1.51" },
    { name: "router", address: "192.168.1.1" },
  ];
  expect(await messages("address-plan", [inventory({ guests })])).toEqual([
    "192.168.1.51 is the address of the guest media and of the guest monitoring; correct homelab:guests",
    "192.168.1.1 is the address of the gateway and of the guest router; correct homelab:guests",
  ]);
});

test("address-plan: without an inventory no address can be vouched for", async () => {
  const message =
    "nothing tells which addresses are free; " +
    "give the stack an inventory, as index.ts does, with values that are known before the update";
  expect(await messages("address-plan", [machine("192.168.1.60/24")])).toEqual([message]);
  const unreadable = { type: types.inventory, name: "inventory", inputs: { network: notYetKnown } };
  expect(await messages("address-plan", [unreadable])).toEqual([message]);
  expect(await messages("address-plan", [])).toEqual([]);
});

test("address-plan: an exempted VM may have any address", async () => {
  const exempt = [{ resource: "tooling", reason: "it moves to another house next week" }];
  expect(await messages("address-plan", [inventory(), machine("10.0.0.60/24")], { exempt })).toEqual([]);
});

const container = (inputs: Record<string, unknown>) => ({
  type: types.container,
  name: "web",
  parent: urnOf(types.edge, "edge"),
  inputs,
});

test.each(["192.168.1.60", "127.0.0.1", "127.1.2.3", "::1"])("address-plan: a port on %s passes", async (ip) => {
  const ports = [{ internal: 8080, external: 80, ip }];
  expect(await judged(machine("192.168.1.60/24"), container({ ports }))).toEqual([]);
});

test.each([
  [{ internal: 8080, external: 80 }, "port 80 on all interfaces"],
  [{ internal: 8080 }, "port 8080 on all interfaces"],
  [{ internal: 80, external: 80, ip: null }, "port 80 on all interfaces"],
  [{ internal: 80, external: 80, ip: "0.0.0.0" }, "port 80 on all interfaces"],
  [{ internal: 80, external: 80, ip: "::" }, "port 80 on all interfaces"],
  [{ internal: 80, external: 80, ip: "192.168.1.61" }, "port 80 on 192.168.1.61, which is no VM of this stack"],
  [{ internal: 80, external: 80, ip: notYetKnown }, "port 80 on an address that is not known before the update"],
  [notYetKnown, "a port on an address that is not known before the update"],
])("address-plan: %j publishes %s", async (port, what) => {
  expect(await judged(machine("192.168.1.60/24"), container({ ports: [port] }))).toEqual([
    `it publishes ${what}; set its \`ip\` to 192.168.1.60 or 127.0.0.1`,
  ]);
});

test("address-plan: publishing every port is a violation", async () => {
  const message =
    "it publishes every port of its image on all interfaces (publishAllPorts); " +
    "list the ones it needs in `ports`, each with an `ip`";
  expect(await judged(container({ publishAllPorts: true }))).toEqual([message]);
  expect(await judged(container({ publishAllPorts: false, ports: [] }))).toEqual([]);
});

const network = (subnet: unknown) => ({ type: types.network, name: "net", inputs: { ipamConfigs: [{ subnet }] } });

test.each(["172.20.0.0/16", "192.168.2.0/24", "fd00:1::/64"])(
  "address-plan: a network of %s passes",
  async (subnet) => {
    expect(await judged(network(subnet))).toEqual([]);
    expect(await judged({ type: types.network, name: "net", inputs: {} })).toEqual([]);
  },
);

test.each(["192.168.1.0/24", "192.168.1.128/25", "192.168.0.0/16"])("address-plan: %s overlaps", async (subnet) => {
  expect(await judged(network(subnet))).toEqual([
    `its subnet ${subnet} overlaps the house's 192.168.1.0/24; choose a private one elsewhere, or leave it to Docker`,
  ]);
});

test.each(["8.8.8.0/24", "172.16.0.0/11", "2001:4860::/32", "not a subnet"])(
  "address-plan: %s is not private",
  async (subnet) => {
    expect(await judged(network(subnet))).toEqual([
      `its subnet ${subnet} has addresses of the internet's; choose a private one elsewhere, or leave it to Docker`,
    ]);
  },
);

test("address-plan: a container asks the house's DNS servers, or its machine's", async () => {
  expect(await judged(container({ dns: ["192.168.1.1"] }), { ...container({}), name: "other" })).toEqual([]);
  expect(await judged(container({ dns: ["192.168.1.1", "1.1.1.1"] }))).toEqual([
    "it asks 1.1.1.1 for names, which is no DNS server of the house; leave `dns` out, or list the server in homelab:network.dns",
  ]);
});

test("address-plan: a name on a network is one container's", async () => {
  const lan = { type: types.network, name: "lan", inputs: { name: "lan" } };
  const joined = (name: string, aliases: unknown[]) => ({
    type: types.container,
    name,
    inputs: { hostname: name, networksAdvanced: [{ name: "lan", aliases }] },
  });
  expect(await judged(lan, joined("one", ["one", "first", notYetKnown]), joined("two", [notYetKnown]))).toEqual([]);
  expect(await judged(lan, joined("one", ["first"]), joined("two", ["First"]))).toEqual([
    'it is called First on the network lan, as docker:Container "one" is; choose another name',
  ]);
});

test("address-plan: a network's subnet that isn't known yet is a violation", async () => {
  expect(await judged(network(notYetKnown))).toEqual([
    "its subnet is not known before the update; give it a value that is known now",
  ]);
});
