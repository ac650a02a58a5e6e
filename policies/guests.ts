import { z } from "zod";

import { formatSize, mib, type Size } from "../config/size";
import { at, unknown, valuesAt, type Resource, type Stack, type Value } from "./resource";
import { isOneOf, types } from "./types";

const size = z
  .number()
  .positive()
  .transform((bytes) => bytes as Size);

const inventory = z.object({
  node: z.object({ name: z.string(), memory: size }),
  guests: z.array(z.object({ name: z.string(), vmId: z.number(), memory: size, cores: z.number() })),
});

/** A Proxmox node and the guests that the config declares on it. */
export type Inventory = z.output<typeof inventory>;

/** A guest that the stack's config declares: `homelab:guests`. */
export type DeclaredGuest = Inventory["guests"][number];

/** A VM or a system container (LXC) that the stack itself makes. What isn't known before the update is missing. */
export interface MadeGuest {
  readonly resource: Resource;
  readonly name: string;
  readonly vmId?: number;
  readonly node?: string;
  readonly memory?: Size;
}

/** The stack's inventories of nodes: read, or the resource where something in it isn't known. */
export function inventoriesOf({ resources }: Stack): { inventories: Inventory[]; unreadable: Resource[] } {
  const all = resources
    .filter(({ type, inputs }) => type === types.inventory && hasNode(inputs))
    .map((resource) => ({ resource, read: inventory.safeParse(resource.inputs) }));
  return {
    inventories: all.flatMap(({ read }) => read.data ?? []),
    unreadable: all.flatMap(({ resource, read }) => (read.success ? [] : resource)),
  };
}

/** A stack that makes no VM has to do with no node. */
const hasNode = (inventory: Value): boolean =>
  inventory === unknown || ["node", "guests"].some((each) => at(inventory, each) !== undefined);

/** Whether a resource is a guest of Proxmox. */
export const isGuest = ({ type }: Resource): boolean => isOneOf(types.guests, type);

/** The guests that the stack makes. Templates are none: they never run. */
export function madeGuests({ resources }: Stack): MadeGuest[] {
  return resources.filter(isGuest).flatMap((resource) => {
    const { inputs, name } = resource;
    if (at(inputs, "template") === true) return [];
    const memory = number(at(inputs, "memory", "dedicated") ?? at(inputs, "memory", "size"));
    // A system container's swap is the node's.
    const swap = number(at(inputs, "memory", "swap")) ?? 0;
    return {
      resource,
      name: text(at(inputs, "name")) ?? name,
      vmId: number(at(inputs, "vmId") ?? at(inputs, "resourceId")),
      node: text(at(inputs, "nodeName")),
      memory: memory === undefined || at(inputs, "memory", "swap") === unknown ? undefined : mib(memory + swap),
    };
  });
}

/** A sentence for each VMID that more than one guest has. */
export function sharedVmIds(inventories: readonly Inventory[], made: readonly MadeGuest[]): string[] {
  const owners = new Map<number, string[]>();
  for (const { name, vmId } of [...inventories.flatMap(({ guests }) => guests), ...made]) {
    if (vmId !== undefined) owners.set(vmId, [...(owners.get(vmId) ?? []), name]);
  }
  return [...owners]
    .filter(([, names]) => names.length > 1)
    .map(
      ([vmId, names]) =>
        `VMID ${vmId} is given to ${names.join(" and to ")}; each guest needs one of its own: correct \`homelab:guests\` ` +
        "or the `vmId` of the stack's VM",
    );
}

/** A guest for a message: `media (VMID 104)`. */
export const named = ({ name, vmId }: { readonly name: string; readonly vmId: number }): string =>
  `${name} (VMID ${vmId})`;

/** A static address as a VM or a system container is given it. */
export interface StaticAddress {
  readonly resource: Resource;
  readonly address: Value;
}

export function staticAddresses(resource: Resource): StaticAddress[] {
  return valuesAt(resource.inputs, "initialization.ipConfigs[].ipv4.address")
    .filter((address) => address !== "dhcp")
    .map((address) => ({ resource, address }));
}

/** `192.168.1.60` of `192.168.1.60/24`. */
export const hostOf = ({ address }: StaticAddress): string =>
  typeof address === "string" ? address.replace(/\/.*$/s, "") : "";

/** User, machine and port of `ssh://ops@192.168.1.60:2222`, which is how a Docker provider names them. */
export function sshLogin(value: Value): { user?: string; host?: string; port?: number } {
  const [, user, host, port] =
    (typeof value === "string" && /^ssh:\/\/([a-z_][\w-]*)@([\w.-]+)(?::(\d+))?$/.exec(value)) || [];
  return { user, host, port: number(port) };
}

/** A size for a message, also where Proxmox told none. */
export const sized = (memory: Size | undefined): string => (memory === undefined ? "unknown" : formatSize(memory));

/** Text that is there and known. */
export const text = (value: Value): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A number above zero that is there and known, also as text. */
export function number(value: Value): number | undefined {
  const read = typeof value === "string" ? Number(value) : value;
  return typeof read === "number" && read > 0 ? read : undefined;
}
