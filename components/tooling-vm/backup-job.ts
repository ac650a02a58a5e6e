import * as proxmox from "@pulumi/proxmoxve";

import type { ToolingVm, ToolingVmArgs } from ".";

/**
 * A vzdump job for the VM: consistent by the guest agent, thinned by its own retention (US5.3). Proxmox makes up for a
 * run that was missed because the node was off.
 */
export function backupJob(vm: ToolingVm, name: string, args: ToolingVmArgs): proxmox.backup.Job {
  const { enabled, schedule, keepDaily, keepWeekly } = args.vm.backup;
  return new proxmox.backup.Job(
    `${name}-backup`,
    {
      resourceId: args.vm.name,
      enabled,
      schedule,
      vmids: [String(args.vm.vmId)],
      storage: args.proxmox.datastores.backups,
      mode: "snapshot",
      compress: "zstd",
      notesTemplate: "{{guestname}}",
      pruneBackups: { "keep-daily": String(keepDaily), "keep-weekly": String(keepWeekly) },
      repeatMissed: true,
    },
    // Proxmox takes a VM that it deletes out of every job, so the job comes after the VM.
    // Of one name it keeps one job.
    { parent: vm, dependsOn: [vm.resource], deleteBeforeReplace: true },
  );
}
