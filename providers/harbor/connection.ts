import {
  checkPlace,
  endpointOf,
  isText,
  oncePerConnection,
  type ServiceArgs,
  type ServiceInputs,
} from "../dynamic/connection";
import type { Problems } from "../dynamic/problems";
import { Harbor, type HarborConnection } from "./api";

/** What every resource of Harbor takes besides its own arguments. */
export type HarborArgs = ServiceArgs<HarborConnection>;

/** Arguments as a provider sees them, as a program may pass them. */
export type Inputs<Args> = ServiceInputs<HarborConnection, Args>;

const connected = oncePerConnection((connection: HarborConnection) => new Harbor(connection));

/** Harbor, as the lifecycle wants it. */
export const harborService = {
  connect(connection: unknown): Harbor {
    const { username = "admin", ...rest } = connection as HarborConnection;
    return connected({ ...rest, username });
  },

  place: endpointOf,

  check(connection: unknown, problems: Problems): void {
    const given = (connection ?? {}) as Partial<Record<keyof HarborConnection, unknown>>;
    const { username, password } = given;
    const harbor = { product: "Harbor", example: "https://registry.home.arpa", secret: "password" };
    checkPlace(given, harbor, problems);
    if (!isText(password)) problems.add("connection.password", "is missing; give the administrator's password");
    if (username !== undefined && (!isText(username) || String(username).includes(":"))) {
      problems.add("connection.username", "is no user name (it has no colon); leave it out for admin");
    }
  },
};
