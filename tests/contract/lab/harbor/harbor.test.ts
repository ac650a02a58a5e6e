import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Row } from "../../../../lab/kit/rows";
import { HarborDescription, officialTest } from "../../../helpers/contract/harbor-description";
import { digestOf } from "../../../helpers/contract/lab-harbor-client";
import { blobFile, collectGarbage, errorOf, image, robot, until } from "../../../helpers/contract/lab-harbor-steps";
import { adminPassword, hasRegistry, World } from "../../../helpers/contract/lab-harbor-world";

jest.setTimeout(60_000);
const test = hasRegistry ? it : it.skip;

let world: World;
beforeEach(async () => {
  world = await World.start();
  await world.admin.api("POST", "/projects", { project_name: "media", metadata: {}, storage_limit: 2 ** 20 });
});
afterEach(() => {
  jest.restoreAllMocks();
  return world.stop();
});

test("EC-6: a push over the quota is refused with a message that says by how much", async () => {
  expect((await world.admin.push("media/app", "v1", image("a", 700 * 1024))).status).toBe(201);
  const refused = await world.admin.push("media/app", "v2", image("b", 400 * 1024));
  expect(refused.status).toBe(403);
  expect(errorOf(refused)).toEqual({
    code: "DENIED",
    message:
      "adding 400.0 KiB of storage resource, which when updated to current usage of 700.5 KiB will exceed the configured upper limit of 1.0 MiB.",
  });
  expect((await world.admin.push("media/other", "v1", image("a", 700 * 1024))).status).toBe(201); // shared layers count once
  expect((await world.admin.push("library/app", "v1", image("c", 2 * 2 ** 20))).status).toBe(201); // no quota there
});

test("EC-6: a layer that comes in one piece is refused before it is sent on, and a mounted one counts", async () => {
  expect(await world.admin.pushAtOnce("media/app", Buffer.alloc(2 * 2 ** 20))).toMatchObject({ status: 403 });
  const blob = Buffer.alloc(700 * 1024, "m");
  expect((await world.admin.pushAtOnce("library/app", blob)).status).toBe(201);
  const path = `uploads/?mount=${digestOf(blob)}&from=library/app`;
  expect((await world.admin.registry("POST", `media/app/blobs/${path}`)).status).toBe(201);
  const { body } = await world.admin.api("GET", "/quotas?reference=project");
  expect((body as Row[]).map(({ used }) => used.storage as number)).toEqual([blob.length, blob.length]);
  const other = path.replace(digestOf(blob), digestOf("nothing"));
  expect((await world.admin.registry("POST", `media/app/blobs/${other}`)).status).toBe(202);
});

test("EC-6: the quota counts a project's blobs, and deleting an image gives room at once", async () => {
  const used = async (): Promise<number> => {
    const { project_id } = (await world.admin.api("GET", "/projects/media")).body;
    const { body } = await world.admin.api("GET", `/quotas?reference=project&reference_id=${project_id}`);
    return (body as Row[])[0]?.used.storage as number;
  };
  expect(await used()).toBe(0);
  await world.admin.push("media/app", "v1", image("a", 700 * 1024));
  expect(await used()).toBeGreaterThan(700 * 1024);
  await world.admin.api("DELETE", "/projects/media/repositories/app/artifacts/v1");
  expect(await used()).toBe(0);
  expect((await world.admin.push("media/app", "v2", image("b", 700 * 1024))).status).toBe(201);
});

test("EF-009: retention keeps the last images, and garbage collection takes the others out of the storage", async () => {
  const digests: string[] = [];
  for (const text of ["a", "b", "c"]) {
    digests.push((await world.admin.push("media/app", `v-${text}`, image(text))).digest);
    await sleep(5);
  }
  const { project_id } = (await world.admin.api("GET", "/projects/media")).body;
  const rule = {
    action: "retain",
    template: "latestPushedK",
    params: { latestPushedK: 1 },
    tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**", extras: '{"untagged":true}' }],
    scope_selectors: { repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }] },
  };
  const scope = { level: "project", ref: project_id };
  const policy = { algorithm: "or", scope, trigger: { kind: "Schedule", settings: { cron: "" } }, rules: [rule] };
  const made = await world.admin.api("POST", "/retentions", policy);
  const retention = (made.headers.get("location") ?? "").replace("/api/v2.0", "");
  await world.admin.api("POST", `${retention}/executions`, { dry_run: true });
  expect((await world.admin.api("GET", "/projects/media/artifacts")).body).toHaveLength(3);
  await world.admin.api("POST", `${retention}/executions`, { dry_run: false });
  const [left] = (await world.admin.api("GET", "/projects/media/artifacts")).body as Row[];
  expect(left?.digest).toBe(digests[2]);
  expect((await world.admin.pull("media/app", "v-a")).answer.status).toBe(404);
  expect(existsSync(blobFile(world, digestOf(Buffer.alloc(1000, "a"))))).toBe(true);

  const run = await collectGarbage(world, { delete_untagged: true });
  expect(run.job_status).toBe("Success");
  const parameters = JSON.parse(run.job_parameters) as Row;
  expect(parameters).toMatchObject({ purged_blobs: 2, purged_manifests: 2 });
  expect(parameters.freed_space).toBeGreaterThan(2000);
  expect(existsSync(blobFile(world, digestOf(Buffer.alloc(1000, "a"))))).toBe(false);
  expect((await world.admin.pull("media/app", "v-c")).layers).toHaveLength(1);
  expect(world.redisCommands).toContainEqual(["DEL", "blobs::x1"]);
  expect((await world.admin.api("GET", `/system/gc/${run.id}/log`)).text).toContain("success to run gc in job.");
  // What was removed can be pushed again.
  expect((await world.admin.push("media/app", "v-a", image("a"))).status).toBe(201);
  expect((await world.admin.pull("media/app", "v-a")).layers).toHaveLength(1);
});

test("EF-009: garbage collection spares what is young, images, and everything in a dry run", async () => {
  await world.admin.push("media/app", "v1", image("a"));
  await world.admin.pushBlob("media/app", Buffer.alloc(50, "z")); // no image has it
  const orphan = blobFile(world, digestOf(Buffer.alloc(50, "z")));
  expect((await collectGarbage(world, { dry_run: true })).job_parameters).toContain('"freed_space":50');
  await world.restartCore(adminPassword, { gcWindowHours: 2 });
  expect((await collectGarbage(world)).job_parameters).toContain('"freed_space":0');
  expect(existsSync(orphan)).toBe(true);
  await world.restartCore(adminPassword, { gcWindowHours: 0 });
  expect((await collectGarbage(world)).job_parameters).toContain('"freed_space":50');
  expect(existsSync(orphan)).toBe(false);
  expect((await world.admin.pull("media/app", "v1")).layers).toHaveLength(1);
});

test("EF-009: an immutable tag is neither moved nor deleted", async () => {
  await world.admin.push("media/app", "v1", image("a"));
  const selector = (decoration: string, pattern: string): object[] => [{ kind: "doublestar", decoration, pattern }];
  const rule = {
    action: "immutable",
    template: "immutable_template",
    tag_selectors: selector("matches", "v*"),
    scope_selectors: { repository: selector("repoMatches", "**") },
  };
  expect((await world.admin.api("POST", "/projects/media/immutabletagrules", rule)).status).toBe(201);
  const moved = await world.admin.push("media/app", "v1", image("b"));
  expect([moved.status, errorOf(moved).message]).toEqual([
    412,
    "Failed to process request due to 'v1' configured as immutable.",
  ]);
  expect((await world.admin.api("DELETE", "/projects/media/repositories/app/artifacts/v1")).status).toBe(412);
  expect((await world.admin.push("media/app", "dev", image("b"))).status).toBe(201);
  expect((await world.admin.push("media/app", "dev", image("c"))).status).toBe(201);
});

test("EF-008: an image that is pushed is scanned, and what is found can be read", async () => {
  await world.admin.api("PUT", "/projects/media", { metadata: { auto_scan: "true" } });
  const labels = {
    "arpa.home.lab.findings": "CVE-2026-0001:Critical:openssl:3.0.1:3.0.2, CVE-2026-0002:Low:bash:5.2",
  };
  await world.admin.push("media/app", "v1", { ...image("a"), labels });
  const type = "application/vnd.security.vulnerability.report; version=1.1";
  const overview = async (): Promise<Row> => {
    const answer = await world.admin.api("GET", "/projects/media/artifacts?with_scan_overview=true");
    expect(answer.status).toBe(200);
    return ((answer.body as Row[])[0]?.scan_overview?.[type] ?? {}) as Row;
  };
  await until(async () => (await overview()).scan_status === "Success");
  const summary = { total: 2, fixable: 1, summary: { Critical: 1, Low: 1 } };
  expect(await overview()).toMatchObject({ severity: "Critical", summary });
  const path = "/projects/media/repositories/app/artifacts/v1";
  const report = await world.admin.api("GET", `${path}/additions/vulnerabilities`);
  expect(report.body[type].vulnerabilities[0]).toMatchObject({ id: "CVE-2026-0001", package: "openssl" });
  expect((await world.admin.api("GET", "/projects/media/repositories/app")).body.pull_count).toBe(0);

  const complaint = jest.spyOn(console, "error").mockImplementation();
  await world.admin.push("media/bad", "v1", { ...image("b"), labels: { "arpa.home.lab.findings": "nonsense" } });
  expect((await world.admin.api("POST", "/system/scanAll/schedule", { schedule: { type: "Manual" } })).status).toBe(
    201,
  );
  await until(async () => (await world.admin.api("GET", "/scans/all/metrics")).body.completed === 2);
  expect((await world.admin.api("GET", "/scans/all/metrics")).body.metrics).toEqual({ Success: 1, Error: 1 });
  expect(complaint).toHaveBeenCalledWith(expect.stringContaining("is no finding: id:Severity:package:version"));
});

test("CS-003: core is healthy while everything answers, and names what does not", async () => {
  const answer = await world.client().api("GET", "/health");
  expect([answer.status, answer.body.status]).toEqual([200, "healthy"]);
  await world.end("registryctl");
  await world.end("redis");
  const { status, components } = (await world.client().api("GET", "/health")).body as {
    status: string;
    components: Row[];
  };
  expect(status).toBe("unhealthy");
  const failed = components.filter((row) => row.status === "unhealthy").map(({ name }) => name as string);
  expect(failed).toEqual(["redis", "registryctl"]);
});

test("CS-003: a replaced core has lost nothing, and keeps the password it was first started with", async () => {
  const push = await robot(world, "push", "repository:pull", "repository:push");
  await push.push("media/app", "v1", image("a"));
  await world.restartCore("Another-Password-2");
  expect((await push.pull("media/app", "v1")).layers).toHaveLength(1);
  expect((await world.client("admin:Another-Password-2").api("GET", "/users/current")).status).toBe(401);
  expect((await world.admin.api("DELETE", "/projects/media")).status).toBe(412);
  expect((await world.admin.api("DELETE", "/projects/media/repositories/app")).status).toBe(200);
  expect((await world.admin.api("DELETE", "/projects/media")).status).toBe(200);
});

(hasRegistry ? officialTest : it.skip)("what core answers is as Harbor describes it", async () => {
  const description = HarborDescription.load();
  await world.admin.push("media/app", "v1", image("a"));
  await world.admin.api("POST", "/projects/media/repositories/app/artifacts/v1/scan");
  const { id } = await collectGarbage(world);
  await until(async () => world.core.objects.artifacts[0]?.scan.scan_status === "Success");
  const artifact = "/projects/media/repositories/app/artifacts";
  const paths = [
    ..."/health /systeminfo /systeminfo/volumes /statistics /permissions /users/current /users /users/1 /projects".split(
      " ",
    ),
    ..."/projects?name=me&page_size=5 /quotas /projects/media/repositories /projects/media/repositories/app".split(" "),
    "/projects/media/artifacts?with_scan_overview=true&latest_in_repository=true",
    ...[artifact, `${artifact}/v1`, `${artifact}/v1/tags`, "/scans/all/metrics"],
    ...["/system/gc?sort=-creation_time&page_size=1", `/system/gc/${id}`, "/system/gc/schedule"],
  ];
  for (const path of paths) {
    const { status, body, text } = await world.admin.api("GET", path);
    const url = new URL(`http://harbor/api/v2.0${path}`);
    const answer = text === "" ? undefined : body;
    expect([path, status, description.problems({ method: "GET", url, status, answer })]).toEqual([path, 200, []]);
  }
  const [volume] = (await world.admin.api("GET", "/systeminfo/volumes")).body.storage as Row[];
  expect(volume?.total).toBeGreaterThan(volume?.free as number);
});
