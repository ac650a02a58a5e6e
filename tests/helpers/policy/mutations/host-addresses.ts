import { types } from "../../../../policies/types";
import { notYetKnown } from "../harness";
import { box, nas } from "../hosts";
import { find, providing, rows, setting, type Mutation } from "./mutation";

type Change = Mutation["change"];

const nasTraefik = (inputs: object): Change => setting(types.container, "edge-nas-traefik", { ...inputs });
const core = (inputs: object): Change => setting(types.container, "harbor-core", { ...inputs });
const placedAt = (address: unknown): Change => setting(types.sshHost, "nas", { host: { ...nas, address } });

/** Ways to have a port, a network or an address of one machine's on another. */
export const hostAddressMutations: readonly Mutation[] = rows(
  "address-plan",
  [
    "the VM's port on the other machine",
    nasTraefik({ ports: [{ internal: 443, external: 443, ip: "192.168.1.60" }] }),
    "it publishes port 443 on 192.168.1.60, which is not the address of nas; set its `ip` to 192.168.1.54 or 127.0.0.1",
  ],
  [
    "the other machine's port on the VM",
    setting(types.container, "edge-traefik", { ports: [{ internal: 443, external: 443, ip: "192.168.1.54" }] }),
    "it publishes port 443 on 192.168.1.54, which is no VM of this stack; set its `ip` to 192.168.1.60 or 127.0.0.1",
  ],
  [
    "another port there",
    nasTraefik({ ports: [{ internal: 22, external: 22, ip: nas.address }] }),
    "it publishes port 22 on 192.168.1.54, which is none of its ports (80, 443); close it",
  ],
  [
    "a port of another container there",
    core({ ports: [{ internal: 8080, external: 8080, ip: nas.address }] }),
    "it publishes port 8080 on 192.168.1.54, where the edge alone may be",
  ],
  [
    "a network of the other machine's",
    core({ networksAdvanced: [{ name: "harbor" }, { name: "authentik" }] }),
    "it joins the network authentik, which is none of this stack on nas; join one that is there",
  ],
  [
    "a network that the machine hasn't",
    providing(types.network, "nas-tooling", "tooling-docker"),
    "it joins the network tooling, which is none of this stack on nas",
  ],
  [
    "another under a name of Harbor's database there",
    setting(types.container, "harbor-portal", { networksAdvanced: [{ name: "harbor", aliases: ["postgresql"] }] }),
    "it is called postgresql on the network harbor, as docker:Container",
  ],
  [
    "the gateway's address",
    placedAt("192.168.1.1"),
    "its address 192.168.1.1 is that of the gateway; correct homelab:hosts",
  ],
  ["the node's address", placedAt("192.168.1.10"), "its address 192.168.1.10 is that of the Proxmox node"],
  [
    "the VM's address",
    placedAt("192.168.1.60"),
    'its address 192.168.1.60 is also that of proxmoxve:VmLegacy "tooling"',
  ],
  [
    "an address of two such machines",
    (stack) => void stack.push({ ...find(stack, types.sshHost, "nas"), name: "again" }),
    'its address 192.168.1.54 is also that of homelab:SshHost "nas"; correct homelab:hosts',
  ],
  ["an address elsewhere", placedAt("203.0.113.9"), "its address 203.0.113.9 is neither in the subnet"],
  ["a name for an address", placedAt("nas"), "its address nas is not an address; write it like 192.168.1.54"],
  ["an address that isn't known", placedAt(notYetKnown), "its address is not known before the update"],
  [
    "a VM with the address of such a machine",
    (stack) => {
      setting(types.inventory, "inventory", { hosts: [nas, { ...box, address: "192.168.1.104" }] })(stack);
      setting(types.virtualMachines[0], "tooling", {
        initialization: { ipConfigs: [{ ipv4: { address: "192.168.1.104/24", gateway: "192.168.1.1" } }] },
      })(stack);
    },
    "its address 192.168.1.104/24 is that of the machine box; choose a free address",
  ],
);
