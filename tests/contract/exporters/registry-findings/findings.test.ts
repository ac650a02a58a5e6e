import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { buildSync } from "esbuild";

import { projectRoot } from "../../../../tools/versions";
import { FakeHarbor, type FakeArtifact } from "../../../helpers/unit/findings-harbor";
import { HarborDescription, officialTest } from "../../../helpers/contract/harbor-description";
import { canRun, eventually, freePorts, isOnPath, start, type Running } from "../../../helpers/contract/programs";

const source = resolve(projectRoot, "exporters/registry-findings/main.ts");
const mebibyte = 1024 * 1024;
/** What the container may use. */
const limit = 64 * mebibyte;

let folder: string;
let harbor: FakeHarbor;
let port: number;
let program: Running | undefined;
let env: Record<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "homelab-findings-"));
  // As the build does: one file, as in the container.
  buildSync({ entryPoints: [source], bundle: true, platform: "node", outfile: join(folder, "main.js") });
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  harbor = await FakeHarbor.start();
  [port = 0] = await freePorts(1);
  const data = join(folder, "data");
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data);
  const secret = join(folder, "secret");
  writeFileSync(secret, `${harbor.access.secret}\n`);
  env = {
    HARBOR_URL: harbor.access.url,
    ROBOT_NAME: harbor.access.robot,
    ROBOT_SECRET_FILE: secret,
    DATA_FOLDER: data,
    PORT: String(port),
    INTERVAL_SECONDS: "1",
  };
});
afterEach(async () => {
  await program?.stop();
  program = undefined;
  await harbor.stop();
});

/** Starts the program as the container does. The first line it writes is its process's number. */
function run(): Running {
  const command = 'echo $$; exec "$0" --max-old-space-size=24 main.js';
  return start("/bin/sh", ["-c", `cd ${folder} && ${command}`, process.execPath], env);
}

async function metrics(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.status).toBe(200);
  return answer.text();
}

const value = (text: string, sample: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${sample} `))
      ?.split(" ")
      .at(-1),
  );

/** Waits until `rounds` more rounds have been completed. */
async function afterRounds(rounds: number): Promise<string> {
  let text = "";
  for (let round = 0; round < rounds; round++) {
    const last = value(text, "registry_findings_last_success_timestamp_seconds") || 0;
    text = await eventually(
      async () => {
        const now = await metrics();
        expect(value(now, "registry_findings_last_success_timestamp_seconds")).toBeGreaterThan(last);
        return now;
      },
      { seconds: 60, program },
    );
  }
  return text;
}

/** Memory that no file backs, which is what counts against a container's limit for good. */
function anonymousMemory(pid: number): number {
  const file = `/proc/${pid}/status`;
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(existsSync(file) ? readFileSync(file, "utf8") : "")?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

const severities = ["Critical", "High", "Medium", "Low"];

function images(count: number, findings: number): FakeArtifact[] {
  return Array.from({ length: count }, (_, i) => ({
    repository: `team/app-${i}`,
    digest: `sha256:${String(i).padStart(64, "0")}`,
    push_time: "2026-11-01T12:00:00Z",
    scan: { status: "Success", report: `report-${i}`, end_time: "2026-11-20T04:00:00Z" },
    findings: Array.from({ length: findings }, (_, k) => ({
      id: `CVE-2026-${1000 + k}`,
      package: `package-${k}`,
      severity: severities[k % severities.length] ?? "",
    })),
  }));
}

(canRun("promtool", isOnPath("promtool")) ? test : test.skip)(
  "promtool has nothing to say against the metrics (CS-006)",
  async () => {
    harbor.artifacts.homelab = images(3, 4);
    harbor.quotas = [{ ref: { name: "homelab" }, hard: { storage: -1 }, used: { storage: 5 } }];
    harbor.robots = { 0: [{ name: 'robot$"findings\\', expires_at: -1, disable: false }] };
    harbor.collections = [
      { job_status: "Success", creation_time: "2026-11-15T03:00:00Z", update_time: "2026-11-15T03:02:00Z" },
    ];
    program = run();
    const text = await afterRounds(1);
    expect(value(text, 'registry_findings_open{severity="Critical"}')).toBe(3);
    expect(promtool(text)).toBe("");
    expect(promtool(text.replace("# HELP registry_findings_open", "# HELP other"))).not.toBe("");
  },
);

officialTest(
  "asks what Harbor describes, and is tested with what Harbor describes",
  async () => {
    const description = HarborDescription.load();
    harbor.artifacts.homelab = images(1, 1);
    harbor.quotas = [{ ref: { name: "homelab" }, hard: { storage: -1 }, used: { storage: 5 } }];
    harbor.robots = { 2: [{ name: "robot$homelab+ci", expires_at: -1, disable: false }] };
    harbor.collections = [{ job_status: "Error", creation_time: "2026-11-15T03:00:00Z" }];
    program = run();
    await afterRounds(1);
    expect([...new Set(harbor.requests)].sort()).toEqual([
      "GET /projects/2/artifacts?with_scan_overview=true&with_tag=false&sort=-id&page=1&page_size=100",
      `GET /projects/homelab/repositories/team%252Fapp-0/artifacts/sha256:${"0".repeat(64)}/additions/vulnerabilities`,
      "GET /projects?with_detail=false&page=1&page_size=100",
      "GET /quotas?reference=project&page=1&page_size=100",
      "GET /robots?page=1&page_size=100",
      "GET /robots?q=Level%3Dproject%2CProjectID%3D2&page=1&page_size=100",
      "GET /system/gc?page=1&page_size=100",
      "GET /systeminfo/volumes",
    ]);
    // The report of an artifact is described as a string, which holds the JSON that Harbor sends.
    const described = harbor.exchanges.map(({ answer, ...exchange }) => ({
      ...exchange,
      answer: exchange.url.pathname.endsWith("/vulnerabilities") ? JSON.stringify(answer) : answer,
    }));
    expect(described.flatMap((exchange) => description.problems(exchange))).toEqual([]);
    expect(
      description.problems({ method: "GET", url: new URL("/api/v2.0/gc", env.HARBOR_URL), status: 200 }),
    ).toHaveLength(1);
  },
  120_000,
);

test("dates survive a stop and a start, and a stop takes no time", async () => {
  harbor.artifacts.homelab = images(1, 1);
  program = run();
  await afterRounds(1);
  const before = Date.now();
  await program.stop();
  expect(Date.now() - before).toBeLessThan(2000);
  program = run();
  const text = await eventually(metrics, { program });
  expect(value(text, 'registry_findings_oldest_age_seconds{severity="Critical"}')).toBeGreaterThan(0);
});

test("H2: a login that is refused is said, without the secret, tried once a round, and unhealthy at once", async () => {
  writeFileSync(env.ROBOT_SECRET_FILE ?? "", "Another1Secret");
  env.INTERVAL_SECONDS = "600";
  program = run();
  await eventually(() => Promise.resolve(expect(program?.output()).toMatch(/401/)), { program });
  expect(program.output()).toMatch(
    /^\d+\n\S+Z GET \/robots\?\S+ 401 unauthorized; the robot ended, is disabled or .*\n$/,
  );
  expect(harbor.requests).toHaveLength(2);
  expect((await fetch(`http://127.0.0.1:${port}/healthy`)).status).toBe(503);
  expect(value(await metrics(), "registry_findings_rounds_failed_total")).toBe(1);
});

test("an environment that lacks something ends the program with the reason", () => {
  const result = spawnSync(process.execPath, [join(folder, "main.js")], { env: {}, encoding: "utf8" });
  expect([result.status, result.stderr]).toEqual([
    1,
    "Error: ROBOT_NAME is missing: the name the robot logs in with\n",
  ]);
});

test("500 artifacts with 2,000 findings, all scanned anew, keep to the container's memory", async () => {
  harbor.artifacts.homelab = images(500, 4);
  program = run();
  const text = await afterRounds(2);
  const pid = Number.parseInt(program.output());
  expect(value(text, 'registry_findings_open{severity="Critical"}')).toBe(500);
  const atRest = anonymousMemory(pid);
  for (const { scan } of harbor.artifacts.homelab) if (scan) scan.end_time = "2026-11-21T04:00:00Z";
  let peak = atRest;
  const sampler = setInterval(() => (peak = Math.max(peak, anonymousMemory(pid))), 20);
  await afterRounds(2);
  clearInterval(sampler);
  const shown = [atRest, peak].map((bytes) => `${(bytes / mebibyte).toFixed(1)} MiB`);
  process.stdout.write(`findings exporter: ${shown[0]} at rest, ${shown[1]} in a round\n`);
  expect(peak).toBeLessThan(limit);
});

test("one image with 10,000 findings does not break the memory's bound", async () => {
  harbor.artifacts.homelab = images(1, 10_000);
  program = run();
  const text = await afterRounds(1);
  expect(value(text, 'registry_findings_open{severity="Critical"}')).toBe(2500);
  const used = anonymousMemory(Number.parseInt(program.output()));
  process.stdout.write(`findings exporter: ${(used / mebibyte).toFixed(1)} MiB after a report of 10,000 findings\n`);
  expect(used).toBeLessThan(limit);
});

/** What promtool complains about. */
function promtool(text: string): string {
  const { error, stdout, stderr, status } = spawnSync("promtool", ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  if (error) throw error;
  return status === 0 ? "" : stdout + stderr;
}
