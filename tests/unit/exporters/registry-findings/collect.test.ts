import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Collector } from "../../../../exporters/registry-findings/collect";
import { FirstSeen } from "../../../../exporters/registry-findings/first-seen";
import { Harbor } from "../../../../exporters/registry-findings/harbor";
import { logger } from "../../../../exporters/registry-findings/log";
import { metrics } from "../../../../exporters/registry-findings/metrics";
import { FakeHarbor, type FakeArtifact } from "../../../helpers/unit/findings-harbor";

const hour = 3600 * 1000;
const day = 24 * hour;
const start = Date.parse("2026-11-01T12:00:00Z");
const patience = { attempts: 3, pause: 1, timeout: 500, longestWait: 5 };
const openssl = { id: "CVE-2026-0001", package: "openssl", severity: "Critical" };
const zlib = { id: "CVE-2026-0002", package: "zlib1g", severity: "High" };

let harbor: FakeHarbor;
let folder: string;
let now: number;
let lines: string[];
let collector: Collector;
let firstSeen: FirstSeen;

beforeEach(async () => {
  harbor = await FakeHarbor.start();
  folder = mkdtempSync(join(tmpdir(), "homelab-findings-"));
  now = start;
  lines = [];
  restart();
});

afterEach(async () => {
  await harbor.stop();
  rmSync(folder, { recursive: true });
});

/** As a new start of the container: only the file is left. */
function restart(): void {
  const log = logger([harbor.robot.secret], (line) => lines.push(line));
  firstSeen = FirstSeen.open(join(folder, "first-seen.json"), log);
  collector = new Collector(new Harbor(harbor.access, patience), firstSeen, log, () => now);
}

const round = (): Promise<boolean> => collector.round(AbortSignal.timeout(10_000));

/** The value of one sample; `undefined` where it is missing. */
function value(sample: string): number | undefined {
  const text = metrics(firstSeen, collector.readings, { started: start, failedRounds: 0 }, now);
  const line = text.split("\n").find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.split(" ").at(-1)?.replace("+Inf", "Infinity"));
}

const open = (severity: string) => value(`registry_findings_open{severity="${severity}"}`);
const untreated = (severity: string) => value(`registry_findings_untreated_7d{severity="${severity}"}`);
const ageOf = (severity: string) => (value(`registry_findings_oldest_age_seconds{severity="${severity}"}`) ?? 0) * 1000;

let digests = 0;
/** An artifact that was pushed and scanned now. */
function image(repository: string, findings: FakeArtifact["findings"], rest: Partial<FakeArtifact> = {}): FakeArtifact {
  const time = new Date(now).toISOString();
  const digest = `sha256:${String(++digests).padStart(64, "0")}`;
  return {
    repository,
    digest,
    push_time: time,
    scan: { status: "Success", report: `r${digests}`, end_time: time },
    findings,
    ...rest,
  };
}

const reportRequests = () => harbor.requests.filter((line) => line.includes("/vulnerabilities"));

test("CS-006: a finding keeps its first day when the image is built anew, and when the exporter is started anew", async () => {
  harbor.artifacts.homelab = [image("web", [openssl, zlib])];
  expect(await round()).toBe(true);
  expect([open("Critical"), open("High"), open("Low")]).toEqual([1, 1, 0]);
  now += 3 * day;
  harbor.artifacts.homelab.unshift(image("web", [openssl]));
  expect(await round()).toBe(true);
  expect([ageOf("Critical"), open("High")]).toEqual([3 * day, 0]);
  restart();
  expect(ageOf("Critical")).toBe(3 * day);
  now += 2 * day;
  expect(await round()).toBe(true);
  expect([ageOf("Critical"), open("Critical")]).toEqual([5 * day, 1]);
});

test("CS-006: exactly 7 days is not over 7 days", async () => {
  harbor.artifacts.homelab = [image("web", [openssl])];
  await round();
  now += 7 * day;
  expect(untreated("Critical")).toBe(0);
  now += 1;
  expect([untreated("Critical"), untreated("High")]).toEqual([1, 0]);
});

test("CS-006: a finding that was fixed is forgotten, and starts anew when it comes back", async () => {
  harbor.artifacts.homelab = [image("web", [openssl])];
  await round();
  now += 8 * day;
  harbor.artifacts.homelab = [image("web", [])];
  await round();
  expect([open("Critical"), untreated("Critical"), ageOf("Critical")]).toEqual([0, 0, 0]);
  harbor.artifacts.homelab = [image("web", [openssl])];
  await round();
  expect([open("Critical"), ageOf("Critical")]).toEqual([1, 0]);
});

test("CS-006: a finding of a repository that is deleted is forgotten", async () => {
  harbor.artifacts.homelab = [image("web", [openssl]), image("team/api", [openssl])];
  await round();
  expect(open("Critical")).toBe(2);
  harbor.artifacts.homelab.pop();
  await round();
  expect(open("Critical")).toBe(1);
});

test("CS-006: only the newest artifact of a repository counts, whatever order Harbor lists them in", async () => {
  const old = image("web", [openssl]);
  now += hour;
  const middle = image("web", [zlib]);
  now += hour;
  const newest = image("web", []);
  harbor.artifacts.homelab = [middle, newest, old];
  await round();
  expect([open("Critical"), open("High")]).toEqual([0, 0]);
});

test.each(["Error", "Running", "Stopped", undefined])(
  "CS-006: with a scan that is %s, nothing known of the repository vanishes",
  async (status) => {
    harbor.artifacts.homelab = [image("web", [openssl])];
    await round();
    now += day;
    const scan = status && { status, report: "later", end_time: "0001-01-01T00:00:00Z" };
    harbor.artifacts.homelab = [image("web", undefined, { scan: scan || undefined })];
    expect(await round()).toBe(true);
    expect([open("Critical"), ageOf("Critical")]).toEqual([1, day]);
    const failed = status === "Error" || status === "Stopped";
    expect(value('registry_findings_artifacts{state="failed"}')).toBe(failed ? 1 : 0);
    expect(value('registry_findings_artifacts{state="unscanned"}')).toBe(failed ? 0 : 1);
  },
);

test("a chart, which nothing scans, is no artifact that waits for its scan", async () => {
  harbor.artifacts.homelab = [image("chart", undefined, { scan: undefined, type: "CHART" }), image("web", [])];
  await round();
  const states = ["scanned", "unscanned", "failed"].map((state) =>
    value(`registry_findings_artifacts{state="${state}"}`),
  );
  expect(states).toEqual([1, 0, 0]);
});

test.each<[string, Parameters<FakeHarbor["fail"]>[1]]>([
  ["/projects?", 500],
  ["/projects?", 401],
  ["/projects/2/artifacts", "reset"],
  ["/projects/2/artifacts", "garbage"],
  ["/projects/homelab/repositories/team%252Fapi", 404],
  ["/projects/homelab/repositories/team%252Fapi", "half"],
])("CS-006: nothing is forgotten in a round in which %s ends with %s", async (match, as) => {
  harbor.artifacts.homelab = [image("web", [openssl]), image("team/api", [zlib])];
  await round();
  now += day;
  harbor.artifacts.homelab = [image("web", []), image("team/api", [zlib])];
  harbor.fail(match, as);
  expect(await round()).toBe(false);
  expect(lines).toHaveLength(1);
  expect([open("Critical"), open("High")]).toEqual([1, 1]);
  harbor.recover();
  expect(await round()).toBe(true);
  expect([open("Critical"), open("High"), ageOf("High")]).toEqual([0, 1, day]);
});

test("one report that cannot be read does not hide the others, and one refused part not the rest", async () => {
  harbor.artifacts.homelab = [image("web", [openssl]), image("team/api", [zlib])];
  harbor.fail("/projects/homelab/repositories/web", 500);
  harbor.fail("/robots", 403);
  expect(await round()).toBe(false);
  expect([open("Critical"), open("High"), value("registry_volume_free_bytes")]).toEqual([0, 1, 20e9]);
  expect(lines).toEqual([
    expect.stringMatching(/ GET \/robots\S+ 403 injected$/),
    expect.stringMatching(/ GET \/projects\/homelab\/repositories\/web\/artifacts\/\S+ 500 injected$/),
  ]);
});

test("a part that fails keeps its last values, and does not stop findings from being forgotten", async () => {
  harbor.quotas = [{ ref: { id: 2, name: "homelab" }, hard: { storage: 40e9 }, used: { storage: 5e9 } }];
  harbor.artifacts.homelab = [image("web", [openssl])];
  await round();
  harbor.artifacts.homelab = [image("web", [])];
  harbor.fail("/quotas", 500);
  expect(await round()).toBe(false);
  expect(value('registry_project_quota_used_bytes{project="homelab"}')).toBe(5e9);
  expect(open("Critical")).toBe(0);
});

test("a report is read once, and again after the next scan", async () => {
  const web = image("web", [openssl]);
  harbor.artifacts.homelab = [web];
  await round();
  await round();
  expect(reportRequests()).toHaveLength(1);
  web.scan = { status: "Success", report: "next", end_time: "2026-11-02T04:00:00Z" };
  web.findings = [zlib];
  await round();
  expect(reportRequests()).toHaveLength(2);
  expect([open("Critical"), open("High")]).toEqual([0, 1]);
});

test("repository names are encoded twice, and every page is read", async () => {
  const many = Array.from({ length: 250 }, (_, i) => image(`team/sub group/app-${i}`, [openssl]));
  harbor.artifacts.homelab = many;
  expect(await round()).toBe(true);
  expect(open("Critical")).toBe(250);
  const pages = harbor.requests.filter((line) => line.startsWith("GET /projects/2/artifacts"));
  expect(pages.map((line) => /[?&]page=(\d+)&page_size=100$/.exec(line)?.[1])).toEqual(["1", "2", "3"]);
  expect(reportRequests()[0]).toContain("/repositories/team%252Fsub%2520group%252Fapp-0/artifacts/sha256:");
});

test("CS-006: a list that loses a row while it is read makes no complete round", async () => {
  harbor.artifacts.homelab = Array.from({ length: 150 }, (_, i) => image(`app-${i}`, [openssl]));
  await round();
  // The last row of the second page is gone when that page is asked for.
  const all = harbor.artifacts.homelab;
  Object.defineProperty(harbor.artifacts, "homelab", {
    get: () =>
      harbor.requests.at(-1)?.includes("/2/artifacts") && /page=2/.test(harbor.requests.at(-1) ?? "")
        ? all.slice(1)
        : all,
  });
  expect(await round()).toBe(false);
  expect(lines).toEqual([expect.stringMatching(/GET \/projects\/2\/artifacts: the list changed while it was read$/)]);
  expect(open("Critical")).toBe(150);
});

test("a severity Harbor does not know counts as unknown; a severity that changes does not change the age", async () => {
  harbor.artifacts.homelab = [
    image("web", [
      { ...openssl, severity: "Low" },
      { ...zlib, severity: "Defcon" },
    ]),
  ];
  await round();
  now += day;
  harbor.artifacts.homelab = [image("web", [openssl, { ...zlib, severity: "Unknown" }])];
  await round();
  expect([open("Low"), open("Critical"), open("Unknown"), ageOf("Critical")]).toEqual([0, 1, 1, day]);
});

test("garbage collection, volumes, quotas, scans and robots are shown as Harbor has them", async () => {
  harbor.artifacts.homelab = [
    image("web", [], { scan: { status: "Success", report: "a", end_time: "2026-11-01T04:00:00Z" } }),
    image("api", [], { scan: { status: "Success", report: "b", end_time: "2026-11-01T05:00:00.500Z" } }),
  ];
  const run = (job_status: string, creation_time: string, update_time: string) => ({
    job_status,
    creation_time,
    update_time,
  });
  harbor.collections = [
    run("Error", "2026-10-25T03:00:00Z", "2026-10-25T03:01:00Z"),
    run("Success", "2026-10-18T03:00:00Z", "2026-10-18T03:02:00Z"),
  ];
  harbor.quotas = [
    { ref: { id: 2, name: "homelab" }, hard: { storage: 40e9 }, used: { storage: 5e9 } },
    { ref: { id: 1, name: "library" }, hard: { storage: -1 }, used: { storage: 0 } },
  ];
  harbor.robots = {
    0: [{ name: "robot$old", expires_at: 1, disable: true }],
    2: [{ name: "robot$homelab+ci", expires_at: 1_800_000_000, disable: false }],
  };
  expect(await round()).toBe(true);
  expect(value("registry_gc_last_success_timestamp_seconds")).toBe(Date.parse("2026-10-18T03:02:00Z") / 1000);
  expect(value('registry_gc_last_status{status="Error"}')).toBe(1);
  expect(value('registry_gc_last_status{status="Success"}')).toBe(0);
  expect(value("registry_scan_last_timestamp_seconds")).toBe(Date.parse("2026-11-01T05:00:00.500Z") / 1000);
  expect(value("registry_scan_oldest_timestamp_seconds")).toBe(Date.parse("2026-11-01T04:00:00Z") / 1000);
  expect([value("registry_volume_free_bytes"), value("registry_volume_total_bytes")]).toEqual([20e9, 50e9]);
  expect(value('registry_project_quota_used_bytes{project="homelab"}')).toBe(5e9);
  expect(value('registry_project_quota_limit_bytes{project="homelab"}')).toBe(40e9);
  expect(value('registry_project_quota_limit_bytes{project="library"}')).toBe(Infinity);
  expect(value('registry_robot_expiry_timestamp_seconds{robot="robot$findings"}')).toBe(Infinity);
  expect(value('registry_robot_expiry_timestamp_seconds{robot="robot$homelab+ci"}')).toBe(1_800_000_000);
  expect(value('registry_robot_expiry_timestamp_seconds{robot="robot$old"}')).toBeUndefined();
});

test("the file of dates is written only when something changed", async () => {
  harbor.artifacts.homelab = [image("web", [openssl])];
  await round();
  const file = join(folder, "first-seen.json");
  const written = readFileSync(file, "utf8");
  expect(JSON.parse(written)).toEqual({
    version: 1,
    repositories: { "homelab/web": { "CVE-2026-0001 openssl": [expect.any(String), "Critical"] } },
  });
  rmSync(file);
  await round();
  expect(() => readFileSync(file)).toThrow("ENOENT");
});

test("dates that cannot be written make the round fail, and are written by the next", async () => {
  harbor.artifacts.homelab = [image("web", [openssl])];
  rmSync(folder, { recursive: true });
  expect(await round()).toBe(false);
  expect(lines).toEqual([expect.stringContaining("ENOENT")]);
  folder = mkdtempSync(folder);
  restart();
  expect(await round()).toBe(true);
});
