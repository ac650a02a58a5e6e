import type { Duration } from "../config/duration";
import type { PlacedEdge } from "./edges";
import type { House } from "./house";
import { isHost, type Machine, type Machines } from "./machines";
import { at, items, type Resource, type Stack } from "./resource";
import { types } from "./types";
import type { FileSources } from "./written-files";

/** What the files and containers of each machine are made from. */
export interface Sources {
  /** On a machine, or where it isn't known which. */
  on(machine?: Machine, address?: string): FileSources;
  /** Those that a file may be made from. Of a VM that is not there yet the connection is unknown as a whole. */
  of(file: Resource): readonly FileSources[];
}

/** {@link Sources} of a stack; `house` where the config can be told. */
export function sourcesOf(
  { resources }: Stack,
  machines: Machines,
  edges: readonly PlacedEdge[],
  house: House | undefined,
): Sources {
  const [inventory, pki] = [types.inventory, types.pki].map((wanted) => resources.find(({ type }) => type === wanted));
  const leafValidity = at(pki?.inputs, "pki", "leafValidity") ?? at(edges[0]?.resource.inputs, "leafValidity");
  const everywhere = {
    domain: String(at(inventory?.inputs, "domain")),
    leafValidity: (typeof leafValidity === "number" ? leafValidity : 0) as Duration,
  };
  const on = (machine?: Machine, address = ""): FileSources => {
    const edge = edgeOn(edges, machine)?.resource.inputs;
    const isBesideCa = machine === undefined || (house?.plan.hosts.pki ?? machine.name) === machine.name;
    return { ...everywhere, edge, address, isBesideCa, passesOn: items(at(edge, "passesOn")).map(String) };
  };
  const ofVms = machines.all
    .filter((each) => !isHost(each))
    .flatMap((vm) => vm.addresses.map((address) => on(vm, address)));
  return {
    on,
    of(file) {
      const host = at(file.inputs, "connection", "host");
      if (typeof host === "string") return [on(machines.at(host), host)];
      return ofVms.length > 0 ? ofVms : [on()];
    },
  };
}

/** The edge of a machine. One that isn't anywhere yet may be that of any; where no machine is told, it is the first. */
function edgeOn(edges: readonly PlacedEdge[], machine: Machine | undefined): PlacedEdge | undefined {
  const there = edges.find(({ machines }) => machine && machines.includes(machine));
  return there ?? edges.find(({ machines }) => machines.length === 0) ?? (machine ? undefined : edges[0]);
}
