import { contains, isHostAddress } from "./address";
import type { Draft } from "./draft";
import type { Path, Report } from "./report";
import { checkServices } from "./service-checks";
import type { ParsedBase } from "./schema";
import { formatSize, mib, sumSizes, type Size } from "./size";
import { checkUpstreams } from "./upstream-checks";

/** What the stack's features are to the rest of the config. */
export interface Own {
  /** The names of their services: no entry of the catalogue may take one. Sorted. */
  readonly names: readonly string[];
  /** What each of their containers may use of its machine's memory: by the machine's name, and the container's. */
  readonly memory: Readonly<Record<string, Readonly<Record<string, Size>>>>;
  /** Whether one of them serves the catalogue. */
  readonly hasEdge: boolean;
  /** Whether one of them answers logins. */
  readonly hasSignOn: boolean;
}

/** What no single setting can tell: the contradictions between settings. Skips what a draft leaves out. */
export function checkBase(config: Base, own: Own, report: Report): void {
  checkSubnet(config, report);
  checkAddressIsFree(config, report);
  checkVmIds(config, report);
  checkNode(config, report);
  checkMemory(config, own.memory, report);
  checkHosts(config, report);
  checkServices(config, own, report);
  checkUpstreams(config, own.names, report);
}

type Base = Draft<ParsedBase>;

function checkSubnet({ network, toolingVm }: Base, report: Report): void {
  const subnet = network?.subnet;
  if (!subnet) return;
  const addresses: [Path, string | undefined][] = [
    [["network", "gateway"], network.gateway],
    [["toolingVm", "address"], toolingVm?.address],
  ];
  for (const [path, address] of addresses) {
    if (address === undefined || isHostAddress(subnet, address)) continue;
    const where = `${report.key(["network", "subnet"])} ${report.shown(["network", "subnet"], subnet.cidr)}`;
    report.add(path, `{value} is not a host's address in ${where}; choose one inside it`, address);
  }
}

function checkAddressIsFree({ network, guests = [], toolingVm, proxmox }: Base, report: Report): void {
  const address = toolingVm?.address;
  if (address === undefined) return;
  const add = (text: string): void => report.add(["toolingVm", "address"], text, address);
  const sameAs = (path: Path, other: string | undefined, whose: string): void => {
    if (other === address) add(`{value} is ${whose} (${report.key(path)}); choose a free address`);
  };
  sameAs(["network", "gateway"], network?.gateway, "the gateway's address");
  sameAs(["proxmox", "ssh", "address"], proxmox?.ssh?.address, "the node's address");
  guests.forEach((guest, index) => {
    const whose = `the address of the guest ${report.shown(["guests", index, "name"], guest?.name)}`;
    sameAs(["guests", index, "address"], guest?.address, whose);
  });
  network?.inUse?.forEach((range, index) => {
    if (range === undefined || !contains(range, address)) return;
    const path = ["network", "inUse", index];
    const where = `the range ${report.shown(path, range.text)} in use (${report.key(path)})`;
    add(`{value} is in ${where}; choose a free address, or take it out of the range if nothing else has it`);
  });
}

function checkVmIds({ guests = [], toolingVm }: Base, report: Report): void {
  const taken = new Map<number, number>();
  const check = (path: Path, vmId: number | undefined): void => {
    const index = vmId === undefined ? undefined : taken.get(vmId);
    if (index === undefined) return;
    const owner = `the guest ${report.shown(["guests"], guests[index]?.name)} (${report.key(["guests", index, "vmId"])})`;
    report.add(path, `{value} is the VMID of ${owner}; choose another`, vmId);
  };
  guests.forEach((guest, index) => {
    check(["guests", index, "vmId"], guest?.vmId);
    if (guest?.vmId !== undefined && !taken.has(guest.vmId)) taken.set(guest.vmId, index);
  });
  check(["toolingVm", "vmId"], toolingVm?.vmId);
}

function checkNode({ proxmox, toolingVm }: Base, report: Report): void {
  const cores = toolingVm?.cores;
  if (cores !== undefined && proxmox?.nodeCores !== undefined && cores > proxmox.nodeCores) {
    const limit = `the node's ${report.shown(["proxmox"], proxmox.nodeCores)} (${report.key(["proxmox", "nodeCores"])})`;
    report.add(["toolingVm", "cores"], `{value} is more than ${limit}; give the VM fewer cores`, cores);
  }
}

function checkMemory({ toolingVm, hosts = [] }: Base, containers: Own["memory"], report: Report): void {
  const machines: [Path, Draft<Pick<ParsedBase["toolingVm"], "name" | "memory">> | undefined, string][] = [
    [["toolingVm"], toolingVm, "give the VM more memory"],
    ...hosts.map((host, index): (typeof machines)[number] => [["hosts", index], host, "run less on it"]),
  ];
  for (const [path, machine, remedy] of machines) {
    const theirs = containers[machine?.name ?? ""];
    const memory = machine?.memory;
    if (!theirs || memory === undefined) continue;
    const needed = { Docker: dockerMemory, ...theirs };
    const required = sumSizes(Object.values(needed));
    if (memory >= required) continue;
    const entries = Object.entries(needed).map(([name, size]) => `${name} ${formatSize(size)}`);
    const needs = `the ${formatSize(required)} that its containers need (${entries.join(", ")})`;
    report.add([...path, "memory"], `{value} is less than ${needs}; ${remedy}`, formatSize(memory));
  }
}

/** Machines that exist: each has a name and an address of its own, which nobody else has. */
function checkHosts({ hosts = [], toolingVm, network, proxmox }: Base, report: Report): void {
  const once = (field: "name" | "address" | "hostKey", others: [Path, string | undefined][]): void => {
    const taken = new Map(others.flatMap(([path, value]): [string, Path][] => (value ? [[value, path]] : [])));
    hosts.forEach((host, index) => {
      const [path, value] = [["hosts", index, field], host?.[field]];
      if (value === undefined) return;
      const owner = taken.get(value);
      if (owner) report.add(path, `{value} is that of ${report.key(owner)} too; choose another`, value);
      else taken.set(value, path);
    });
  };
  hosts.forEach((host, index) => {
    const address = host?.address;
    if (address === undefined || isMachines(address)) return;
    report.add(["hosts", index, "address"], "{value} is no address of one machine; write the one that it has", address);
  });
  once("hostKey", []);
  once("name", [[["toolingVm", "name"], toolingVm?.name]]);
  once("address", [
    [["toolingVm", "address"], toolingVm?.address],
    [["network", "gateway"], network?.gateway],
    [["proxmox", "ssh", "address"], proxmox?.ssh?.address],
  ]);
}

/** Whether a machine may have an address: not the computer itself, all of a network, or many machines. */
const isMachines = (address: string): boolean => {
  const [first = 0, last = 0] = [address.split(".")[0], address.split(".")[3]].map(Number);
  return first > 0 && first !== 127 && first < 224 && last !== 255;
};

/** What Docker itself takes of a machine. */
const dockerMemory = mib(512);
