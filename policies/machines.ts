import type { Size } from "../config/size";
import { hostOf, madeGuests, number, sshLogin, staticAddresses, text } from "./guests";
import { at, unknown, valuesAt, type Resource, type Stack, type Value } from "./resource";
import { sshPort } from "./ssh-options";
import { types } from "./types";

/** A machine that the stack works on: a VM that it makes, or one that was there before, of `homelab:hosts`. */
export interface Machine {
  /** What the config calls it. */
  readonly name: string;
  /** Its static addresses, as far as they are known. */
  readonly addresses: readonly string[];
  /** The port of its SSH. */
  readonly port: number;
  /** Who logs in there; nothing where no component tells, and so nobody may. */
  readonly user: Value;
  /** The key by which it is known; none of a VM, whose key the stack makes. */
  readonly hostKey?: string;
  /** Its memory; nothing where it isn't known. */
  readonly memory?: Size;
  /** The VM, or the component of a machine that was there before. */
  readonly resource: Resource;
}

/** The machines of a stack. */
export interface Machines {
  readonly all: readonly Machine[];
  /** The one that a file, a command, a Docker provider, or what such a provider makes is on; nothing where it isn't known or another's. */
  of(resource: Resource): Machine | undefined;
  /** The one with an address. */
  at(address: Value): Machine | undefined;
}

/** Whether a machine was there before the stack. */
export const isHost = ({ resource }: Machine): boolean => resource.type === types.sshHost;

/** The machines of a stack, and what is on them. Templates are none: they never run. */
export function machinesOf(stack: Stack): Machines {
  const { resources } = stack;
  const ofType = (wanted: string): Resource[] => resources.filter(({ type }) => type === wanted);
  const components = ofType(types.toolingVm);
  const docker = new Map(ofType(types.dockerProvider).map(({ urn, inputs }) => [urn, loginHost(inputs)]));
  const all = [
    ...madeGuests(stack).map(({ resource, name, memory }) => vm(resource, name, memory, components)),
    // One that is left out of this run has no inputs.
    ...ofType(types.sshHost).flatMap((each) => (at(each.inputs, "host") === undefined ? [] : host(each))),
  ];
  const atAddress = (address: Value): Machine | undefined =>
    all.find(({ addresses }) => addresses.some((each) => each === address));
  return {
    all,
    at: atAddress,
    of: ({ urn, provider = urn, inputs }) =>
      atAddress(docker.has(provider) ? docker.get(provider) : at(inputs, "connection", "host")),
  };
}

const loginHost = (inputs: Value): string | undefined => sshLogin(at(inputs, "host")).host;

/** User and name are those of the component that has the VM's address. */
function vm(resource: Resource, name: string, memory: Size | undefined, components: readonly Resource[]): Machine {
  const addresses = staticAddresses(resource).map(hostOf).filter(Boolean);
  const component = components.find(({ inputs }) => addresses.some((each) => each === at(inputs, "vm", "address")));
  return {
    name: text(at(component?.inputs, "vm", "name")) ?? name,
    addresses,
    port: sshPort,
    user: at(component?.inputs, "vm", "user"),
    memory,
    resource,
  };
}

function host(resource: Resource): Machine {
  const [name, address, hostKey] = ["name", "address", "hostKey"].map((each) =>
    text(at(resource.inputs, "host", each)),
  );
  return {
    name: name ?? resource.name,
    addresses: address === undefined ? [] : [address],
    port: number(at(resource.inputs, "host", "port")) ?? sshPort,
    user: at(resource.inputs, "host", "user"),
    hostKey: hostKey ?? "",
    memory: number(at(resource.inputs, "host", "memory")) as Size | undefined,
    resource,
  };
}

/** How a machine that was there before is not the one that the config has under its name, as the inventory tells. */
export function undeclared({ name, resource }: Machine, { resources }: Stack): string | undefined {
  const inventory = resources.find(({ type }) => type === types.inventory);
  const entry = valuesAt(inventory?.inputs, "hosts[]").find((each) => at(each, "name") === name);
  if (entry === undefined) return `homelab:hosts has no ${name} on which something runs; make it from an entry there`;
  for (const field of ["name", "address", "port", "user", "hostKey", "memory"]) {
    const [given, declared] = [at(resource.inputs, "host", field), at(entry, field)];
    if (given === declared && given !== unknown) continue;
    return `its \`${field}\` is another than homelab:hosts gives ${name}; take the entry there as it is`;
  }
  return undefined;
}
