import type { Connection } from "ssh2";
import { close, listening, portOf } from "../kit/http";
import { Access } from "./access";
import { administer } from "./administration";
import { prepareStorage } from "./datastores";
import { serveApi } from "./http";
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
  administer(store, options.tokens, options.administration);
  const lab: Lab = {
    options,
    store,
    tasks: new Tasks(store),
    access: new Access(options, store),
    openid: new OpenIdLogins(options, store),
  };
  const connections = new Set<Connection>();
  const ssh = sshServer(options, (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  const api = await serveApi(lab);
  await listening(ssh, options.ssh.port, options.ssh.address);
  return {
    port: portOf(api),
    sshPort: portOf(ssh),
    close: async () => {
      await lab.tasks.idle();
      for (const connection of connections) connection.end();
      await Promise.all([close(api), new Promise<void>((resolve) => ssh.close(() => resolve()))]);
    },
  };
}
