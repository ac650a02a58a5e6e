import { z } from "zod";

import { addressNumber, contains, isHostAddress } from "../config/address";
import { hostOf, type StaticAddress } from "./guests";
import type { Machine } from "./machines";
import { at, label, unknown, type Resource, type Value } from "./resource";
import { isPrivate } from "./subnets";

const range = z.object({ text: z.string(), first: z.number(), last: z.number() });

const subnet = z.object({ cidr: z.string(), first: z.number(), last: z.number(), prefix: z.number() });

const named = z.object({ name: z.string(), address: z.string() });

const guests = z.array(named.partial({ address: true }));

const network = z.object({ dns: z.array(z.string()), inUse: z.array(range) });

/** What has to be told where the stack makes no VM. */
const plan = z.object({
  node: z.object({ address: z.string() }).optional(),
  guests: guests.default([]),
  hosts: z.array(named).default([]),
  network: network.extend({ subnet: subnet.optional(), gateway: z.string().optional() }),
});

/** What has to be told where it makes one. */
const wholePlan = plan
  .required({ node: true })
  .extend({ guests, network: network.extend({ subnet, gateway: z.string() }) });

/** What the config says of the house's addresses. */
export type AddressPlan = z.output<typeof plan>;

/** The same for new machines. */
export type WholePlan = z.output<typeof wholePlan>;

/** Reads an inventory: the plan for new machines, where it is whole, and what it says in any case. */
export function readPlan(inventory: Value): { whole?: WholePlan; plan?: AddressPlan } {
  return { whole: wholePlan.safeParse(inventory).data, plan: plan.safeParse(inventory).data };
}

/** A sentence for each static address of a new machine that it may not have. */
export function staticProblems(all: readonly StaticAddress[], whole: WholePlan): [Resource, string][] {
  return all.flatMap((each): [Resource, string][] => {
    const { resource, address } = each;
    const host = hostOf(each);
    const other = all.find((another) => another !== each && host !== "" && hostOf(another) === host);
    const shared = other && `is also that of ${label(other.resource)}; choose a free address`;
    const problem = misplaced(address, host, whole) ?? shared;
    return problem ? [[resource, `its address ${address === unknown ? "" : `${String(address)} `}${problem}`]] : [];
  });
}

/** What is wrong with the place of an address, in words that go on after it. */
function misplaced(address: Value, host: string, whole: WholePlan): string | undefined {
  const { subnet: own, inUse } = whole.network;
  if (address === unknown) return "is not known before the update; give it a value that is known now";
  const prefix = /^[\d.]+\/(\d+)$/.exec(String(address))?.[1];
  if (prefix === undefined || addressNumber(host) === undefined) {
    return "is not an address with its prefix length; write it like 192.168.1.60/24, or dhcp";
  }
  if (!isHostAddress(own, host)) return `is not a host's address in the subnet ${own.cidr}; choose one inside it`;
  if (Number(prefix) !== own.prefix) {
    return `has another prefix length than the subnet ${own.cidr}; write ${host}/${own.prefix}`;
  }
  const used = inUse.find((each) => contains(each, host));
  if (used) return `is in the range ${used.text} in use (homelab:network.inUse); choose a free address`;
  const owner = [...owners(whole), ...hostNames(whole)].find((each) => each.address === host);
  return owner && `is that of ${owner.name}; choose a free address`;
}

/** Who has an address without this stack. */
function owners({ network: { gateway }, node, guests }: AddressPlan): { name: string; address?: string }[] {
  return [
    { name: "the gateway", address: gateway },
    { name: "the Proxmox node", address: node?.address },
    ...guests.map(({ name, address }) => ({ name: `the guest ${name}`, address })),
  ];
}

const hostNames = ({ hosts }: AddressPlan) =>
  hosts.map(({ name, address }) => ({ name: `the machine ${name}`, address }));

/** A sentence for each guest that has the address of another, or of the gateway or the node. */
export function sharedByGuests(given: AddressPlan): string[] {
  return given.guests.flatMap(({ name, address }, index) => {
    const others = owners({ ...given, guests: given.guests.slice(0, index) });
    const other = address === undefined ? undefined : others.find((each) => each.address === address);
    return other ? [`${address} is the address of ${other.name} and of the guest ${name}; correct homelab:guests`] : [];
  });
}

/**
 * A sentence for each machine of `homelab:hosts` with an address that it can't have. It is there: it may be in another private subnet, a
 * range in use may have it, and it may be a guest of the node.
 */
export function hostProblems(
  hosts: readonly Machine[],
  made: readonly StaticAddress[],
  given: AddressPlan,
): [Resource, string][] {
  return hosts.flatMap(({ resource }, index): [Resource, string][] => {
    const value = at(resource.inputs, "host", "address");
    if (value === unknown)
      return [[resource, "its address is not known before the update; give it a value that is known now"]];
    const address = String(value);
    const before = hosts.slice(0, index).find((each) => each.addresses.includes(address))?.resource;
    const other = made.find((each) => hostOf(each) === address)?.resource ?? before;
    const owner = owners({ ...given, guests: [] }).find((each) => each.address === address);
    const { subnet: own } = given.network;
    const isStrange = own && !isHostAddress(own, address) && !isPrivate(`${address}/32`);
    const problem =
      (addressNumber(address) === undefined ? "is not an address; write it like 192.168.1.54" : undefined) ??
      (isStrange ? `is neither in the subnet ${own.cidr} nor a private one; ${remedy}` : undefined) ??
      (owner && `is that of ${owner.name}; ${remedy}`) ??
      (other && `is also that of ${label(other)}; ${remedy}`);
    return problem ? [[resource, `its address ${address} ${problem}`]] : [];
  });
}

const remedy = "correct homelab:hosts";
