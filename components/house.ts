import * as proxmox from "@pulumi/proxmoxve";
import type * as pulumi from "@pulumi/pulumi";

import { type OperatorKey, readOperatorKey } from "../config/operator-key";
import { type BaseConfig, ownHost, type VmConfig } from "../config/schema";
import type { Home, Placement, Plan } from "./home";
import type { Machine } from "./host/machine";
import { SshHost } from "./host/ssh-host";
import { edgeNetwork, ownNetwork } from "./host/workload-container";
import { Inventory } from "./inventory";
import { ToolingVm } from "./tooling-vm";

/** What every feature stands on, as the one on a machine finds it. */
export type House = (host: string) => Home;

/** Makes the machines that features run on, and on each the Docker network on which its edge reaches what it serves. */
export function makeHouse(config: BaseConfig, plan: Plan): House {
  const { domain, network, vm } = config;
  const provider = vm && proxmoxOf(vm);
  const hosts = config.hosts.filter(({ name }) => Object.values(plan.hosts).includes(name));
  new Inventory("inventory", { domain, ...(vm && nodeOf(vm)), network, ...(hosts.length > 0 && { hosts }) });
  const operatorKey = readOperatorKey(config.operatorKeyFile);
  const all = [
    ...(vm && provider ? [placementOn(toolingVm(vm, domain, operatorKey, provider), edgeNetwork)] : []),
    ...hosts.map((host) => placementOn(new SshHost(host.name, { host, operatorKey }), `${host.name}-${edgeNetwork}`)),
  ];
  const isOwn = ({ machine }: Placement): boolean => machine.name === ownHost(config);
  const ownFirst = [...all.filter(isOwn), ...all.filter((each) => !isOwn(each))];
  return (host) => {
    const placement = all.find(({ machine }) => machine.name === host);
    if (!placement) throw new Error(`No machine is called ${host}: see components/plan.ts`);
    return { ...placement, plan, placements: ownFirst, proxmox: provider };
  };
}

function proxmoxOf({ proxmox: { node, endpoint, ssh }, proxmoxApiToken }: VmConfig): proxmox.Provider {
  return new proxmox.Provider("proxmox", {
    endpoint,
    apiToken: proxmoxApiToken,
    ssh: { username: ssh.user, agent: true, nodes: [{ name: node, address: ssh.address, port: ssh.port }] },
  });
}

function nodeOf({ guests, proxmox: { node, endpoint, nodeMemory, nodeCores, ssh } }: VmConfig) {
  return { node: { name: node, endpoint, address: ssh.address, memory: nodeMemory, cores: nodeCores }, guests };
}

function toolingVm(
  { toolingVm: vm, proxmox, network }: VmConfig,
  domain: string,
  operatorKey: OperatorKey,
  provider: proxmox.Provider,
): ToolingVm {
  return new ToolingVm("tooling", { vm, proxmox, network, domain, operatorKey }, { providers: [provider] });
}

function placementOn<Kind extends Machine & pulumi.Resource>(machine: Kind, network: string): Placement {
  return { machine, network: ownNetwork(edgeNetwork, machine, machine, network) };
}
