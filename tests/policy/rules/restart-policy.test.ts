import { types } from "../../../policies/types";
import { messages, notYetKnown } from "../../helpers/policy/harness";

const judged = (inputs: Record<string, unknown>, settings?: object) =>
  messages("restart-policy", [{ type: types.container, name: "web", inputs }], settings);

test.each(["always", "unless-stopped"])("restart-policy: a container with %j passes", async (restart) => {
  expect(await judged({ restart })).toEqual([]);
});

test.each(["no", "on-failure"])("restart-policy (CS-003): a container with %j stays down", async (restart) => {
  expect(await judged({ restart })).toEqual([
    `its restart policy is "${restart}"; set \`restart\` to always or unless-stopped`,
  ]);
});

test.each([{}, { restart: null }])("restart-policy (CS-003): Docker's own default is no (%j)", async (inputs) => {
  expect(await judged(inputs)).toEqual(['its restart policy is "no"; set `restart` to always or unless-stopped']);
});

test("restart-policy: a value that isn't known yet is a violation", async () => {
  expect(await judged({ restart: notYetKnown })).toEqual([
    "its restart policy is not known before the update; set `restart` to always or unless-stopped",
  ]);
});

test("restart-policy: a stack may allow others", async () => {
  const settings = { allowed: ["on-failure"] };
  expect(await judged({ restart: "on-failure" }, settings)).toEqual([]);
  expect(await judged({ restart: "always" }, settings)).toEqual([
    'its restart policy is "always"; set `restart` to on-failure',
  ]);
});

test.each([false, notYetKnown])("restart-policy: one that is said to end is judged, too (%p)", async (mustRun) => {
  expect(await judged({ mustRun })).toContainEqual(expect.stringContaining("its restart policy is"));
});

test("restart-policy: what Docker's provider fills in passes, and so does a template", async () => {
  expect(await judged({ restart: "always", mustRun: true, start: true, rm: false, wait: false })).toEqual([]);
  const template = { type: types.virtualMachines[0], name: "base", inputs: { template: true, started: false } };
  expect(await messages("restart-policy", [template])).toEqual([]);
});
