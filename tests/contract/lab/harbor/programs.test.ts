import { adminPassword, freePort, hasRegistry, World } from "../../../helpers/contract/lab-harbor-world";
import { LabClient } from "../../../helpers/contract/lab-harbor-client";
import { canRun } from "../../../helpers/contract/programs";
import { end, findPostgres, Programs } from "../../../helpers/contract/lab-harbor-programs";

const postgres = findPostgres();
const suite = hasRegistry && canRun("PostgreSQL's server", postgres !== undefined) ? describe : describe.skip;

suite("the programs that stand in for Harbor's, with a real database", () => {
  let world: World;
  let programs: Programs;
  let database: Record<string, string>;
  beforeAll(async () => {
    world = await World.start();
    programs = new Programs();
    database = await programs.startDatabase(postgres ?? "", await freePort());
  }, 60_000);
  afterAll(async () => {
    await programs?.stop();
    await world?.stop();
  }, 60_000);

  const prefixed = (prefix: string): Record<string, string> =>
    Object.fromEntries(Object.entries(database).map(([name, value]) => [`${prefix}_${name}`, value]));

  test("CS-003: core keeps everything in PostgreSQL, and ends at once when it is stopped", async () => {
    const [port, metrics] = [await freePort(), await freePort()];
    const base = `http://127.0.0.1:${port}`;
    const env = {
      ...{ ...world.environment(), ...prefixed("POSTGRESQL"), POSTGRESQL_DATABASE: "registry" },
      ...{ PORT: String(port), METRIC_ENABLE: "true", METRIC_PATH: "/metrics", METRIC_PORT: String(metrics) },
    };
    const first = await programs.start("core", env, `${base}/api/v2.0/ping`);
    const client = new LabClient(base, `admin:${adminPassword}`);
    const project = { project_name: "media", metadata: {}, storage_limit: 2 ** 20 };
    expect((await client.api("POST", "/projects", project)).status).toBe(201);
    expect((await client.push("media/app", "v1", { layers: [Buffer.alloc(5000, "'$q$\\")] })).status).toBe(201);
    const label = { name: "it's $q$ \\ ü :x", scope: "g" };
    expect((await client.api("POST", "/labels", label)).status).toBe(201);
    const stopped = await end(first, "SIGTERM");
    expect(stopped.code).toBe(0);
    expect(stopped.ms).toBeLessThan(3000);

    await programs.start("core", { ...env, HARBOR_ADMIN_PASSWORD: "Another-1" }, `${base}/api/v2.0/ping`);
    expect((await client.pull("media/app", "v1")).layers).toHaveLength(1);
    expect((await client.api("GET", "/labels?scope=g")).body).toMatchObject([{ name: label.name }]);
    expect((await client.api("GET", "/health")).body.status).toBe("healthy");
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(text).toMatch(/harbor_core_http_request_total\{method="GET",code="200",operation="v2_manifest"\} 1/);

    const exporter = await freePort();
    const url = `http://127.0.0.1:${exporter}/metrics`;
    const service = {
      HARBOR_SERVICE_SCHEME: "http",
      HARBOR_SERVICE_HOST: "127.0.0.1",
      HARBOR_SERVICE_PORT: String(port),
    };
    const settings = { HARBOR_EXPORTER_PORT: String(exporter), HARBOR_DATABASE_DBNAME: "registry" };
    await programs.start("exporter", { ...service, ...settings, ...prefixed("HARBOR_DATABASE") }, url);
    const lines = (await (await fetch(url)).text()).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "harbor_health 1",
        'harbor_up{component="database"} 1',
        'harbor_project_quota_byte{project_name="media"} 1048576',
        'harbor_project_quota_byte{project_name="library"} -1',
        expect.stringMatching(/^harbor_project_quota_usage_byte\{project_name="media"\} 5\d\d\d$/),
        'harbor_artifact_pulled{project_name="media"} 1',
      ]),
    );
  }, 60_000);

  test("the other programs start with the files that Harbor's are given, and end when they are stopped", async () => {
    const [jobs, jobMetrics, control, scanner] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const registry = programs.write("registry.yml", "storage:\n  filesystem:\n    rootdirectory: /storage\n");
    const controlConfig = `protocol: http\nport: ${control}\nregistry_config: ${registry}\n`;
    const jobConfig = [
      `protocol: http\nport: ${jobs}\nworker_pool:\n  workers: 3\n  backend: redis`,
      `job_loggers:\n  - name: FILE\n    settings:\n      base_dir: ${programs.folder}/jobs`,
      `metric:\n  enabled: true\n  path: /metrics\n  port: ${jobMetrics}\n`,
    ].join("\n");
    const env = world.environment();
    const url = (port: number, path: string): string => `http://127.0.0.1:${port}${path}`;
    const start = (name: string, at: string, config?: string) =>
      programs.start(name, env, at, ...(config ? ["-c", programs.write(`${name}.yml`, config)] : []));
    env.SCANNER_API_SERVER_ADDR = `:${scanner}`;
    const children = [
      await start("registryctl", url(control, "/api/health"), controlConfig),
      await start("jobservice", url(jobs, "/api/v1/stats"), jobConfig),
      await start("trivy-adapter", url(scanner, "/probe/healthy")),
    ];
    expect(await (await fetch(url(jobMetrics, "/metrics"))).text()).toContain("harbor_jobservice_info");
    const wrong = await fetch(url(control, `/api/registry/blob/sha256:${"0".repeat(64)}`), { method: "DELETE" });
    expect(wrong.status).toBe(401);
    expect((await fetch(url(jobs, "/api/v1/jobs"), { method: "POST", body: "{}" })).status).toBe(401);
    for (const child of children) expect(await end(child, "SIGTERM")).toMatchObject({ code: 0 });
    const alone = { ...env, CORE_URL: url(await freePort(), "") };
    // H7: without core, jobservice ends at once.
    expect(await programs.statusOf("jobservice", alone, "-c", programs.write("alone.yml", jobConfig))).toBe(1);
  }, 60_000);
});
