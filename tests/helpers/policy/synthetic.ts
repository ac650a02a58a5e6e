import { gib, mib } from "../../../config/size";
import { types } from "../../../policies/types";
import { secret, urnOf, type TestResource } from "./harness";
import { apiToken, reported, type TestGuest } from "./house";

/** How the synthetic stack may differ. */
export interface SyntheticOptions {
  /** Memory of each of its 20 VMs in MiB. */
  vmMemory?: number;
  /** Where its Proxmox is; see {@link syntheticReport}. */
  endpoint: string;
}

const [hosts, containersPerHost, volumes] = [20, 22, 16];

/** 200 guests of 512 MiB, which is 100 GiB. */
export const syntheticGuests: (TestGuest & { address: string })[] = Array.from({ length: 200 }, (_, index) => ({
  name: `guest-${index}`,
  vmId: 1000 + index,
  memory: mib(512),
  cores: 1,
  address: `10.0.1.${index + 1}`,
}));

/** What Proxmox lists of those guests. */
export const syntheticReport: readonly object[] = syntheticGuests.map((guest) => reported(guest));

/**
 * A stack of exactly 1,000 resources on a node of 256 GiB with 200 other guests: 20 VMs with 22 containers each, which every
 * policy accepts. For tests of size, and for measuring how long the pack takes.
 */
export function syntheticStack({ vmMemory = 4096, endpoint }: SyntheticOptions): TestResource[] {
  const machines = Array.from({ length: hosts }, (_, index) => index);
  return [
    { type: "pulumi:pulumi:Stack", name: "homelab-test" },
    syntheticInventory,
    { type: types.proxmoxProvider, name: "proxmox", inputs: { endpoint, apiToken: secret(apiToken) } },
    ...machines.flatMap((index) => machineWithContainers(index, vmMemory)),
    backupJob(machines.map(vmId)),
    ...Array.from({ length: volumes }, (_, index): TestResource => {
      return { type: types.volume, name: `data-${index}`, inputs: { name: `data-${index}` }, protect: true };
    }),
  ];
}

const vmId = (index: number): number => 2000 + index;

const digest = "sha256:547281e67d8729219e345f6313f7cddb7bd7e0ebded948f4e5866d86fbc5c10e";

const first = 10 * 2 ** 24;

const syntheticInventory: TestResource = {
  type: types.inventory,
  name: "inventory",
  inputs: {
    domain: "home.arpa",
    node: { name: "pve-mon", address: "10.0.0.2", memory: gib(256), cores: 64 },
    guests: syntheticGuests,
    network: {
      subnet: { cidr: "10.0.0.0/16", first, last: first + 2 ** 16 - 1, prefix: 16 },
      gateway: "10.0.0.1",
      dns: ["10.0.0.1"],
      inUse: [],
    },
  },
};

function machineWithContainers(index: number, memory: number): TestResource[] {
  const name = `host-${index}`;
  const address = `10.0.9.${index + 1}`;
  const component = urnOf(types.toolingVm, name);
  const docker = urnOf(types.dockerProvider, name);
  return [
    { type: types.toolingVm, name, inputs: { vm: { address, user: "ops" } } },
    { type: types.privateKey, name, parent: component, inputs: { algorithm: "ED25519" } },
    {
      type: types.virtualMachines[0],
      name,
      parent: component,
      provider: urnOf(types.proxmoxProvider, "proxmox"),
      protect: true,
      inputs: {
        name,
        vmId: vmId(index),
        nodeName: "pve-mon",
        cpu: { cores: 2 },
        memory: { dedicated: memory, floating: 0 },
        initialization: { ipConfigs: [{ ipv4: { address: `${address}/16`, gateway: "10.0.0.1" } }] },
      },
    },
    {
      type: types.dockerProvider,
      name,
      parent: component,
      inputs: { host: `ssh://ops@${address}`, sshOpts: sshOptions(address) },
      dependencies: { sshOpts: [urnOf(types.privateKey, name)] },
    },
    { type: "docker:index/network:Network", name, parent: component, provider: docker, inputs: { name } },
    ...Array.from({ length: containersPerHost }, (_, each) => container(`${name}-app-${each}`, docker)).flat(),
  ];
}

/** As `components/tooling-vm` gives them, in the provider's JSON. */
const sshOptions = (address: string): string =>
  JSON.stringify(
    [
      ["-F", "/dev/null"],
      ["-i", "/home/me/.ssh/id"],
      ...[
        ...["IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/dev/null"],
        ...["GlobalKnownHostsFile=/dev/null", `KnownHostsCommand=/bin/echo ${address} ssh-ed25519 AAAA`],
      ].map((option) => ["-o", option]),
    ].flat(),
  );

function container(name: string, provider: string): TestResource[] {
  return [
    {
      type: types.remoteImage,
      name,
      provider,
      inputs: { name: `registry.home.arpa/app@${digest}`, keepLocally: true },
    },
    {
      type: types.container,
      name,
      provider,
      dependencies: { image: [urnOf(types.remoteImage, name)] },
      inputs: {
        name,
        image: digest,
        memory: 128,
        memorySwap: 256,
        restart: "unless-stopped",
        user: "1000:1000",
        readOnly: true,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        healthcheck: { tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"], interval: "5s" },
        networksAdvanced: [{ name: name.replace(/-app-\d+$/, "") }],
      },
    },
  ];
}

const backupJob = (vmIds: readonly number[]): TestResource => ({
  type: types.backupJobs[0],
  name: "nightly",
  inputs: {
    vmids: vmIds.map(String),
    schedule: "02:30",
    storage: "local",
    enabled: true,
    pruneBackups: { "keep-daily": "7" },
  },
});
