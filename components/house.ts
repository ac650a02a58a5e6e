import * as proxmox from "@pulumi/proxmoxve";

import { readOperatorKey } from "../config/operator-key";
import type { BaseConfig } from "../config/schema";
import type { Home, Plan } from "./home";
import { ownNetwork } from "./host/workload-container";
import { Inventory } from "./inventory";
import { ToolingVm } from "./tooling-vm";

/** Makes what every feature stands on: the machine, and the Docker network on which the edge reaches what it serves. */
export function makeHome(config: BaseConfig, plan: Plan): Home {
  const { domain, guests, network: lan, toolingVm } = config;
  const { node, endpoint, nodeMemory, nodeCores, ssh } = config.proxmox;
  const provider = new proxmox.Provider("proxmox", {
    endpoint,
    apiToken: config.proxmoxApiToken,
    ssh: { username: ssh.user, agent: true, nodes: [{ name: node, address: ssh.address, port: ssh.port }] },
  });
  new Inventory("inventory", {
    domain,
    node: { name: node, endpoint, address: ssh.address, memory: nodeMemory, cores: nodeCores },
    guests,
    network: lan,
  });
  const operatorKey = readOperatorKey(config.operatorKeyFile);
  const vm = { vm: toolingVm, proxmox: config.proxmox, network: lan, domain, operatorKey };
  const machine = new ToolingVm("tooling", vm, { providers: [provider] });
  return { plan, machine, network: ownNetwork("tooling", machine, machine), proxmox: provider };
}
