import { capture, elapsed, type Outcome, type Report } from "./run";
import type { Toolchain } from "./toolchain";

/** The VM, and its backup job, which goes with a VM that is deleted by hand. */
const vmTypes = ["proxmoxve:index/vmLegacy:VmLegacy", "proxmoxve:backup/job:Job"];

/** Runs Pulumi and gives what it wrote. */
export type Pulumi = (args: readonly string[]) => Promise<Outcome>;

/** {@link Pulumi} of a toolchain. */
export function quietly(toolchain: Toolchain): Pulumi {
  return (args) => capture(toolchain.pulumi, args, { env: toolchain.env });
}

/**
 * Compares the VM in the state with Proxmox, so that the update that follows rebuilds one that was deleted behind
 * Pulumi's back. Does nothing for a stack without a VM. The state itself is shown to nobody.
 */
export async function refreshVm(pulumi: Pulumi, scope: readonly string[], report: Report): Promise<void> {
  const exported = await pulumi(["stack", "export", "--non-interactive", ...scope]);
  if (exported.code !== 0) return; // no stack yet, or a reason that the update itself will tell
  const vms = vmsIn(exported.stdout);
  if (vms.length === 0) return;
  const begun = Date.now();
  const targets = vms.flatMap((urn) => ["--target", urn]);
  const options = ["--yes", "--skip-preview", "--non-interactive", "--suppress-progress", "--color", "never"];
  const refreshed = await pulumi(["refresh", ...options, ...scope, ...targets]);
  if (refreshed.code !== 0) {
    throw new Error(
      "comparing the VM with Proxmox failed, so nothing was changed. Mend what Pulumi says here, or update with " +
        `--refresh to compare everything:\n${(refreshed.stdout + refreshed.stderr).trim()}`,
    );
  }
  report(`Compared the VM with Proxmox in ${elapsed(begun)}`);
}

/** The URNs of the VMs in an exported deployment. */
export function vmsIn(deployment: string): string[] {
  const { deployment: state } = JSON.parse(deployment) as {
    deployment?: { resources?: { urn: string; type: string; delete?: boolean }[] };
  };
  return (state?.resources ?? [])
    .filter((resource) => vmTypes.includes(resource.type) && resource.delete !== true)
    .map((resource) => resource.urn);
}
