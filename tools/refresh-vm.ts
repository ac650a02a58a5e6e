import { elapsed, type Report } from "./run";
import type { Pulumi, State, StateResource } from "./stack";

/** The VM, and its backup job, which goes with a VM that is deleted by hand. */
const vmTypes = ["proxmoxve:index/vmLegacy:VmLegacy", "proxmoxve:backup/job:Job"];

/**
 * Compares the VM in the state with Proxmox, so that the update that follows rebuilds one that was deleted behind
 * Pulumi's back. Does nothing for a stack without a VM.
 */
export async function refreshVm(pulumi: Pulumi, state: State, report: Report): Promise<void> {
  const vms = vmsIn(state.resources);
  if (vms.length === 0) return;
  const begun = Date.now();
  const refreshed = await pulumi(targetedRefresh(vms));
  if (refreshed.code !== 0) {
    throw new Error(
      "comparing the VM with Proxmox failed, so nothing was changed. Mend what Pulumi says here, or update with " +
        `--refresh to compare everything:\n${(refreshed.stdout + refreshed.stderr).trim()}`,
    );
  }
  report(`Compared the VM with Proxmox in ${elapsed(begun)}`);
}

/** The URNs of the VM and what goes with it. */
export function vmsIn(resources: readonly StateResource[]): string[] {
  return resources.filter(({ type }) => vmTypes.includes(type)).map(({ urn }) => urn);
}

/** Arguments of a refresh of these resources alone, which asks nobody. */
export function targetedRefresh(urns: readonly string[]): string[] {
  const options = ["--yes", "--skip-preview", "--non-interactive", "--suppress-progress", "--color", "never"];
  return ["refresh", ...options, ...urns.flatMap((urn) => ["--target", urn])];
}
