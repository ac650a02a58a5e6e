import { types } from "../../../policies/types";
import { rows, setting, type Mutation } from "./mutation";

const core = (inputs: Record<string, unknown>) => setting(types.container, "harbor-core", inputs);

/** Ways to have a machine, a port, a network or a command where the plan of addresses has none. */
export const addressMutations: readonly Mutation[] = rows(
  "address-plan",
  [
    "a port of another container",
    core({ ports: [{ internal: 80, external: 8080, ip: "192.168.1.60" }] }),
    "where the edge alone may be",
  ],
  [
    "another port of the edge",
    setting(types.container, "edge-traefik", { ports: [{ internal: 22, external: 22, ip: "192.168.1.60" }] }),
    "which is none of its ports (80, 443)",
  ],
  [
    "a name that begins like loopback",
    core({ ports: [{ internal: 80, ip: "127.0.0.1.example.org" }] }),
    "where the edge alone may be",
  ],
  [
    "a network of the machine's own",
    core({ networksAdvanced: [{ name: "lan" }] }),
    "it joins the network lan, which is none of this stack",
  ],
  [
    "Harbor's core beside step-ca",
    core({ networksAdvanced: [{ name: "harbor" }, { name: "pki" }] }),
    "it joins the network pki, which is for the containers of pki and the edge alone",
  ],
  [
    "Harbor's core beside Authentik's database",
    core({ networksAdvanced: [{ name: "authentik" }] }),
    "it joins the network authentik, which is for the containers of authentik and the edge alone",
  ],
);
