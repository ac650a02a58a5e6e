import { join, resolve } from "node:path";

import { projectRoot } from "../tools/versions";

export { cacheHome } from "../tools/cache";
export { projectRoot };

/** Everything one lab makes: state, keys, logs, sockets. `npm run lab:down` removes it. Override with `HOMELAB_LAB_HOME`. */
export const labHome = resolve(process.env.HOMELAB_LAB_HOME ?? join(projectRoot, ".lab"));

/** The stack's root certificate, once `npm start` has written it: for `curl --cacert`, for browsers, for the house. */
export const rootFile = join(labHome, "root_ca.crt");

/** The lab's bridge network. 198.18.0.0/15 (RFC 2544) is reserved for test networks, so no home uses it. */
export const network = {
  name: "homelab-lab",
  bridge: "homelab-lab0",
  subnet: "198.18.60.0/24",
  /** The computer that runs the lab, as the machines see it: Proxmox API, DNS, image registry and upstreams listen here. */
  gateway: "198.18.60.1",
  /** Where the stack `lab` puts its tooling VM. */
  toolingVm: "198.18.60.60",
  /** A machine that is there before the stack. */
  nas: "198.18.60.70",
  /** A machine to pull images with. */
  client: "198.18.60.71",
} as const;

/** Ports of the lab's services, all on {@link network}`.gateway`. */
export const ports = {
  proxmoxApi: 8006,
  proxmoxSsh: 8022,
  dns: 53,
  registry: 5000,
  files: 8080,
  upstream: 3000,
  grafana: 3001,
} as const;

/** Every container, volume and network of the lab carries this label, and `lab:down` removes nothing without it. */
export const label = "homelab.lab=true";
