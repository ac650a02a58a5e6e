import { types } from "../../../policies/types";
import { messages, notYetKnown } from "../../helpers/policy/harness";

const vm = (inputs: Record<string, unknown> = {}) => ({
  type: types.virtualMachines[0],
  name: "tooling",
  inputs: { vmId: 160, ...inputs },
});
const job = (inputs: Record<string, unknown> = {}) => ({
  type: types.backupJobs[0],
  name: "nightly",
  inputs: { vmids: ["160"], enabled: true, schedule: "02:30", pruneBackups: { "keep-daily": "7" }, ...inputs },
});
const judged = (...resources: Parameters<typeof messages>[1][number][]) => messages("backup-covered", resources);

const uncovered = "no backup job of this stack names it; add its VMID to one, or exempt it with a reason";
const short = "keeps backups for less than 24h (`pruneBackups` by day, week, month or year)";
const unreliable = (flaws: string) =>
  `its backup job can't be relied on: ${flaws}; mend the job, or exempt the guest with a reason`;

test("US5.3: a VM in a daily job with retention is covered", async () => {
  expect(await judged(vm(), job())).toEqual([]);
});

test("US5.3: a job of all guests covers it, unless it leaves it out", async () => {
  const all = { all: true, vmids: undefined };
  expect(await judged(vm(), job(all))).toEqual([]);
  expect(await judged(vm(), job({ ...all, excludes: ["101"] }))).toEqual([]);
  expect(await judged(vm(), job({ ...all, excludes: ["160"] }))).toEqual([uncovered]);
  expect(await judged(vm(), job({ ...all, excludes: notYetKnown }))).toEqual([uncovered]);
});

test("US5.3: a VM without a job, or in nobody's list, is not covered", async () => {
  expect(await judged(vm())).toEqual([uncovered]);
  expect(await judged(vm(), job({ vmids: ["161"] }))).toEqual([uncovered]);
  expect(await judged(vm(), job({ vmids: notYetKnown }))).toEqual([uncovered]);
  expect(await judged(vm({ vmId: notYetKnown }), job())).toEqual([uncovered]);
});

test.each<[Record<string, unknown>, string]>([
  [{ enabled: false }, '"nightly" is not enabled'],
  [{ enabled: notYetKnown }, '"nightly" is not enabled'],
  [{ schedule: "" }, '"nightly" has no schedule'],
  [{ pruneBackups: undefined }, `"nightly" ${short}`],
  [{ pruneBackups: { "keep-daily": "0" } }, `"nightly" ${short}`],
  [{ pruneBackups: { "keep-daily": notYetKnown } }, `"nightly" ${short}`],
  [{ enabled: false, pruneBackups: {} }, `"nightly" is not enabled, "nightly" ${short}`],
])("US5.3: a job with %j does not cover it", async (inputs, flaws) => {
  expect(await judged(vm(), job(inputs))).toEqual([unreliable(flaws)]);
});

test.each(["02:30", "1:05", "sat 04:00", "mon..fri,sun 22:15"])("US5.3: the schedule %s counts", async (schedule) => {
  expect(await judged(vm(), job({ schedule }))).toEqual([]);
});

test.each(["keep-all", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly"])(
  "US5.3: retention by %s counts",
  async (kept) => {
    expect(await judged(vm(), job({ pruneBackups: { [kept]: "1" } }))).toEqual([]);
  },
);

test("US5.3: one good job is enough", async () => {
  expect(await judged(vm(), job({ enabled: false }), { ...job(), name: "weekly" })).toEqual([]);
});

test("a template has nothing to back up", async () => {
  expect(await judged(vm({ template: true }))).toEqual([]);
});

test("a VM that a job outside the stack covers is exempted with that as the reason", async () => {
  const exempt = [{ resource: "tooling", reason: "the node's own job backs up every guest" }];
  expect(await messages("backup-covered", [vm()], { exempt })).toEqual([]);
});
