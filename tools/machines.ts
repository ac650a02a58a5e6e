import type { State, StateResource } from "./stack";

type Resources = State["resources"];

/** How the operator logs in to a machine. */
export interface Login {
  readonly user: string;
  readonly port: number;
  /** The machine's public key. */
  readonly hostKey: string;
}

/** The VM's address, as the state has it; nothing where the stack has none yet. */
export const vmAddress = (resources: Resources): string | undefined =>
  inputOf<{ address?: string }>(resources, "homelab:host:ToolingVm", "vm")[0]?.address;

/** The login to the machine of `homelab:hosts` that the state has at an address; nothing where it has none there. */
export function hostLogin(resources: Resources, address: string): Login | undefined {
  const hosts = inputOf<Login & { address: string }>(resources, "homelab:host:SshHost", "host");
  return hosts.find((host) => host.address === address);
}

/** An input of each component of a type. */
const inputOf = <T>(resources: Resources, type: string, name: string): T[] =>
  resources.flatMap((each) => (each.type === type && each.inputs?.[name] ? [each.inputs[name] as T] : []));

/** The address of the machine that a provider of Docker's reaches; nothing for another resource, and for Docker on this computer. */
export function dockerAddress({ type, inputs }: StateResource): string | undefined {
  const host = type === "pulumi:providers:docker" && typeof inputs?.host === "string" ? inputs.host : "";
  return /^ssh:\/\/(?:[^@]*@)?([^:/]+)/.exec(host)?.[1];
}

/** The address of the machine that a resource of Docker's is on: that of its provider. */
export function addressOf({ provider }: StateResource, resources: Resources): string | undefined {
  // A reference to a provider is its URN and its id.
  const own = resources.find(({ urn }) => urn === provider?.replace(/::[^:]*$/, ""));
  return own && dockerAddress(own);
}
