import { list, whole as wholeNumber } from "../../config/fields";
import { hostProblems, readPlan, sharedByGuests, staticProblems, type AddressPlan, type WholePlan } from "../addresses";
import { edgeFinder } from "../edges";
import { isGuest, staticAddresses } from "../guests";
import { isHost, machinesOf } from "../machines";
import { joinedNetworks, sharedNames } from "../network-names";
import { stackPolicy, type Tell } from "../policy";
import { portProblems } from "../published-ports";
import { at, items, unknown, valuesAt, type Resource, type Value } from "../resource";
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
- the addresses of machines that were there before (\`homelab:hosts\`), in the subnet or another private one: of one machine
  each; not the gateway's, the node's or a VM's. A range in use has them, and such a machine may be a guest of the config;
- the addresses of the guests in the config: one for each;
- the \`ports\` that containers publish: on loopback, or the edge's \`edgePorts\` on an address of the machine that it is on; never
  on all interfaces, which is what Docker does with a port without \`ip\` and with \`publishAllPorts\`;
- the networks that containers join: those of this stack on their machine, and no other that the machine has; one with a feature's
  name (\`pki\`, \`harbor\`) is for that feature's containers, whose names begin with it, and for the edge;
- the names that containers have on a network (\`name\`, \`hostname\`, \`aliases\`): no two have one. Two machines may each have a
  network of a name;
- the DNS servers that containers ask (\`dns\`): those of the config (\`homelab:network\`), or the machine's own;
- the subnets of Docker networks: private, and apart from the house's, or the VM could no longer reach the machines in them.

An address that is not known before the update is a violation.`,
  requirements: [],
  settings: {
    edgePorts: list(wholeNumber(1, 65535, 443))
      .prefault([80, 443])
      .describe("Ports that the edge may open on an address of its machine."),
  },
  judgeStack(stack, { edgePorts }, tell) {
    const { resources } = stack;
    const ofType = (...wanted: string[]): Resource[] => resources.filter(({ type }) => wanted.includes(type));
    const made = resources.filter(isGuest).flatMap(staticAddresses);
    const machines = machinesOf(stack);
    const hosts = machines.all.filter(isHost);
    const [inventory] = ofType(types.inventory);
    const { whole, plan } = readPlan(inventory?.inputs);
    const problems: [Resource, string][] = [];
    if (plan && (whole ?? made.length === 0)) {
      if (whole) problems.push(...staticProblems(made, whole));
      if (whole) for (const guest of resources.filter(isGuest)) checkWays(guest, whole, tell);
      problems.push(...hostProblems(hosts, made, plan));
      for (const problem of sharedByGuests(plan)) tell.violation(problem, inventory);
      for (const network of ofType(types.network)) checkNetwork(network, plan, tell);
      for (const container of ofType(types.container)) checkDns(container, plan, tell);
    } else if (inventory !== undefined || made.length + hosts.length > 0) {
      const remedy = "give the stack an inventory, as index.ts does, with values that are known before the update";
      tell.violation(`nothing tells which addresses are free; ${remedy}`, inventory);
    }
    const edgeOf = edgeFinder(resources);
    for (const container of ofType(types.container)) {
      const isEdge = edgeOf(container) !== undefined;
      for (const problem of portProblems(container, isEdge, machines, edgePorts)) problems.push([container, problem]);
    }
    problems.push(...joinedNetworks(stack, machines), ...sharedNames(ofType(types.container), machines));
    for (const [resource, problem] of problems) tell.violation(problem, resource);
  },
});

/** A guest's way out, and who tells it names: both see whom it talks to, and may answer themselves. */
function checkWays({ inputs, ...guest }: Resource, { network }: WholePlan, tell: Tell): void {
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
    } else if (own && subnet && own.last >= subnet.first && own.first <= subnet.last) {
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
