import * as proxmox from "@pulumi/proxmoxve";

import { readOperatorKey } from "../config/operator-key";
import type { BaseConfig } from "../config/schema";
import type { Home, Place, Plan } from "./home";
import { SshHost } from "./host/ssh-host";
import { edgeNetwork, ownNetwork } from "./host/workload-container";
import { Inventory } from "./inventory";
import { ToolingVm } from "./tooling-vm";

/** What every feature stands on, as the one on a machine finds it. */
export type House = (host: string) => Home;

/** Makes the machines that features run on, and on each the Docker network on which its edge reaches what it serves. */
export function makeHouse(config: BaseConfig, plan: Plan): House {
  const { domain, guests, network: lan, toolingVm } = config;
  const { node, endpoint, nodeMemory, nodeCores, ssh } = config.proxmox;
  const provider = new proxmox.Provider("proxmox", {
    endpoint,
    apiToken: config.proxmoxApiToken,
    ssh: { username: ssh.user, agent: true, nodes: [{ name: node, address: ssh.address, port: ssh.port }] },
  });
  const hosts = config.hosts.filter(({ name }) => Object.values(plan.hosts).includes(name));
  new Inventory("inventory", {
    domain,
    node: { name: node, endpoint, address: ssh.address, memory: nodeMemory, cores: nodeCores },
    guests,
    network: lan,
    ...(hosts.length > 0 && { hosts }),
  });
  const operatorKey = readOperatorKey(config.operatorKeyFile);
  const vm = { vm: toolingVm, proxmox: config.proxmox, network: lan, domain, operatorKey };
  const own = new ToolingVm("tooling", vm, { providers: [provider] });
  const places: readonly Place[] = [
    { machine: own, network: ownNetwork(edgeNetwork, own, own) },
    ...hosts.map((host) => {
      const machine = new SshHost(host.name, { host, operatorKey });
      return { machine, network: ownNetwork(edgeNetwork, machine, machine, `${host.name}-${edgeNetwork}`) };
    }),
  ];
  return (host) => {
    const place = places.find(({ machine }) => machine.name === host);
    if (!place) throw new Error(`No machine is called ${host}: see components/plan.ts`);
    return { ...place, plan, places, proxmox: provider };
  };
}
