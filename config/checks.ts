import { contains, isHostAddress } from "./address";
import type { Draft } from "./draft";
import { days, formatDuration, halved, type Duration } from "./duration";
import { containerMemory, requiredMemory } from "./memory";
import type { Path, Report } from "./report";
import { checkRegistry } from "./registry-checks";
import { checkServices } from "./service-checks";
import { formatSize } from "./size";
import { checkSso } from "./sso-checks";
import { checkUpstreams } from "./upstream-checks";

/** What no single setting can tell: the contradictions between settings. Skips what a draft leaves out. */
export function checkAll(config: Draft, report: Report): void {
  checkSubnet(config, report);
  checkAddressIsFree(config, report);
  checkVmIds(config, report);
  checkNode(config, report);
  checkMemory(config, report);
  checkValidity(config, report);
  checkRegistry(config, report);
  checkServices(config, report);
  checkUpstreams(config, report);
  checkSso(config, report);
}

/** Apple's systems refuse a server certificate that lives longer, also one from a private CA. */
const longestLeaf = days(825);

function checkSubnet({ network, toolingVm }: Draft, report: Report): void {
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

function checkAddressIsFree({ network, guests = [], toolingVm, proxmox }: Draft, report: Report): void {
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

function checkVmIds({ guests = [], toolingVm }: Draft, report: Report): void {
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

function checkNode({ proxmox, toolingVm }: Draft, report: Report): void {
  const cores = toolingVm?.cores;
  if (cores !== undefined && proxmox?.nodeCores !== undefined && cores > proxmox.nodeCores) {
    const limit = `the node's ${report.shown(["proxmox"], proxmox.nodeCores)} (${report.key(["proxmox", "nodeCores"])})`;
    report.add(["toolingVm", "cores"], `{value} is more than ${limit}; give the VM fewer cores`, cores);
  }
}

function checkMemory({ toolingVm }: Draft, report: Report): void {
  const memory = toolingVm?.memory;
  const required = requiredMemory();
  if (memory === undefined || memory >= required) return;
  const entries = Object.entries(containerMemory).map(([name, size]) => `${name} ${formatSize(size)}`);
  const needs = `the ${formatSize(required)} that its containers need (${entries.join(", ")})`;
  report.add(["toolingVm", "memory"], `{value} is less than ${needs}; give the VM more memory`, formatSize(memory));
}

function checkValidity({ pki = {} }: Draft, report: Report): void {
  const { leafValidity, intermediateValidity, rootValidity } = pki;
  const atMost = (name: string, duration: Duration | undefined, limit: Duration | undefined, what: string): void => {
    if (duration === undefined || limit === undefined || duration <= limit) return;
    const text = `{value} is longer than ${what} ${report.shown(["pki"], formatDuration(limit))}; shorten it`;
    report.add(["pki", name], text, formatDuration(duration));
  };
  atMost("leafValidity", leafValidity, longestLeaf, "825 days, the most that clients accept,");
  // The intermediate renews at half its life; a leaf issued the day before must not outlive it.
  const half = intermediateValidity && halved(intermediateValidity);
  atMost("leafValidity", leafValidity, half, `half of ${report.key(["pki", "intermediateValidity"])}, which is`);
  atMost("intermediateValidity", intermediateValidity, rootValidity, report.key(["pki", "rootValidity"]));
}
