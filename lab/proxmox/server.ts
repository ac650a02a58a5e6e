import type { AddressInfo } from "node:net";
import type { Connection } from "ssh2";
import { Access } from "./access";
import { administer } from "./administration";
import { prepareStorage } from "./datastores";
import { apiServer } from "./http";
import type { Lab } from "./lab";
import { OpenIdLogins } from "./openid";
import type { ProxmoxOptions } from "./options";
import { sshServer } from "./ssh";
import { StateStore } from "./state";
import { Tasks } from "./tasks";

export type { ProxmoxOptions } from "./options";

/** A running stand-in. */
export interface Proxmox {
  /** Where the API listens. */
  readonly port: number;
  /** Where the nodes' SSH listens. */
  readonly sshPort: number;
  /** Stops listening once the tasks that run are over. */
  close(): Promise<void>;
}

/**
 * Starts a Proxmox VE node as the Terraform provider and our own clients see it: the HTTPS API below `/api2/json` and
 * the node's SSH. It stores what it is told and refuses what Proxmox refuses; machines are booted by `options.machines`.
 */
export async function startProxmox(options: ProxmoxOptions): Promise<Proxmox> {
  prepareStorage(options.storageRoot);
  const store = new StateStore(options.stateFile);
  administer(store, options);
  const lab: Lab = {
    options,
    store,
    tasks: new Tasks(store),
    access: new Access(options, store),
    openid: new OpenIdLogins(),
  };
  const api = apiServer(lab);
  const connections = new Set<Connection>();
  const ssh = sshServer(options, (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  const port = await listen(api, options.listen);
  const sshPort = await listen(ssh, options.ssh);
  return {
    port,
    sshPort,
    close: async () => {
      await lab.tasks.idle();
      for (const connection of connections) connection.end();
      api.closeAllConnections();
      await Promise.all([closed(api), closed(ssh)]);
    },
  };
}

interface Listener {
  listen(port: number, address: string, ready: () => void): unknown;
  once(event: "error", handler: (error: Error) => void): unknown;
  removeListener(event: "error", handler: (error: Error) => void): unknown;
  address(): AddressInfo | string | null;
  close(done: () => void): unknown;
}

async function listen(server: Listener, { address, port }: { address: string; port: number }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return bound !== null && typeof bound === "object" ? bound.port : port;
}

const closed = (server: Listener): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
