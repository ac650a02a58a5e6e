import * as proxmox from "@pulumi/proxmoxve";
import type * as pulumi from "@pulumi/pulumi";

import type { VmConfig } from "../../config/schema";

/** What a backup is made of, and where it goes. */
interface BackupJobArgs {
  vm: VmConfig["toolingVm"];
  proxmox: VmConfig["proxmox"];
}

/**
 * A vzdump job for the VM: consistent by the guest agent, thinned by its own retention (US5.3). Proxmox makes up for a
 * run that was missed because the node was off.
 */
export function backupJob(name: string, args: BackupJobArgs, opts: pulumi.CustomResourceOptions): proxmox.backup.Job {
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
    // Of one name it keeps one job.
    { ...opts, deleteBeforeReplace: true },
  );
}
