import { elapsed, type Report } from "./run";
import type { Pulumi, State, StateResource } from "./stack";

const vmType = "proxmoxve:index/vmLegacy:VmLegacy";

/** The backup job goes with a VM that is deleted by hand. */
const jobType = "proxmoxve:backup/job:Job";

/**
 * Compares the VM in the state with Proxmox, so that the update that follows rebuilds one that was deleted behind
 * Pulumi's back. Does nothing for a stack without a VM.
 */
export async function refreshVm(pulumi: Pulumi, state: State, report: Report): Promise<void> {
  const vms = vmsIn(state.resources);
  if (vms.length === 0) return;
  const begun = Date.now();
  let refreshed = await pulumi(targetedRefresh(vms));
  if (refreshed.code !== 0 && jobIsGone.test(refreshed.stdout + refreshed.stderr)) {
    const [job = ""] = urnsOf(state.resources, jobType);
    const others = vms.filter((urn) => urn !== job);
    refreshed = await pulumi(["state", "delete", job, "--yes", "--non-interactive"]);
    if (refreshed.code === 0 && others.length > 0) refreshed = await pulumi(targetedRefresh(others));
  }
  if (refreshed.code !== 0) {
    throw new Error(
      "comparing the VM with Proxmox failed, so nothing was changed. Mend what Pulumi says here, or update with " +
        `--refresh to compare everything:\n${(refreshed.stdout + refreshed.stderr).trim()}`,
    );
  }
  report(`Compared the VM with Proxmox in ${elapsed(begun)}`);
}

/** Proxmox answers so, with status 400, about a backup job that is gone; its provider takes that for a failure. */
const jobIsGone = /No such job/;

/** The URNs of the VM and what goes with it. */
function vmsIn(resources: readonly StateResource[]): string[] {
  return [vmType, jobType].flatMap((type) => urnsOf(resources, type));
}

function urnsOf(resources: readonly StateResource[], type: string): string[] {
  return resources.filter((each) => each.type === type).map(({ urn }) => urn);
}

/** Whether the VM is there as far as Pulumi knows. One that is being replaced is gone already. */
export function hasVm(resources: readonly StateResource[]): boolean {
  return resources.some(({ type, pendingReplacement }) => type === vmType && !pendingReplacement);
}

/** Arguments of a refresh of these resources alone, which asks nobody. */
export function targetedRefresh(urns: readonly string[]): string[] {
  const options = ["--yes", "--skip-preview", "--non-interactive", "--suppress-progress", "--color", "never"];
  return ["refresh", ...options, ...urns.flatMap((urn) => ["--target", urn])];
}
