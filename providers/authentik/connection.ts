import {
  checkPlace,
  endpointOf,
  isText,
  oncePerConnection,
  type ServiceArgs,
  type ServiceInputs,
} from "../dynamic/connection";
import type { Problems } from "../dynamic/problems";
import { Authentik, type AuthentikConnection } from "./api";

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
