import { isHost, type Machine, type Machines } from "./machines";
import { at, items, unknown, type Resource } from "./resource";

/** A sentence for each port that a container opens where it may not: an edge opens its own on its machine, and nobody else any. */
export function portProblems(
  container: Resource,
  isEdge: boolean,
  machines: Machines,
  edgePorts: readonly number[],
): string[] {
  const machine = machines.of(container);
  const addresses = isEdge ? addressesOf(machine, machines) : [];
  const all = at(container.inputs, "publishAllPorts");
  const remedy = `set its \`ip\` to ${[...new Set(addresses), "127.0.0.1"].join(" or ")}`;
  return [
    ...(all === unknown || all === true ? [everyPort] : []),
    ...items(at(container.inputs, "ports")).flatMap((port) => {
      const ip = at(port, "ip") ?? "";
      const number = at(port, "external") ?? at(port, "internal");
      const what = `it publishes ${typeof number === "number" ? `port ${number}` : "a port"} on`;
      if (ip === unknown) return [`${what} an address that is not known before the update; ${remedy}`];
      if (["", "0.0.0.0", "::"].includes(String(ip))) return [`${what} all interfaces; ${remedy}`];
      if (/^(127(\.\d{1,3}){3}|::1)$/.test(String(ip))) return [];
      if (!addresses.includes(String(ip))) {
        const own =
          machine && isHost(machine) ? `which is not the address of ${machine.name}` : "which is no VM of this stack";
        return [`${what} ${String(ip)}, ${addresses.length > 0 ? own : "where the edge alone may be"}; ${remedy}`];
      }
      if (typeof number === "number" && edgePorts.includes(number)) return [];
      return [`${what} ${String(ip)}, which is none of its ports (${edgePorts.join(", ")}); close it`];
    }),
  ];
}

/** Where the machine isn't told, it is one of the VMs: a machine that was there before is always known. */
const addressesOf = (machine: Machine | undefined, { all }: Machines): readonly string[] =>
  machine?.addresses ?? all.filter((each) => !isHost(each)).flatMap(({ addresses }) => addresses);

const everyPort =
  "it publishes every port of its image on all interfaces (publishAllPorts); list the ones it needs in `ports`, each with an `ip`";
