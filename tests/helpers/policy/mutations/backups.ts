import { types } from "../../../../policies/types";
import { rows, setting, type Mutation, type Row } from "./mutation";

const vm = (inputs: Record<string, unknown>) => setting(types.virtualMachines[0], "tooling", inputs);
const job = (inputs: Record<string, unknown>) => setting(types.backupJobs[0], "tooling-backup", inputs);

/** Ways to be without a backup. */
export const backupMutations: readonly Mutation[] = rows(
  "backup-covered",
  ["a disk that is left out", vm({ disks: [{ interface: "scsi0", backup: false }] }), "its disk scsi0 is in no backup"],
  ["an hour's retention", job({ pruneBackups: { "keep-hourly": "1" } }), "keeps backups for less than 24h"],
  ["the last one alone", job({ pruneBackups: { "keep-last": "1" } }), "keeps backups for less than 24h"],
  ["the last 48", job({ pruneBackups: { "keep-last": "48" } }), "keeps backups for less than 24h"],
  ["a part of a day", job({ pruneBackups: { "keep-daily": "2.5" } }), "keeps backups for less than 24h"],
  ...["2020-01-01 02:30", "2099-12-31", "monthly", "*:0/1", "25:99", "24:00", "foo 02:30", "02:30,"].map(
    (schedule): Row => [
      `the schedule ${schedule}`,
      job({ schedule }),
      `has the schedule ${schedule}, which is no time of some weekdays`,
    ],
  ),
  ["false as a text", job({ enabled: "false" }), "is not enabled"],
  [
    "false as a text for a disk",
    vm({ disks: [{ interface: "scsi0", backup: "false" }] }),
    "its disk scsi0 is in no backup",
  ],
  ["a script of the node's", job({ script: "/root/x.sh" }), "it sets `script`"],
  ["paths that are left out", job({ excludePaths: ["/srv"] }), "it sets `excludePaths`"],
  ["a job that stops the guest", job({ mode: "stop" }), "its `mode` is stop, for which guests stop"],
  ["a job that keeps all", job({ remove: false }), "removes none (`remove`), until its storage is full"],
  ["a job that never ends", job({ bwlimit: 1 }), "it sets `bwlimit`"],
  ["another node", job({ node: "pve-other" }), "runs on the node pve-other alone"],
  ["a job of nothing", job({ vmids: [] }), "no backup job of this stack names it"],
);
