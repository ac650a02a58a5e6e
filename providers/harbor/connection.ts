import {
  checkPlace,
  endpointOf,
  isText,
  oncePerConnection,
  type ServiceArgs,
  type ServiceInputs,
} from "../dynamic/connection";
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
