import { cronProblem } from "../../../../config/cron";
import { requireCron } from "../../../../lab/harbor/objects/cron";
import { permissions } from "../../../../lab/harbor/objects/rights";
import { HarborObjects } from "../../../../lab/harbor/objects";
import { Refusal, type Result } from "../../../../lab/harbor/rows";
import type { Row } from "../../../../lab/kit/rows";
import { robotRights } from "../../../../providers/harbor/robot-rights";
import { LoneCore } from "../../../helpers/unit/lab-harbor-core";

/** What Harbor answers to a schedule; 200 where it takes it. */
function statusOf(cron: string): number {
  try {
    requireCron(cron);
    return 200;
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
}

test.each([
  ["0 0 2 31 2 *", 500],
  ["0 0 2 30 feb *", 500],
  ["0 0 2 31 4,6,9,11 ?", 500],
  ["0 0 2 31 */2 *", 200],
  ["0 0 2 29 2 *", 200],
  ["0 0 2 31 2 MON", 200],
  ["0 0 2 */2 2 *", 200],
  ["0 0 25 * * *", 400],
  ["0 0 5-3 * * *", 400],
  ["0 0 abc * * *", 400],
  ["0 0 2 * * abc", 400],
  ["0 0 2 * mon *", 400],
  ["0 0 2 * jan-mar mon-fri", 200],
  ["0 0 2 * mar-jan *", 400],
  ["0 0 2 * * 7", 400],
  ["0 */0 2 * * *", 400],
  ["0 5/90 2 * * *", 200],
  ["1 0 2 * * *", 400],
  ["0 2 * * *", 400],
])("H6: the schedule %s, which Harbor answers with %i, is refused where Harbor does or never ends", (cron, status) => {
  expect(statusOf(cron)).toBe(status);
  expect(cronProblem(cron) === undefined).toBe(status === 200);
});

test("H6: of a thousand schedules, those are taken that Harbor takes", () => {
  const days = "1 29 30 31 32 * ? */2 */1 30-31 31-30 30,31 31/2".split(" ");
  const months = "2 4 FEB 11 13 * */2 2,4 feb-apr 4,6,9,11".split(" ");
  const weeks = "0 6 7 sat sun-mon * ? */2 1,*".split(" ");
  const answers = days
    .flatMap((day) => months.flatMap((month) => weeks.map((week) => `0 0 2 ${day} ${month} ${week}`)))
    .map((cron) => ({ cron, status: statusOf(cron), taken: cronProblem(cron) === undefined }));
  expect(answers.filter(({ status, taken }) => taken !== (status === 200))).toEqual([]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 500]));
});

test("H6: the rights that robots may be given are the same here and in the stand-in", () => {
  const pairs = (rows: Row[]): string[] => rows.map(({ resource, action }) => `${resource}:${action}`).sort();
  expect([...robotRights.system].sort()).toEqual(pairs(permissions.system));
  expect([...robotRights.project].sort()).toEqual(pairs(permissions.project));
});

test("H7: there is a root of a CA to download, which nobody without a login is told", async () => {
  const core = await LoneCore.start();
  const path = "/api/v2.0/systeminfo";
  expect((await core.api("GET", path)).body).toMatchObject({ has_ca_root: true, auth_mode: "db_auth" });
  const { status, body } = await core.api("GET", path, undefined, "admin:wrong");
  expect([status, Object.keys(body)]).toEqual([
    200,
    ["auth_mode", "primary_auth_mode", "self_registration", "banner_message"],
  ]);
  await core.stop();
});

describe("H7: the stand-in answers as Harbor does", () => {
  const objects = new HarborObjects();
  const login = `Basic ${Buffer.from(`admin:${objects.password}`).toString("base64")}`;
  const call = async (method: string, path: string, body: Row = {}): Promise<Result> => {
    const request = { method, path, body, query: {}, authorization: login, byName: true };
    try {
      return await objects.handle(request);
    } catch (error) {
      if (error instanceof Refusal) return error.result;
      throw error;
    }
  };
  const status = async (...args: Parameters<typeof call>): Promise<number> => (await call(...args)).status;

  const schedule = { type: "Custom", cron: "0 0 2 * * *" };
  const hub = { name: "hub", type: "docker-hub", url: "https://hub.docker.com/" };
  const robot = {
    name: "ci",
    level: "system",
    duration: 30,
    permissions: [{ kind: "system", namespace: "/", access: [{ resource: "quota", action: "read" }] }],
  };
  const rule = {
    tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "v*" }],
    scope_selectors: { repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }] },
  };
  beforeAll(async () => {
    await call("POST", "/projects", { project_name: "media", cve_allowlist: { items: [{ cve_id: "CVE-2026-1" }] } });
    objects.reaches = (url) => !url.includes("unreachable");
  });

  test.each<[string, string, Row, number]>([
    ["PUT", "/system/purgeaudit/schedule", { schedule: { type: "None" }, parameters: {} }, 400],
    [
      "PUT",
      "/system/purgeaudit/schedule",
      { schedule, parameters: { audit_retention_hour: 240_001, include_event_types: "" } },
      400,
    ],
    ["PUT", "/system/gc/schedule", { schedule, parameters: { workers: 11 } }, 400],
    ["PUT", "/system/gc/schedule", { schedule: { ...schedule, cron: "0 0 2 31 2 *" } }, 500],
    ["POST", "/registries", { ...hub, name: "a".repeat(65) }, 400],
    ["POST", "/registries", { ...hub, url: "https://unreachable" }, 400],
    ["POST", "/registries", { ...hub, ca_certificate: "root" }, 400],
    ["POST", "/robots", { ...robot, duration: 0 }, 400],
    [
      "POST",
      "/robots",
      { ...robot, permissions: [{ ...robot.permissions[0], access: [{ resource: "quota", action: "eat" }] }] },
      400,
    ],
    ["PUT", "/configurations", { token_expiration: 0 }, 400],
    ["PUT", "/configurations", { oidc_extra_redirect_parms: "[]" }, 400],
    ["POST", "/projects", { project_name: "a", storage_limit: -2 }, 400],
    ["DELETE", "/retentions/99", {}, 400],
    ["GET", "/retentions/99", {}, 500],
    ["DELETE", "/usergroups/99", {}, 200],
    ["DELETE", "/projects/media/members/99", {}, 200],
    ["POST", "/projects/media/immutabletagrules", rule, 201],
    ["POST", "/projects/media/immutabletagrules", rule, 409],
  ])("%s %s %j: %i", async (method, path, body, expected) => {
    expect(await status(method, path, body)).toBe(expected);
  });

  test("of a project that is made, the CVEs are dropped; of an endpoint's URL, the slash at its end", async () => {
    expect((await call("GET", "/projects/media")).body).toMatchObject({ cve_allowlist: { items: [] } });
    await call("POST", "/registries", hub);
    expect((await call("GET", "/registries")).body).toMatchObject([{ url: "https://hub.docker.com" }]);
  });

  test("of a garbage collection, the dry run is left out", async () => {
    await call("PUT", "/system/gc/schedule", { schedule, parameters: { dry_run: true, workers: 2 } });
    const { job_parameters: text } = (await call("GET", "/system/gc/schedule")).body as { job_parameters: string };
    expect(JSON.parse(text)).toEqual({ delete_untagged: false, delete_tag: false, workers: 2 });
  });

  test("a weak secret is refused", async () => {
    const { id } = (await call("POST", "/robots", robot)).body as { id: number };
    expect(await status("PATCH", `/robots/${id}`, { secret: "weak" })).toBe(400);
    expect(await status("PATCH", `/robots/${id}`, { secret: "Strong-Secret-1" })).toBe(200);
  });
});
