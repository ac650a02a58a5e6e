import { prepareCommand } from "../components/host/prepare";
import { mib, sumSizes, type Size } from "../config/size";
import { inventoriesOf, madeGuests, named, number, sharedVmIds, sized, type Inventory, type MadeGuest } from "./guests";
import { isHost, machinesOf, type Machine, type Machines } from "./machines";
import { strangersOn, type LiveGuest } from "./proxmox-guests";
import type { MemoryRow } from "./report";
import { at, type Resource, type Stack } from "./resource";
import { types } from "./types";

/** How much may be spent. */
export interface Limits {
  /** The share of a node's memory that all guests together may have. */
  readonly budget: number;
  /** What Docker itself takes of a machine. */
  readonly dockerOverhead: Size;
}

/** What the stack and its neighbours have of the memory of every host. */
export interface MemoryPlan {
  readonly nodes: readonly {
    readonly row: MemoryRow;
    /** Guests, or parts of them, that count although the stack's config doesn't declare them. */
    readonly undeclared: readonly string[];
  }[];
  /** The machines on which the stack runs containers. */
  readonly machines: readonly { readonly row: MemoryRow; readonly machine: Machine }[];
  /** What keeps the plan from being whole. A host whose sum isn't known has no row. */
  readonly problems: readonly { readonly message: string; readonly resource?: Resource }[];
}

/** Adds up the memory of every node and machine. `live` is what Proxmox reports, where it can be asked. */
export function memoryPlan(stack: Stack, limits: Limits, live: readonly LiveGuest[] = []): MemoryPlan {
  const { inventories, unreadable } = inventoriesOf(stack);
  const made = madeGuests(stack);
  const machines = machinesOf(stack);
  const containers = placedContainers(stack, machines);
  const used = machines.all.filter((machine) => containers.some(({ host }) => host === machine));
  return {
    nodes: inventories.flatMap((inventory) => nodeRow(inventory, made, live, limits)),
    machines: used.flatMap((machine) =>
      machineRow(
        machine,
        containers.filter(({ host }) => host === machine).map(({ limit }) => limit),
        limits,
      ),
    ),
    problems: [
      ...(made.length > 0 && inventories.length + unreadable.length === 0 ? [{ message: noInventory }] : []),
      ...unreadable.map((resource) => ({ resource, message: unknownInventory })),
      ...sharedVmIds(inventories, made).map((message) => ({ message })),
      ...made.flatMap((guest) =>
        guestProblems(guest, inventories, unreadable).map((message) => ({ resource: guest.resource, message })),
      ),
      ...used.filter(isHost).flatMap((machine) => {
        return hostProblems(machine, stack, machines).map((message) => ({ resource: machine.resource, message }));
      }),
      ...containers.flatMap(({ resource, host, limit }) =>
        containerProblems(host, limit).map((message) => ({ resource, message })),
      ),
    ],
  };
}

/** A share of a size in whole MiB, as Proxmox gives memory out. */
export function shareOf(total: Size, share: number): Size {
  return mib(Math.floor((total * Math.round(share * 100)) / 100 / mib(1)));
}

function nodeRow(
  { node, guests }: Inventory,
  made: readonly MadeGuest[],
  live: readonly LiveGuest[],
  { budget }: Limits,
): MemoryPlan["nodes"] {
  const added = made
    .filter((guest) => guest.node === undefined || guest.node === node.name)
    .map(({ memory }) => memory);
  if (!added.every(isKnown)) return [];

  const reported = new Map(live.map((guest) => [guest.vmId, guest]));
  const grown = guests.filter(({ vmId, memory }) => (reported.get(vmId)?.memory ?? 0) > memory);
  const strangers = strangersOn([node.name], live, [...guests, ...made]);
  const before = [
    ...guests.map(({ vmId, memory }) => Math.max(memory, reported.get(vmId)?.memory ?? 0) as Size),
    ...strangers.flatMap(({ memory }) => memory ?? []),
  ];
  return [
    {
      row: {
        host: node.name,
        total: node.memory,
        before: sumSizes(before),
        added: sumSizes(added),
        budget: shareOf(node.memory, budget),
      },
      undeclared: [
        ...strangers.map((guest) => `${named(guest)}: ${sized(guest.memory)}`),
        ...grown.map((guest) => {
          return `${named(guest)}: ${sized(reported.get(guest.vmId)?.memory)} instead of ${sized(guest.memory)}`;
        }),
      ],
    },
  ];
}

function machineRow(
  machine: Machine,
  limits: readonly (Size | undefined)[],
  { dockerOverhead }: Limits,
): MemoryPlan["machines"] {
  const { name, memory } = machine;
  if (memory === undefined || !limits.every(isKnown)) return [];
  const row = { host: name, total: memory, before: dockerOverhead, added: sumSizes(limits), budget: memory };
  return [{ machine, row }];
}

interface PlacedContainer {
  readonly resource: Resource;
  readonly host: Machine | undefined;
  readonly limit: Size | undefined;
}

/**
 * A container runs where its Docker provider leads. Where that isn't told, it runs on the VM beside its provider, or on the
 * stack's only machine.
 */
function placedContainers({ resources }: Stack, machines: Machines): PlacedContainer[] {
  const providers = new Map(
    resources.filter(({ type }) => type === types.dockerProvider).map((provider) => [provider.urn, provider]),
  );
  return resources
    .filter(({ type }) => type === types.container)
    .map((resource) => {
      const provider = providers.get(resource.provider ?? "");
      const beside = machines.all.filter(
        (each) => !isHost(each) && provider && each.resource.parent === provider.parent,
      );
      const candidates = beside.length > 0 ? beside : machines.all;
      const limit = number(at(resource.inputs, "memory"));
      return {
        resource,
        host: machines.of(resource) ?? (candidates.length === 1 ? candidates[0] : undefined),
        limit: limit === undefined ? undefined : mib(limit),
      };
    });
}

/** Proxmox reports nothing of a machine that was there before: the command that prepares it asks the machine itself. */
function hostProblems({ name, memory, resource: own }: Machine, { resources }: Stack, machines: Machines): string[] {
  if (memory === undefined) return ["its memory is not known before the update; take it from homelab:hosts"];
  const asked = resources.some(
    (each) =>
      each.type === types.command &&
      machines.of(each)?.resource === own &&
      at(each.inputs, "create") === prepareCommand(memory),
  );
  if (asked) return [];
  return [
    `nothing refuses ${name} where it reports less than its ${sized(memory)} of memory; prepare it as SshHost does ` +
      "(components/host/prepare.ts), with the memory of homelab:hosts",
  ];
}

function guestProblems(
  { vmId, node, memory }: MadeGuest,
  inventories: readonly Inventory[],
  unreadable: readonly Resource[],
): string[] {
  const problems: string[] = [];
  if (memory === undefined) {
    problems.push(
      "its memory is not given, or not known before the update; set its dedicated memory to a number of MiB",
    );
  }
  if (vmId === undefined) {
    problems.push(
      "its VMID is not given, or not known before the update, so it can't be told from the guests that are there " +
        "already; set `vmId` to a number",
    );
  }
  if (node === undefined) {
    problems.push("its node is not known before the update; set `nodeName` to the name of a node");
    return problems;
  }
  const total = inventories.find((inventory) => inventory.node.name === node)?.node.memory;
  if (total === undefined && unreadable.length === 0 && inventories.length > 0) {
    problems.push(
      `it is on the node ${node}, whose memory the inventory does not tell; put it on ` +
        `${inventories.map((inventory) => inventory.node.name).join(" or ")}, or register an inventory of ${node}`,
    );
  }
  if (total !== undefined && memory !== undefined && memory > total) {
    problems.push(`it has ${sized(memory)} of memory, more than the ${sized(total)} of its node ${node}; give it less`);
  }
  return problems;
}

function containerProblems(host: Machine | undefined, limit: Size | undefined): string[] {
  if (!host) {
    return [
      "which VM it runs on can't be told, so nothing makes sure that its memory is there; give the VM and the " +
        "container's docker.Provider the same parent",
    ];
  }
  if (limit !== undefined) return [];
  return [
    `its memory limit is not given, or not known before the update, so the memory of ${host.name} can't be added up; ` +
      "set `memory` to a number of MiB",
  ];
}

const isKnown = (size: Size | undefined): size is Size => size !== undefined;

const noInventory =
  "the stack makes guests of Proxmox, but nothing tells how much memory their node has; register an Inventory " +
  "(components/inventory.ts)";

const unknownInventory =
  "its node or its guests are not known before the update, so their memory can't be added up; take them from the " +
  "stack's config";
