import {
  checkPlace,
  endpointOf,
  isText,
  oncePerConnection,
  type ServiceArgs,
  type ServiceInputs,
} from "../dynamic/connection";
import type { Problems } from "../dynamic/problems";
import { Authentik } from "./api";

/** How the provider reaches Authentik. It is encrypted in the state as a whole, in each resource that has it. */
export interface AuthentikConnection {
  /** Where Authentik is, without a path: `https://auth.home.arpa`. */
  readonly endpoint: string;
  /**
   * The IPv4 address to connect to, so that nothing asks DNS for the endpoint's name. The certificate must still be for
   * that name, and Authentik still hears it as the host. Default: what DNS says.
   */
  readonly address?: string;
  /** The key of an API token of an administrator. An Authentik that was started with the `bootstrapKey` of it learns it. */
  readonly token: string;
  /** The CA that Authentik's certificate is checked with, PEM. Default: what Node.js trusts. */
  readonly ca?: string;
}

/** What every resource of Authentik takes besides its own arguments. */
export type AuthentikArgs = ServiceArgs<AuthentikConnection>;

/** Arguments as a provider sees them, as a program may pass them. */
export type Inputs<Args> = ServiceInputs<AuthentikConnection, Args>;

const connected = oncePerConnection((connection: AuthentikConnection) => new Authentik(connection));

/** Authentik, as the lifecycle wants it. */
export const authentikService = {
  connect: (connection: unknown): Authentik => connected(connection as AuthentikConnection),

  place: endpointOf,

  check(connection: unknown, problems: Problems): void {
    const given = (connection ?? {}) as Partial<Record<keyof AuthentikConnection, unknown>>;
    checkPlace(given, { product: "Authentik", example: "https://auth.home.arpa", secret: "token" }, problems);
    if (!isText(given.token))
      problems.add("connection.token", "is missing; give the key of an administrator's API token");
  },
};
