import { z } from "zod";

import { addressNumber, contains, isHostAddress } from "../../config/address";
import { list, whole } from "../../config/fields";
import { featureOf } from "../features";
import { hostOf, isGuest, staticAddresses, type StaticAddress } from "../guests";
import { sharedNames } from "../network-names";
import { stackPolicy, type Tell } from "../policy";
import { at, items, label, unknown, valuesAt, type Resource, type Value } from "../resource";
import { extent, isPrivate } from "../subnets";
import { types } from "../types";

export default stackPolicy({
  name: "address-plan",
  level: "mandatory",
  summary: "Every static address is free and in the house's subnet, and ports open only on chosen addresses.",
  doc: `Two machines with one address disturb each other at random, and a port on all interfaces is one that nobody decided
to open. The plan is that of the config (\`homelab:network\`, \`homelab:guests\`). Judged are:

- the static addresses of VMs and system containers (\`initialization.ipConfigs[].ipv4.address\`; \`dhcp\` is none): in the
  subnet, with its prefix length, not in a range in use, not the gateway's, the node's, a guest's or another VM's;
- their gateway and DNS servers: those of the config; they have no IPv6 address, by which the internet may reach them;
- the addresses of the guests in the config: one for each;
- the \`ports\` that containers publish: on loopback, or the edge's \`edgePorts\` on an address of a VM of this stack; never on
  all interfaces, which is what Docker does with a port without \`ip\` and with \`publishAllPorts\`;
- the networks that containers join: those of this stack, and no other that the machine has; one with a feature's name
  (\`pki\`, \`harbor\`) is for that feature's containers, whose names begin with it, and for the edge;
- the names that containers have on a network (\`name\`, \`hostname\`, \`aliases\`): no two have one;
- the DNS servers that containers ask (\`dns\`): those of the config (\`homelab:network\`), or the machine's own;
- the subnets of Docker networks: private, and apart from the house's, or the VM could no longer reach the machines in them.

An address that is not known before the update is a violation.`,
  requirements: [],
  settings: {
    edgePorts: list(whole(1, 65535, 443))
      .prefault([80, 443])
      .describe("Ports that the edge may open on an address of a VM."),
  },
  judgeStack({ resources }, { edgePorts }, tell) {
    const ofType = (...wanted: string[]): Resource[] => resources.filter(({ type }) => wanted.includes(type));
    const machines = resources.filter(isGuest).flatMap(staticAddresses);
    const [inventory] = ofType(types.inventory);
    const { data: plan } = addressPlan.safeParse(inventory?.inputs);
    if (plan) {
      checkMachines(machines, plan, tell);
      for (const guest of resources.filter(isGuest)) checkWays(guest, plan, tell);
      for (const problem of sharedByGuests(plan)) tell.violation(problem, inventory);
      for (const network of ofType(types.network)) checkNetwork(network, plan, tell);
      for (const container of ofType(types.container)) checkDns(container, plan, tell);
    } else if (inventory !== undefined || machines.length > 0) {
      const remedy = "give the stack an inventory, as index.ts does, with values that are known before the update";
      tell.violation(`nothing tells which addresses are free; ${remedy}`, inventory);
    }
    const own = machines.map(hostOf);
    const networks = ofType(types.network).map(({ inputs }) => at(inputs, "name"));
    const containers = ofType(types.container);
    const features = new Set<Value>(containers.map(featureOf));
    for (const container of containers) {
      const isEdge = belongsToEdge(container, resources);
      checkPorts(container, isEdge ? own : [], edgePorts, tell);
      checkJoined(container, networks, { features, isEdge }, tell);
    }
    for (const [container, problem] of sharedNames(containers)) tell.violation(problem, container);
  },
});

const addressPlan = z.object({
  node: z.object({ address: z.string() }),
  guests: z.array(z.object({ name: z.string(), address: z.string().optional() })),
  network: z.object({
    subnet: z.object({ cidr: z.string(), first: z.number(), last: z.number(), prefix: z.number() }),
    gateway: z.string(),
    dns: z.array(z.string()),
    inUse: z.array(z.object({ text: z.string(), first: z.number(), last: z.number() })),
  }),
});

/** What the config says of the house's addresses. */
type AddressPlan = z.output<typeof addressPlan>;

function checkMachines(machines: readonly StaticAddress[], plan: AddressPlan, tell: Tell): void {
  for (const machine of machines) {
    const { resource, address } = machine;
    const host = hostOf(machine);
    const other = machines.find((each) => each !== machine && host !== "" && hostOf(each) === host);
    const shared = other && `is also that of ${label(other.resource)}; choose a free address`;
    const problem = misplaced(address, host, plan) ?? shared;
    if (problem) tell.violation(`its address ${address === unknown ? "" : `${String(address)} `}${problem}`, resource);
  }
}

/** What is wrong with the place of an address, in words that go on after it. */
function misplaced(address: Value, host: string, plan: AddressPlan): string | undefined {
  const { subnet, inUse } = plan.network;
  if (address === unknown) return "is not known before the update; give it a value that is known now";
  const prefix = /^[\d.]+\/(\d+)$/.exec(String(address))?.[1];
  if (prefix === undefined || addressNumber(host) === undefined) {
    return "is not an address with its prefix length; write it like 192.168.1.60/24, or dhcp";
  }
  if (!isHostAddress(subnet, host)) return `is not a host's address in the subnet ${subnet.cidr}; choose one inside it`;
  if (Number(prefix) !== subnet.prefix) {
    return `has another prefix length than the subnet ${subnet.cidr}; write ${host}/${subnet.prefix}`;
  }
  const range = inUse.find((each) => contains(each, host));
  if (range) return `is in the range ${range.text} in use (homelab:network.inUse); choose a free address`;
  const owner = owners(plan).find((each) => each.address === host);
  return owner && `is that of ${owner.name}; choose a free address`;
}

/** Who has an address without this stack. */
function owners({ network, node, guests }: AddressPlan): { name: string; address?: string }[] {
  return [
    { name: "the gateway", address: network.gateway },
    { name: "the Proxmox node", address: node.address },
    ...guests.map(({ name, address }) => ({ name: `the guest ${name}`, address })),
  ];
}

/** A sentence for each guest that has the address of another, or of the gateway or the node. */
function sharedByGuests(plan: AddressPlan): string[] {
  return plan.guests.flatMap(({ name, address }, index) => {
    const others = owners({ ...plan, guests: plan.guests.slice(0, index) });
    const other = address === undefined ? undefined : others.find((each) => each.address === address);
    return other ? [`${address} is the address of ${other.name} and of the guest ${name}; correct homelab:guests`] : [];
  });
}

/** A guest's way out, and who tells it names: both see whom it talks to, and may answer themselves. */
function checkWays({ inputs, ...guest }: Resource, { network }: AddressPlan, tell: Tell): void {
  const others = (path: string, own: readonly string[]): Value[] =>
    valuesAt(inputs, path).filter((value) => value !== unknown && !own.includes(String(value)));
  const servers = ["initialization.dns.servers[]", "initialization.dns.server"];
  for (const gateway of others("initialization.ipConfigs[].ipv4.gateway", [network.gateway]))
    tell.violation(`its gateway is ${String(gateway)}; set it to ${network.gateway} (homelab:network.gateway)`, guest);
  for (const server of servers.flatMap((path) => others(path, network.dns)))
    tell.violation(
      `it asks ${String(server)} for names, which is no DNS server of the house (homelab:network.dns)`,
      guest,
    );
  if (others("initialization.ipConfigs[].ipv6.address", []).length > 0)
    tell.violation("it has an IPv6 address, by which the internet may reach it; leave `ipv6` out", guest);
}

function checkNetwork(network: Resource, { network: { subnet } }: AddressPlan, tell: Tell): void {
  for (const value of valuesAt(network.inputs, "ipamConfigs[].subnet")) {
    if (value === unknown) {
      tell.violation("its subnet is not known before the update; give it a value that is known now", network);
      continue;
    }
    const own = extent(String(value));
    const remedy = "choose a private one elsewhere, or leave it to Docker";
    if (!isPrivate(String(value))) {
      tell.violation(`its subnet ${String(value)} has addresses of the internet's; ${remedy}`, network);
    } else if (own && own.last >= subnet.first && own.first <= subnet.last) {
      tell.violation(`its subnet ${String(value)} overlaps the house's ${subnet.cidr}; ${remedy}`, network);
    }
  }
}

/** Whoever answers for names leads a container where it wants: step-ca certifies what it finds under a name. */
function checkDns(container: Resource, { network }: AddressPlan, tell: Tell): void {
  for (const server of items(at(container.inputs, "dns"))) {
    if (server === unknown || network.dns.includes(String(server))) continue;
    const remedy = "leave `dns` out, or list the server in homelab:network.dns";
    tell.violation(`it asks ${String(server)} for names, which is no DNS server of the house; ${remedy}`, container);
  }
}

/** Whether a container is part of the edge: its component, or one above that, is. */
function belongsToEdge(container: Resource, resources: readonly Resource[]): boolean {
  const above = (urn: string | undefined): Resource | undefined => resources.find((each) => each.urn === urn);
  for (let each = above(container.parent); each; each = above(each.parent)) if (each.type === types.edge) return true;
  return false;
}

function checkPorts(container: Resource, addresses: readonly string[], edgePorts: readonly number[], tell: Tell): void {
  const all = at(container.inputs, "publishAllPorts");
  if (all === unknown || all === true) {
    const remedy = "list the ones it needs in `ports`, each with an `ip`";
    tell.violation(`it publishes every port of its image on all interfaces (publishAllPorts); ${remedy}`, container);
  }
  for (const port of items(at(container.inputs, "ports"))) {
    const ip = at(port, "ip") ?? "";
    const number = at(port, "external") ?? at(port, "internal");
    const what = typeof number === "number" ? `port ${number}` : "a port";
    const remedy = `set its \`ip\` to ${[...new Set(addresses), "127.0.0.1"].filter(Boolean).join(" or ")}`;
    if (ip === unknown) {
      tell.violation(`it publishes ${what} on an address that is not known before the update; ${remedy}`, container);
    } else if (["", "0.0.0.0", "::"].includes(String(ip))) {
      tell.violation(`it publishes ${what} on all interfaces; ${remedy}`, container);
    } else if (/^(127(\.\d{1,3}){3}|::1)$/.test(String(ip))) {
      continue;
    } else if (!addresses.includes(String(ip))) {
      const why = addresses.length > 0 ? "which is no VM of this stack" : "where the edge alone may be";
      tell.violation(`it publishes ${what} on ${String(ip)}, ${why}; ${remedy}`, container);
    } else if (typeof number !== "number" || !edgePorts.includes(number)) {
      tell.violation(
        `it publishes ${what} on ${String(ip)}, which is none of its ports (${edgePorts.join(", ")}); close it`,
        container,
      );
    }
  }
}

/**
 * A name that only the update knows is that of a network of this stack, or of none that has one. A network with a feature's
 * name is for that feature's containers, and for the edge, which asks step-ca on its.
 */
function checkJoined(
  container: Resource,
  networks: readonly Value[],
  { features, isEdge }: { features: ReadonlySet<Value>; isEdge: boolean },
  tell: Tell,
): void {
  for (const joined of items(at(container.inputs, "networksAdvanced"))) {
    const name = at(joined, "name");
    if (name === unknown || networks.includes(unknown)) continue;
    if (!networks.includes(name)) {
      tell.violation(
        `it joins the network ${String(name)}, which is none of this stack; make a docker.Network for it`,
        container,
      );
    } else if (!isEdge && features.has(name) && featureOf(container) !== name) {
      tell.violation(
        `it joins the network ${String(name)}, which is for the containers of ${String(name)} and the edge alone; leave it`,
        container,
      );
    }
  }
}
