import { isIP, isIPv4 } from "node:net";

import type * as pulumi from "@pulumi/pulumi";

import type { Problems } from "../dynamic/problems";
import { Harbor } from "./api";

/** How the provider reaches Harbor. It is encrypted in the state as a whole, in each resource that has it. */
export interface HarborConnection {
  /** Where Harbor is, without a path: `https://registry.home.arpa`. */
  readonly endpoint: string;
  /**
   * The IPv4 address to connect to, so that nothing asks DNS for the endpoint's name. The certificate must still be for
   * that name, and Harbor still hears it as the host. Default: what DNS says.
   */
  readonly address?: string;
  /** An administrator: robots may neither configure Harbor nor change robots. Default `admin`. */
  readonly username?: string;
  readonly password: string;
  /** The CA that Harbor's certificate is checked with, PEM. Default: what Node.js trusts. */
  readonly ca?: string;
}

/** What every resource of Harbor takes besides its own arguments. */
export interface HarborArgs {
  /** How to reach Harbor. A change is no change of the object. */
  readonly connection: pulumi.Input<{
    readonly [Name in keyof HarborConnection]: pulumi.Input<HarborConnection[Name]>;
  }>;
  /**
   * Which Harbor it is, such as the id of the machine that has its data. Another one has nothing yet: a change makes the
   * object there, and leaves the old one alone.
   */
  readonly installation?: pulumi.Input<string>;
}

/** Arguments as a provider sees them, as a program may pass them. */
export type Inputs<Args> = HarborArgs & { readonly [Name in keyof Args]: pulumi.Input<Args[Name]> };

const clients = new Map<string, Harbor>();

/** Harbor, as the lifecycle wants it. One client per connection, so that calls queue and a refused login stays refused. */
export const harborService = {
  connect(connection: unknown): Harbor {
    const { endpoint, address, username = "admin", password, ca } = connection as HarborConnection;
    const key = JSON.stringify([endpoint, address, username, password, ca]);
    const client = clients.get(key) ?? new Harbor({ endpoint, address, username, password, ca });
    clients.set(key, client);
    return client;
  },

  check(connection: unknown, problems: Problems): void {
    const given = (connection ?? {}) as Partial<Record<keyof HarborConnection, unknown>>;
    const { endpoint, address, username, password, ca } = given;
    checkEndpoint(endpoint, problems);
    if (address !== undefined) checkAddress(address, endpoint, problems);
    const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
    if (!isText(password)) problems.add("connection.password", "is missing; give the administrator's password");
    if (username !== undefined && (!isText(username) || String(username).includes(":"))) {
      problems.add("connection.username", "is no user name (it has no colon); leave it out for admin");
    }
    if (ca !== undefined && !String(ca).includes("-----BEGIN CERTIFICATE-----")) {
      problems.add("connection.ca", "is no certificate in PEM; give the root's, with its BEGIN line");
    }
  },
};

function checkEndpoint(endpoint: unknown, problems: Problems): void {
  const url = typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const remedy = "write it as https://registry.home.arpa";
  if (!url || !/^https?:$/.test(url.protocol)) {
    problems.add("connection.endpoint", `is no URL of Harbor; ${remedy}`);
  } else if (url.username || url.password) {
    problems.add("connection.endpoint", "has a login in it; use connection.username and connection.password");
  } else if (url.pathname !== "/" || url.search) {
    problems.add("connection.endpoint", `has a path or query after its host; ${remedy}`);
  } else if (url.protocol === "http:" && !["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    problems.add("connection.endpoint", `would send the password in clear over the network; ${remedy}`);
  }
}

function checkAddress(address: unknown, endpoint: unknown, problems: Problems): void {
  const host = typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint).hostname : "";
  if (typeof address !== "string" || !isIPv4(address)) {
    problems.add("connection.address", "is no IPv4 address; write it as 192.168.1.60, or leave it out to ask DNS");
  } else if (isIP(host) !== 0) {
    problems.add("connection.address", "is for an endpoint with a name; leave it out where the endpoint is an address");
  }
}
