import {
  checkPlace,
  endpointOf,
  isText,
  oncePerConnection,
  type ServiceArgs,
  type ServiceInputs,
} from "../dynamic/connection";
import type { Problems } from "../dynamic/problems";
import { Grafana, type GrafanaConnection } from "./api";

/** What every resource of Grafana takes besides its own arguments. */
export type GrafanaArgs = ServiceArgs<GrafanaConnection>;

/** Arguments as a provider sees them, as a program may pass them. */
export type Inputs<Args> = ServiceInputs<GrafanaConnection, Args>;

const connected = oncePerConnection((connection: GrafanaConnection) => new Grafana(connection));

/** Grafana, as the lifecycle wants it. */
export const grafanaService = {
  connect: (connection: unknown): Grafana => connected(connection as GrafanaConnection),

  place: endpointOf,

  check(connection: unknown, problems: Problems): void {
    const given = (connection ?? {}) as Partial<Record<keyof GrafanaConnection, unknown>>;
    const { token, username, password } = given;
    checkPlace(given, { product: "Grafana", example: "https://grafana.home.arpa", secret: "password" }, problems);
    if (token !== undefined) {
      if (!isText(token)) problems.add("connection.token", "is empty; give a service account's token");
      if (username !== undefined || password !== undefined)
        problems.add("connection.token", "is one way to log in, and there is another; leave out one of them");
      return;
    }
    if (!isText(username) || String(username).includes(":"))
      problems.add("connection.username", "is no user name (it has no colon); give a server administrator's");
    if (!isText(password)) problems.add("connection.password", "is missing; give the password of the user name");
  },
};
