import { isIP, isIPv4 } from "node:net";

import type * as pulumi from "@pulumi/pulumi";

import { canonicalJson } from "../../config/canonical-json";
import type { Problems } from "./problems";

/** What every resource of a service takes besides its own arguments. */
export interface ServiceArgs<Connection> {
  /** How to reach the service. A change is no change of the object. */
  readonly connection: pulumi.Input<{ readonly [Name in keyof Connection]: pulumi.Input<Connection[Name]> }>;
  /**
   * Which installation of the service it is, such as the id of the machine that has its data. Another one has nothing yet:
   * a change makes the object there, and leaves the old one alone. Default: always the same one.
   */
  readonly installation?: pulumi.Input<string>;
}

/** Arguments as a provider sees them, as a program may pass them. */
export type ServiceInputs<Connection, Args> = ServiceArgs<Connection> & {
  readonly [Name in keyof Args]: pulumi.Input<Args[Name]>;
};

/** Makes one client per connection, so that calls queue and a refused login stays refused. */
export function oncePerConnection<Connection, Api>(
  make: (connection: Connection) => Api,
): (connection: Connection) => Api {
  const clients = new Map<string, Api>();
  return (connection) => {
    const key = canonicalJson(connection);
    const client = clients.get(key) ?? make(connection);
    clients.set(key, client);
    return client;
  };
}

/** Where an endpoint is: a capital in its host, the port that its scheme has anyway and a slash at its end change nothing. */
export function endpointOf(connection: unknown): unknown {
  const { endpoint } = (connection ?? {}) as { readonly endpoint?: unknown };
  return typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}

/** A service, as a text about a wrong connection names it. */
interface Named {
  readonly product: string;
  /** An example of an endpoint. */
  readonly example: string;
  /** What would go over the network in clear with http: `password`. */
  readonly secret: string;
}

/** Names what is wrong with `endpoint`, `address` and `ca` of a connection. */
export function checkPlace(given: Readonly<Record<string, unknown>>, service: Named, problems: Problems): void {
  const { endpoint, address, ca } = given;
  checkEndpoint(endpoint, service, problems);
  if (address !== undefined) checkAddress(address, endpoint, problems);
  if (ca !== undefined && !String(ca).includes("-----BEGIN CERTIFICATE-----")) {
    problems.add("connection.ca", "is no certificate in PEM; give the root's, with its BEGIN line");
  }
}

/** Whether a value is a text with something in it. */
export const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

function checkEndpoint(endpoint: unknown, { product, example, secret }: Named, problems: Problems): void {
  const url = typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const remedy = `write it as ${example}`;
  if (!url || !/^https?:$/.test(url.protocol)) {
    problems.add("connection.endpoint", `is no URL of ${product}; ${remedy}`);
  } else if (url.username || url.password) {
    problems.add("connection.endpoint", `has a login in it; use the connection's ${secret}`);
  } else if (url.pathname !== "/" || /[?#]/.test(url.href)) {
    problems.add("connection.endpoint", `has a path or query after its host; ${remedy}`);
  } else if (url.protocol === "http:" && !["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    problems.add("connection.endpoint", `would send the ${secret} in clear over the network; ${remedy}`);
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
