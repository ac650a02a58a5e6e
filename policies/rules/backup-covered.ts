import { isGuest } from "../guests";
import { stackPolicy } from "../policy";
import { at, items, unknown, type Resource, type Value } from "../resource";
import { isOneOf, types } from "../types";

export default stackPolicy({
  name: "backup-covered",
  level: "mandatory",
  summary: "Every guest of Proxmox is in a backup job that keeps its backups.",
  doc: `A VM or a system container is lost with its disk unless a backup job of Proxmox names it: one that is enabled, has a schedule and
keeps at least one backup (\`pruneBackups\`). A job of all guests counts unless it excludes this one. Where a job outside this
stack covers the guest, exempt it with that as the reason. A template (\`template: true\`) has no state of its own.`,
  requirements: ["US5.3"],
  settings: {},
  judgeStack({ resources }, _settings, { violation }) {
    const jobs = resources.filter(({ type }) => isOneOf(types.backupJobs, type));
    for (const guest of resources.filter(holdsState)) {
      const naming = jobs.filter((job) => names(job, at(guest.inputs, "vmId")));
      if (naming.length === 0) {
        violation("no backup job of this stack names it; add its VMID to one, or exempt it with a reason", guest);
      } else if (!naming.some((job) => flaws(job).length === 0)) {
        const all = naming.flatMap((job) => flaws(job).map((flaw) => `"${job.name}" ${flaw}`));
        violation(
          `its backup job can't be relied on: ${all.join(", ")}; mend the job, or exempt the guest with a reason`,
          guest,
        );
      }
    }
  },
});

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

/** Why a job does not do what it should; unknown counts as not done. */
function flaws({ inputs }: Resource): string[] {
  const schedule = at(inputs, "schedule");
  const kept = at(inputs, "pruneBackups");
  const counts = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
  const keeps = counts.some(
    ([name, count]) => /^keep-/.test(name) && Number(typeof count === "symbol" ? 0 : count) > 0,
  );
  return [
    ...([true, undefined].some((each) => each === at(inputs, "enabled")) ? [] : ["is not enabled"]),
    ...(typeof schedule === "string" && schedule !== "" ? [] : ["has no schedule"]),
    ...(keeps ? [] : ["has no retention (`pruneBackups`)"]),
  ];
}
