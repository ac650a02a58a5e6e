import * as proxmox from "@pulumi/proxmoxve";
import * as pulumi from "@pulumi/pulumi";

/** A VM that is there. */
interface FoundVm {
  readonly vmId: number;
  readonly name: string;
  readonly nodeName: string;
}

/**
 * The VMID, once it is sure that no other guest has it. The provider would take over any VM that has it already: it
 * repeats the request that Proxmox refused, and then takes "already exists" for its own success. Ours is in our pool, also
 * when an interrupted run left it. A preview asks nobody, so that it works where Proxmox can't be reached.
 */
export function vmIdOfOurs(parent: pulumi.Resource, vmId: number, pool: string): pulumi.Input<number> {
  if (pulumi.runtime.isDryRun()) return vmId;
  const { vms } = proxmox.getVmsLegacyOutput({}, { parent });
  const { members } = proxmox.getPoolLegacyOutput({ poolId: pool }, { parent });
  return pulumi.all([vms, members]).apply(([all, ours]) => {
    requireOurs(vmId, pool, all, ours);
    return vmId;
  });
}

/** Throws where a VM with this VMID is there, and not a member of the pool. */
export function requireOurs(
  vmId: number,
  pool: string,
  vms: readonly FoundVm[],
  members: readonly { readonly vmId: number }[],
): void {
  const other = vms.find((each) => each.vmId === vmId);
  if (other === undefined || members.some((each) => each.vmId === vmId)) return;
  throw new pulumi.RunError(
    `homelab:toolingVm.vmId: VM ${vmId} already exists on node "${other.nodeName}": "${other.name}", and is not in the ` +
      `pool ${pool}; choose a free VMID or, if it is this stack's VM, put it there, on the node: ` +
      `pveum pool modify ${pool} --vms ${vmId}`,
  );
}
