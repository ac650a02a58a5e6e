import { types } from "../../policies/types";
import { judge, messages, notYetKnown } from "./harness";

const container = (inputs: Record<string, unknown>) => ({ type: types.container, name: "web", inputs });
const judged = (inputs: Record<string, unknown>) => messages("health-checks", [container(inputs)]);
const remedy =
  'set `healthcheck.tests` to a command that fails when the service does, such as ["CMD", "app", "health"]';

test.each([
  [["CMD", "app", "health"]],
  [["CMD-SHELL", "wget -q -O /dev/null http://localhost"]],
  [["CMD", notYetKnown]],
])("health-checks: a container that is checked by %j passes", async (tests) => {
  expect(await judged({ healthcheck: { tests } })).toEqual([]);
});

test.each([
  {},
  { healthcheck: null },
  { healthcheck: {} },
  { healthcheck: { tests: [] } },
  { healthcheck: { tests: [""] } },
])("health-checks (CS-003): %j is no health check", async (inputs) => {
  expect(await judged(inputs)).toEqual([`it has no health check; ${remedy}`]);
});

test("health-checks (CS-003): a check that is switched off is a violation", async () => {
  expect(await judged({ healthcheck: { tests: ["NONE"] } })).toEqual([
    `its health check is switched off (NONE); ${remedy}`,
  ]);
});

test.each([[["CMD"]], [["CMD-SHELL", ""]], [["curl", "http://localhost"]]])(
  "health-checks (CS-003): %j has no command",
  async (tests) => {
    expect(await judged({ healthcheck: { tests } })).toEqual([`its health check has no command; ${remedy}`]);
  },
);

test.each([
  { healthcheck: notYetKnown },
  { healthcheck: { tests: notYetKnown } },
  { healthcheck: { tests: [notYetKnown, "app"] } },
])("health-checks: what isn't known yet is no check (%j)", async (inputs) => {
  expect(await judged(inputs)).toEqual([
    "its health check is not known before the update; give `healthcheck.tests` a command that is known now",
  ]);
});

test.each([{ mustRun: false }, { mustRun: false, restart: "no" }])(
  "health-checks: a container that runs once is not judged (%j)",
  async (inputs) => {
    expect(await judged(inputs)).toEqual([]);
  },
);

test.each([
  { mustRun: true },
  { mustRun: notYetKnown },
  { mustRun: false, restart: "always" },
  { mustRun: false, restart: "on-failure" },
  { mustRun: false, restart: "unless-stopped" },
])("health-checks: a container that goes on running is judged (%j)", async (inputs) => {
  expect(await judged(inputs)).toEqual([`it has no health check; ${remedy}`]);
});

test("health-checks: an exemption lets a container pass, and is told", async () => {
  const exempt = [{ resource: "web", reason: "its image has nothing to ask with" }];
  const { violations, report } = await judge([container({})], { "health-checks": { exempt } });
  expect(violations.filter(({ policy }) => policy === "health-checks")).toEqual([]);
  expect(report.exemptions).toEqual([{ policy: "health-checks", ...exempt[0] }]);
});
