import type * as docker from "@pulumi/docker";
import type * as proxmox from "@pulumi/proxmoxve";
import type * as pulumi from "@pulumi/pulumi";

import type { Service } from "../config/services";
import type { Machine } from "./host/machine";

/** What the stack will have, known from the config alone, before any resource is made. */
export interface Plan {
  /** The catalogue: each entry is served by the edge, has a certificate, and an application where it asks for logins. */
  readonly services: Service[];
  /** Entries that the stack itself sets up with the single sign-on; all others are set up by hand. */
  readonly logins: readonly Login[];
  /** Who is asked about a request to an entry with `auth: proxy`; nothing where no feature answers such requests. */
  readonly forwardAuth: ForwardAuth | undefined;
  /** Which machine each feature runs on, by their names. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The entries that each machine's edge serves, by the machine's name; the house's own entries are the stack's own machine's. */
  readonly served: Readonly<Record<string, Service[]>>;
}

/** Where edges ask about a request. */
export interface ForwardAuth {
  /** For the edge on the same machine: `http://container:port`. */
  readonly upstream: string;
  /** For those on others, through the edge there. */
  readonly url: string;
}

/** A machine as features find it. */
export interface Placement {
  readonly machine: Machine;
  /** Docker network on which its edge reaches what it serves. */
  readonly network: docker.Network;
}

/** How an entry of the catalogue that the stack sets up gets the answers of logins. */
export interface Login {
  /** The entry's name. */
  readonly service: string;
  /** Where the answers go, exactly as the service sends it. */
  readonly redirectUris: readonly string[];
}

/** What a feature is built with: its own machine, the house, and what the features before it offer. */
export interface Home extends Placement, Offers {
  readonly plan: Plan;
  /** Every machine of the stack, its own one first. */
  readonly placements: readonly Placement[];
  /** The Proxmox that the stack's VM is on; nothing where it makes none. */
  readonly proxmox?: proxmox.Provider;
}

/** What features offer to those that are built after them. */
export interface Offers {
  readonly authority?: Authority;
  /** What is asked for through an edge depends on these. */
  readonly edges?: pulumi.Resource[];
  readonly signOn?: SignOn;
}

/** Who issues the house's certificates. */
export interface Authority {
  /** PEM. */
  readonly rootCertificate: pulumi.Output<string>;
  /** Where whoever is on {@link network} asks for certificates. */
  readonly acmeDirectory: pulumi.Output<string>;
  readonly network: docker.Network;
  /** Where edges of other machines than {@link machine} ask, through the one there. */
  readonly publicAcmeDirectory: string;
  readonly machine: Machine;
}

/** Who answers logins. */
export interface SignOn {
  /** What an entry of the catalogue asks with; nothing where it asks nobody (yet). */
  application(service: string): SignOnApplication | undefined;
}

/** A service that asks the single sign-on itself. */
export interface SignOnApplication {
  /** The catalogue's entry. */
  readonly service: Service;
  readonly client: OidcClient;
  /** Ends the time in which an old client secret gets in as well, once these resources have the new one. */
  accept(settled: pulumi.Resource[]): void;
}

/** What a service needs to ask the single sign-on. */
export interface OidcClient {
  readonly clientId: string;
  readonly clientSecret: pulumi.Output<string>;
  /** With the slash at its end. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly logoutUrl: string;
}

/**
 * What a feature that is built before offers. It is there where the other feature's name is among its `needs`.
 *
 * @throws Error where it is not, which is a mistake in the program.
 */
export function offered<Name extends keyof Offers>(home: Home, name: Name): NonNullable<Offers[Name]> {
  const offer = home[name];
  if (offer === undefined) throw new Error(`No feature before this one offers ${name}: see components/features.ts`);
  return offer;
}

/** Where the edge of a machine asks about requests with `auth: proxy`, and the machines whose edges ask through it. */
export function loginsAt(host: string, { forwardAuth, hosts, served }: Plan): { signOn?: string; asking: string[] } {
  const others = Object.keys(served).filter(
    (name) => name !== hosts.sso && served[name]?.some(({ auth }) => auth === "proxy"),
  );
  if (host === hosts.sso) return { signOn: forwardAuth?.upstream, asking: others };
  return { signOn: others.includes(host) ? forwardAuth?.url : undefined, asking: [] };
}
