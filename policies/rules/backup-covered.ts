import { formatDuration, parseDuration, type Duration } from "../../config/duration";
import { word } from "../../config/fields";
import { weeklyTime } from "../../config/weekly-time";
import { isGuest } from "../guests";
import { stackPolicy } from "../policy";
import { at, isOff, items, unknown, unlisted, type Resource, type Value } from "../resource";
import { isOneOf, types } from "../types";

export default stackPolicy({
  name: "backup-covered",
  level: "mandatory",
  summary: "Every guest of Proxmox is in a backup job that keeps its backups.",
  doc: `A VM or a system container is lost with its disk unless a backup job of Proxmox names it: one that is enabled, runs on its node,
comes at a time of day, on all or some weekdays (\`02:30\`, \`sat 04:00\`), and keeps backups for some days, of every disk
(\`backup\`). Of \`pruneBackups\` those by day, week, month or year count: the last 48 may all be of one day. A job of all guests
counts unless it excludes this one. Where a job outside this stack covers the guest, exempt it with that as the reason. A template (\`template: true\`) has no state of its own.
What is on a machine of \`homelab:hosts\` is backed up by whoever keeps that machine: no job of Proxmox's is told here.

What a job may have is listed: its \`script\` would run on the node as root. Guests go on running while they are backed up (\`mode\`).`,
  requirements: ["US5.3"],
  settings: {
    reach: word("a duration in s, m, h or d", "1d", parseDuration)
      .prefault("1d")
      .describe("How far back the backups that are kept must reach."),
  },
  judgeStack({ resources }, { reach }, { violation }) {
    const jobs = resources.filter(({ type }) => isOneOf(types.backupJobs, type));
    for (const job of jobs) {
      for (const property of unlisted(job.inputs, ofJobs))
        violation(`it sets \`${property}\`, which is not on the list of what a backup job may have; remove it`, job);
      const mode = at(job.inputs, "mode");
      if (!isOff(mode) && mode !== "snapshot" && mode !== unknown)
        violation(`its \`mode\` is ${String(mode)}, for which guests stop; set it to snapshot`, job);
    }
    for (const guest of resources.filter(holdsState)) {
      const naming = jobs.filter((job) => names(job, at(guest.inputs, "vmId")));
      if (naming.length === 0) {
        violation("no backup job of this stack names it; add its VMID to one, or exempt it with a reason", guest);
      } else if (!naming.some((job) => flaws(job, guest, reach).length === 0)) {
        const all = naming.flatMap((job) => flaws(job, guest, reach).map((flaw) => `"${job.name}" ${flaw}`));
        violation(
          `its backup job can't be relied on: ${all.join(", ")}; mend the job, or exempt the guest with a reason`,
          guest,
        );
      }
      for (const disk of leftOut(guest)) {
        violation(
          `its disk ${disk} is in no backup (\`backup\`); set that to true, or exempt the guest with a reason`,
          guest,
        );
      }
    }
  },
});

/** Source: `JobArgs` of @muhlba91/pulumi-proxmoxve 8.6. */
const ofJobs = [
  ...["all", "compress", "enabled", "excludes", "mode", "node", "notesTemplate", "pruneBackups", "repeatMissed"],
  ...["resourceId", "schedule", "storage", "vmids"],
];

function holdsState(resource: Resource): boolean {
  return isGuest(resource) && at(resource.inputs, "template") !== true;
}

/** Proxmox's own choice of a VMID (none in the program) can only be covered by a job of all guests. */
function names({ inputs }: Resource, vmId: Value): boolean {
  const listed = (property: string): boolean => {
    return typeof vmId === "number" && items(at(inputs, property)).some((each) => String(each) === String(vmId));
  };
  if (at(inputs, "all") !== true) return listed("vmids");
  const excludes = items(at(inputs, "excludes"));
  return !listed("excludes") && !excludes.includes(unknown);
}

/** Why a job does not do what it should for a guest; unknown counts as not done. */
function flaws({ inputs }: Resource, guest: Resource, reach: Duration): string[] {
  const schedule = at(inputs, "schedule");
  const node = at(inputs, "node") ?? "";
  const days = keptDays(at(inputs, "pruneBackups"));
  return [
    ...((at(inputs, "enabled") ?? true) === true ? [] : ["is not enabled"]),
    ...(typeof schedule !== "string" || schedule === "" ? ["has no schedule"] : []),
    ...(typeof schedule === "string" && schedule !== "" && !weeklyTime.test(schedule)
      ? [`has the schedule ${schedule}, which is no time of some weekdays (write it like 02:30 or sat 04:00)`]
      : []),
    ...(node === "" || node === at(guest.inputs, "nodeName") ? [] : [`runs on the node ${String(node)} alone`]),
    ...(at(inputs, "remove") === false ? ["removes none (`remove`), until its storage is full"] : []),
    ...(days * day < reach
      ? [`keeps backups for less than ${formatDuration(reach)} (\`pruneBackups\` by day, week, month or year)`]
      : []),
  ];
}

const day = 86_400;

/** Days that one backup of each kind reaches back. The last ones, or those of hours, may all be of one day. */
const reachOf: Readonly<Record<string, number>> = {
  "keep-all": Infinity,
  "keep-daily": 1,
  "keep-monthly": 30,
  "keep-weekly": 7,
  "keep-yearly": 365,
};

function keptDays(kept: Value): number {
  if (typeof kept !== "object" || kept === null) return 0;
  const days = Object.entries(kept).map(([name, count]) =>
    typeof count !== "symbol" && /^[1-9]\d*$/.test(String(count)) ? Number(count) * (reachOf[name] ?? 0) : 0,
  );
  return Math.max(0, ...days);
}

/** The disks of a guest that no job backs up. */
function leftOut({ inputs }: Resource): string[] {
  const disks = items(at(inputs, "disks")).filter((disk) => (at(disk, "backup") ?? true) !== true);
  // Proxmox leaves a mount point of a system container out unless it says so.
  const mounts = items(at(inputs, "mountPoints")).filter((each) => at(each, "backup") !== true);
  return [...disks.map((disk) => at(disk, "interface")), ...mounts.map((each) => at(each, "path"))].map((name) =>
    typeof name === "string" ? name : "a disk",
  );
}
