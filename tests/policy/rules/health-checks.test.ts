import { types } from "../../../policies/types";
import { judge, messages, notYetKnown } from "../../helpers/policy/harness";

const container = (inputs: Record<string, unknown>) => ({ type: types.container, name: "web", inputs });
const judged = (inputs: Record<string, unknown>) => messages("health-checks", [container(inputs)]);
const remedy =
  "set `healthcheck.tests` to a command that fails when the service does, such as " +
  '["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]';
const foreign = (command: string): string =>
  `its health check (${command}) is none that is known to fail when the service does; ${remedy}, or put it into this ` +
  "policy's `commands` once you know that it can fail";

test.each([
  [["CMD", "step", "ca", "health"]],
  [["CMD", "wget", "-q", "-O", "/dev/null", "http://localhost/"]],
  [["CMD", notYetKnown]],
])("health-checks: a container that is checked by %j passes", async (tests) => {
  expect(await judged({ healthcheck: { tests } })).toEqual([]);
});

test.each([
  [["CMD"]],
  [["CMD-SHELL", ""]],
  [["curl", "http://localhost"]],
  [["CMD", "ls"]],
  [["CMD", "step", "version"]],
  [["CMD-SHELL", "exit 0x0"]],
  [["CMD-SHELL", "curl --fail http://localhost/ | cat"]],
  [["CMD", "wget", "-q", "-O", "/dev/null", "http://example.org/"]],
])("health-checks (CS-003): %j may not fail when the service does", async (tests) => {
  expect(await judged({ healthcheck: { tests } })).toEqual([foreign(tests.join(" "))]);
});

test("health-checks: the stack says what else is a check", async () => {
  const stack = [container({ healthcheck: { tests: ["CMD", "app", "health"] } })];
  expect(await messages("health-checks", stack)).toEqual([foreign("CMD app health")]);
  expect(await messages("health-checks", stack, { commands: ["CMD app health"] })).toEqual([]);
});

test.each<[string, unknown, string | undefined]>([
  ["interval", "1m", undefined],
  ["interval", "0s", undefined],
  ["interval", notYetKnown, undefined],
  ["startPeriod", "10m0s", undefined],
  ["retries", 10, undefined],
  ["interval", "8760h", "60s"],
  ["interval", "2000ms", "60s"],
  ["startInterval", "61s", "60s"],
  ["timeout", "1m", "30s"],
  ["startPeriod", "1h0m0s", "900s"],
  ["retries", 1_000_000, "10"],
])("health-checks (CS-003): %s %s", async (property, value, most) => {
  const healthcheck = { tests: ["CMD", "ak", "healthcheck"], [property]: value };
  expect(await judged({ healthcheck })).toEqual(
    most === undefined ? [] : [`its \`healthcheck.${property}\` is ${String(value)}; set it to ${most} at most`],
  );
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

test.each([
  { healthcheck: notYetKnown },
  { healthcheck: { tests: notYetKnown } },
  { healthcheck: { tests: [notYetKnown, "app"] } },
])("health-checks: what isn't known yet is no check (%j)", async (inputs) => {
  expect(await judged(inputs)).toEqual([
    "its health check is not known before the update; give `healthcheck.tests` a command that is known now",
  ]);
});

test.each([{ mustRun: true }, { mustRun: false }, { mustRun: false, restart: "no" }, { mustRun: notYetKnown }])(
  "health-checks: whether it is said to end, a container is judged (%j)",
  async (inputs) => {
    expect(await judged(inputs)).toEqual([`it has no health check; ${remedy}`]);
  },
);

test("health-checks: an exemption lets a container pass, and is told", async () => {
  const exempt = [{ resource: "web", reason: "its image has nothing to ask with" }];
  const { violations, report } = await judge([container({})], { "health-checks": { exempt } });
  expect(violations.filter(({ policy }) => policy === "health-checks")).toEqual([]);
  expect(report.exemptions).toEqual([{ policy: "health-checks", ...exempt[0] }]);
});
