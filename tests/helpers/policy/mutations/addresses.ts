import { types } from "../../../../policies/types";
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
    "a network of the internet's",
    setting(types.network, "harbor", { ipamConfigs: [{ subnet: "8.8.8.0/24" }] }),
    "its subnet 8.8.8.0/24 has addresses of the internet's",
  ],
  [
    "a network that is more than a private one",
    setting(types.network, "harbor", { ipamConfigs: [{ subnet: "172.16.0.0/11" }] }),
    "its subnet 172.16.0.0/11 has addresses of the internet's",
  ],
  [
    "a network of the internet's by IPv6",
    setting(types.network, "harbor", { ipamConfigs: [{ subnet: "2001:4860::/32" }] }),
    "its subnet 2001:4860::/32 has addresses of the internet's",
  ],
  [
    "a step-ca that asks somebody for names",
    setting(types.container, "pki-step-ca", { dns: ["203.0.113.9"] }),
    "it asks 203.0.113.9 for names, which is no DNS server of the house",
  ],
  [
    "another under the name of Harbor's database",
    setting(types.container, "harbor-portal", { networksAdvanced: [{ name: "harbor", aliases: ["postgresql"] }] }),
    "is called postgresql on the network harbor, as docker:Container",
  ],
  [
    "another that calls itself step-ca",
    setting(types.container, "edge-traefik", { hostname: "step-ca", networksAdvanced: [{ name: "pki" }] }),
    "is called step-ca on the network pki",
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
