import type { Draft } from "../../config/draft";
import type { Path, Report } from "../../config/report";
import type { ParsedBase } from "../../config/schema";
import { formatSize, gib, sumSizes, type Size } from "../../config/size";
import type { RegistryConfig } from "./config";

/** What the system, the containers' images and the other services take of the VM's disk. */
const otherDisk = gib(12);

/** Deleted images free their space at the next garbage collection only: quotas leave a fifth of the disk for that. */
const mostOfDisk = 0.8;

/** The registry's contradictions: quotas and disks that don't fit, and projects named twice. */
export function checkRegistry(
  { registry, toolingVm }: Draft<Pick<ParsedBase, "toolingVm"> & { registry: RegistryConfig }>,
  report: Report,
): void {
  if (!registry) return;
  const { disk, quota, caches = [], project } = registry;
  const vmDisk = registry.host === undefined || registry.host === toolingVm?.name ? toolingVm?.disk : undefined;
  if (disk !== undefined && vmDisk !== undefined && disk + otherDisk > vmDisk) {
    const limit = `${report.key(["toolingVm", "disk"])} ${formatSize(vmDisk)} less ${formatSize(otherDisk)} for everything else`;
    report.add(["registry", "disk"], `{value} is more than ${limit}; enlarge the VM's disk`, formatSize(disk));
  }
  const quotas = [quota, ...caches.map((cache) => cache?.quota)].filter((size): size is Size => size !== undefined);
  const sum = sumSizes(quotas);
  if (disk !== undefined && quota !== undefined && sum > disk * mostOfDisk) {
    const what = caches.length === 0 ? "{value} is" : `{value} and the caches' quotas are ${formatSize(sum)} together,`;
    const limit = `80 % of ${report.key(["registry", "disk"])} ${formatSize(disk)}, which leaves room for what is deleted but not freed yet`;
    report.add(
      ["registry", "quota"],
      `${what} more than ${limit}; lower quotas or enlarge the disk`,
      formatSize(quota),
    );
  }
  checkNames(
    project,
    caches.map((cache) => cache?.name),
    report,
  );
}

function checkNames(project: string | undefined, caches: (string | undefined)[], report: Report): void {
  const taken = new Map<string, Path>([["library", []]]);
  if (project === "library") report.add(["registry", "project"], `{value} ${library}`, project);
  else if (project !== undefined) taken.set(project, ["registry", "project"]);
  caches.forEach((name, index) => {
    if (name === undefined) return;
    const path = ["registry", "caches", index, "name"];
    const other = taken.get(name);
    if (name === "library") report.add(path, `{value} ${library}`, name);
    else if (other) report.add(path, `{value} is the name of ${report.key(other)} too; choose another`, name);
    else taken.set(name, path);
  });
}

const library = "is a project of Harbor's own, which stays closed; choose another name";
