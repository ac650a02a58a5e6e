import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { gib, mib } from "../../../config/size";
import { types } from "../../../policies/types";
import { urnOf, type TestResource } from "./harness";

/** The API token of these tests; its secret must never be in a message. */
export const apiToken = "pulumi@pve!homelab=11111111-2222-3333-4444-555555555555";

/** A guest as the inventory declares it. */
export interface TestGuest {
  name: string;
  vmId: number;
  memory: number;
  cores: number;
}

/** The guests of the mission's house: 16.5 GiB. */
export const guests: TestGuest[] = [
  { name: "pihole", vmId: 101, memory: mib(512), cores: 1 },
  { name: "home-assistant", vmId: 102, memory: gib(4), cores: 2 },
  { name: "monitoring", vmId: 103, memory: gib(4), cores: 4 },
  { name: "media", vmId: 104, memory: gib(8), cores: 4 },
];

export const inventory = (declared: unknown = guests, memory: unknown = gib(32)): TestResource => ({
  type: types.inventory,
  name: "inventory",
  inputs: { domain: "home.arpa", node: { name: "pve-mon", memory, cores: 12 }, guests: declared },
});

export const provider = (inputs: Record<string, unknown>): TestResource => ({
  type: types.proxmoxProvider,
  name: "proxmox",
  inputs,
});

/** A VM on pve-mon; `dedicated` in MiB. */
export const machine = (dedicated: unknown = 6144, inputs: Record<string, unknown> = {}): TestResource => ({
  type: types.virtualMachines[0],
  name: "tooling",
  inputs: { name: "tooling", vmId: 160, nodeName: "pve-mon", memory: { dedicated, floating: 0 }, ...inputs },
});

/** A container with its limit in MiB, and the URN of its Docker provider. */
export const container = (name: string, memory: unknown, docker?: string): TestResource => ({
  type: types.container,
  name,
  inputs: { name, memory },
  provider: docker,
});

/** A component with a VM and its Docker provider. */
export function host(name: string, vmId: number, dedicated: number): { docker: string; resources: TestResource[] } {
  const parent = urnOf(types.toolingVm, name);
  return {
    docker: urnOf(types.dockerProvider, name),
    resources: [
      { ...machine(dedicated, { name, vmId }), name, parent },
      { type: types.dockerProvider, name, parent },
    ],
  };
}

/** A guest as Proxmox's API lists it. */
export const reported = ({ name, vmId, memory, cores }: TestGuest, more: object = {}): object => ({
  id: `qemu/${vmId}`,
  type: "qemu",
  vmid: vmId,
  node: "pve-mon",
  name,
  status: "running",
  template: 0,
  maxcpu: cores,
  maxmem: memory,
  ...more,
});

/** A node as Proxmox's API lists it; without its memory where the token may not see that. */
export const reportedNode = (maxmem?: number, node = "pve-mon"): object => ({
  id: `node/${node}`,
  type: "node",
  node,
  status: "online",
  maxmem,
});

/** A Proxmox of one test: what it is asked, and how it answers. */
export interface FakeProxmox {
  endpoint: string;
  requests: { url: string | undefined; authorization: string | undefined }[];
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Runs `work` beside a server that answers like this. */
export async function withProxmox<T>(answer: Answer, work: (proxmox: FakeProxmox) => Promise<T>): Promise<T> {
  const requests: FakeProxmox["requests"] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Privileges by path, as Proxmox tells a token its own: 1 reaches what is below, 0 does not. */
export type TokenRights = Record<string, Record<string, 0 | 1>>;

/** All that making a VM again takes, on each path. */
const everything: Record<string, 0 | 1> = Object.fromEntries(
  [
    ...["CPU", "Memory", "Disk", "CDROM", "Network", "HWType", "Options", "Cloudinit"].map(
      (each) => `VM.Config.${each}`,
    ),
    ...["VM.Allocate", "VM.Audit", "VM.PowerMgmt", "VM.GuestAgent.Audit", "Pool.Audit", "SDN.Use", "Sys.Modify"],
    ...["Datastore.AllocateSpace", "Datastore.Audit"],
  ].map((privilege) => [privilege, 1]),
);

/** Answers with a list of guests, the pool `homelab`, and these rights of the token; everything where there are none. */
export const listing =
  (list: readonly object[], rights?: TokenRights): Answer =>
  (response, { url = "" }) => {
    const path = new URL(url, "http://proxmox").searchParams.get("path") ?? "";
    const answers: Record<string, unknown> = {
      "/api2/json/access/permissions": { [path]: rights ? (rights[path] ?? {}) : everything },
      "/api2/json/pools": [{ poolid: "homelab" }],
    };
    response.end(JSON.stringify({ data: answers[url.replace(/\?.*$/, "")] ?? list }));
  };
