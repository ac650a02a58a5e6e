import { changedConfig, exportedState, onMachine, pulumi, run, start } from "../helpers/e2e/lab";
import {
  api,
  clientSays,
  dockerLogin,
  eventually,
  host,
  makeImage,
  onClient,
  push,
  registryOutputs,
  up,
  type RegistryOutputs,
} from "../helpers/e2e/registry";

const minute = 60_000;

/** The stack's own quota, and a retention that a test can watch. */
const fewTags = changedConfig((config) => (config["homelab:registry"] = { keepTags: 2 }));
let outputs: RegistryOutputs;

beforeAll(async () => {
  expect((await start()).code).toBe(0);
  expect((await run("npm", ["run", "--silent", "lab:client"])).code).toBe(0);
  outputs = await registryOutputs();
}, 60 * minute);

// Suites run in any order, and the lab's own counts the machines that are left.
afterAll(async () => {
  expect((await run("npm", ["run", "--silent", "lab:client-down"])).code).toBe(0);
}, minute);

test("EF-006: before it is prepared, a machine trusts neither the registry nor has a login", async () => {
  const { code, output } = await onClient(`docker pull ${outputs.registryPush.project}/app:v1`);
  expect(code).not.toBe(0);
  expect(output).toMatch(/certificate/);
});

test(
  "EF-006: one command prepares a machine to pull, and a second run changes nothing",
  async () => {
    const first = await run("npm", ["run", "--silent", "lab:registry-client"]);
    expect(first.code).toBe(0);
    expect(first.output).toContain(`Docker now trusts the root for ${host}`);
    const second = await run("npm", ["run", "--silent", "lab:registry-client"]);
    expect(second.code).toBe(0);
    expect(second.output).toContain(`Docker trusts the root for ${host} already`);
    for (const { output } of [first, second]) expect(output).not.toContain(outputs.registryClient.password);
  },
  2 * minute,
);

test(
  "US2.4: a push without a login is refused, and so is one with the login that may pull",
  async () => {
    await makeImage(outputs, "app:v1", 5);
    await onClient(`docker logout ${host}`);
    const without = await push(outputs, "app:v1");
    expect(without.code).not.toBe(0);
    expect(without.output).toMatch(/unauthorized|denied|no basic auth/i);
    await dockerLogin(outputs.registryClient);
    const pulling = await push(outputs, "app:v1");
    expect(pulling.code).not.toBe(0);
    expect(pulling.output).toMatch(/unauthorized|denied/i);
  },
  2 * minute,
);

test(
  "US2.1, EF-006: an image is pushed by a build and pulled by the machine that was prepared, over HTTPS",
  async () => {
    await dockerLogin(outputs.registryPush);
    expect((await push(outputs, "app:v1")).code).toBe(0);
    const image = `${outputs.registryPush.project}/app:v1`;
    const pulled = await clientSays(`docker rmi ${image} >/dev/null && sudo docker pull --quiet ${image}`);
    expect(pulled).toBe(image);
  },
  2 * minute,
);

test("US2.2, EF-007: the web page is there, and what is not public is not", async () => {
  const page = (path: string) =>
    onMachine(
      `curl -s -o /dev/null -w '%{http_code} %{content_type}' --cacert /srv/edge/root_ca.crt ` +
        `--resolve ${host}:443:198.18.60.60 https://${host}${path}`,
    );
  expect((await page("/")).output).toMatch(/^200 text\/html/);
  expect((await page("/harbor/projects")).output).toMatch(/^200 text\/html/);
  expect((await page("/api/v2.0/projects/homelab")).output).toMatch(/^401/);
  // Nothing of core: the portal answers with its page.
  expect((await page("/service/notifications/jobs/adminjob/1")).output).toMatch(/^200 text\/html/);
});

test(
  "EF-008, CS-006: what a scan finds is told with its age, by an exporter that may read and nothing else",
  async () => {
    const label = 'arpa.home.lab.findings="CVE-2026-0001:Critical:openssl:3.0.1:3.0.2"';
    await makeImage(outputs, "leaky:v1", 1, "/dev/urandom", label);
    expect((await push(outputs, "leaky:v1")).code).toBe(0);
    await onMachine("sudo docker restart harbor-findings");
    await eventually(async () => {
      const { output } = await onMachine("sudo docker exec harbor-findings wget -q -O - http://127.0.0.1:9100/metrics");
      expect(output).toContain('registry_findings_open{severity="Critical"} 1\n');
      expect(output).toContain('registry_findings_untreated_7d{severity="Critical"} 0\n');
    });
    // A build that fixes it is the treatment.
    await makeImage(outputs, "leaky:v2", 1);
    expect((await push(outputs, "leaky:v2")).code).toBe(0);
    await onMachine("sudo docker restart harbor-findings");
    await eventually(async () => {
      const { output } = await onMachine("sudo docker exec harbor-findings wget -q -O - http://127.0.0.1:9100/metrics");
      expect(output).toContain('registry_findings_open{severity="Critical"} 0\n');
    });
  },
  4 * minute,
);

test("US4.1: Harbor's own figures are there: core, jobservice, registry, exporter", async () => {
  const read = async (container: string, url: string) =>
    (await onMachine(`sudo docker exec ${container} curl -s ${url}`)).output;
  expect(await read("harbor-core", "http://core:9090/metrics")).toMatch(/^harbor_core_/m);
  expect(await read("harbor-core", "http://jobservice:9090/metrics")).toMatch(/^harbor_jobservice_/m);
  expect(await read("harbor-core", "http://registry:9090/metrics")).toMatch(/^registry_storage_/m);
  expect(await read("harbor-core", "http://exporter:8080/metrics")).toMatch(/^harbor_project_quota_byte\{.*homelab/m);
});

test(
  "EC-6: a push over the quota is refused with a message that says so, and the stack's own quota lets it pass",
  async () => {
    await up(changedConfig((config) => (config["homelab:registry"] = { quota: "32 MiB" })));
    await makeImage(outputs, "big:v1", 64);
    const refused = await push(outputs, "big:v1");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/exceed the configured upper limit of 32\.0 MiB/);
    await up(fewTags);
    expect((await push(outputs, "big:v1")).code).toBe(0);
  },
  5 * minute,
);

test(
  "EF-009: retention keeps the images pushed last, and garbage collection frees the space of the others",
  async () => {
    for (const tag of ["v1", "v2", "v3", "v4"]) {
      await makeImage(outputs, `rotating:${tag}`, 20);
      expect((await push(outputs, `rotating:${tag}`)).code).toBe(0);
    }
    const project = await api<{ metadata: { retention_id: string } }>(outputs, "GET", "/projects/homelab");
    await api(outputs, "POST", `/retentions/${project.metadata.retention_id}/executions`, { dry_run: false });
    const tags = async () => {
      const rows = await api<{ tags: { name: string }[] }[]>(
        outputs,
        "GET",
        "/projects/homelab/repositories/rotating/artifacts",
      );
      return rows.flatMap((row) => row.tags.map(({ name }) => name)).sort();
    };
    await eventually(async () => expect(await tags()).toEqual(["v3", "v4"]));

    const used = async () =>
      Number((await onMachine("sudo du -sm /srv/harbor/data/storage | cut -f1")).output.trim().split("\n").at(-1));
    const before = await used();
    // Harbor leaves alone what is younger than two hours: the images are made older.
    await olderImages();
    await api(outputs, "POST", "/system/gc/schedule", { schedule: { type: "Manual" }, parameters: { workers: 1 } });
    await eventually(async () => expect(before - (await used())).toBeGreaterThanOrEqual(39));
    await clientSays(`docker pull --quiet ${outputs.registryPush.project}/rotating:v4`);
    await up();
  },
  6 * minute,
);

test(
  "EC-6, EF-010: an image of 6 GB is pushed through the edge, and pulled",
  async () => {
    const image = `${outputs.registryPush.project}/huge:v1`;
    await makeImage(outputs, "huge:v1", 6144, "/dev/zero");
    expect((await push(outputs, "huge:v1")).code).toBe(0);
    await clientSays(`docker rmi ${image} >/dev/null && docker pull --quiet ${image}`);
    expect(Number(await clientSays(`docker image inspect --format '{{.Size}}' ${image}`))).toBeGreaterThan(6e9);
    await clientSays(`docker rmi ${image} >/dev/null`);
  },
  20 * minute,
);

test(
  "US5.2: what was changed in Harbor by hand is found, and set right by the next update",
  async () => {
    expect((await pulumi(["drift"])).code).toBe(0);
    await api(outputs, "PUT", "/projects/homelab", { metadata: { public: "true", auto_scan: "false" } });
    await api(outputs, "PUT", "/system/scanAll/schedule", { schedule: { type: "None" } });
    const robots = await api<{ id: number; name: string }[]>(outputs, "GET", "/robots");
    const pull = robots.find(({ name }) => name === "robot$pull");
    await api(outputs, "DELETE", `/robots/${pull?.id}`);

    const drift = await pulumi(["drift", "--markdown"]);
    expect(drift.code).toBe(7);
    for (const name of ["registry-project", "registry-scan", "registry-pull-robot"]) {
      expect(drift.output).toContain(name);
    }
    await up({}, "--refresh");
    const project = await api<{ metadata: Record<string, string> }>(outputs, "GET", "/projects/homelab");
    expect(project.metadata).toMatchObject({ public: "false", auto_scan: "true" });
    // A robot that is made again has another secret: the machines that pull are prepared again.
    outputs = await registryOutputs();
    expect((await run("npm", ["run", "--silent", "lab:registry-client"])).code).toBe(0);
    await clientSays(`sudo docker pull --quiet ${outputs.registryPush.project}/app:v1`);
  },
  5 * minute,
);

test(
  "EF-010: images, projects and robots survive containers that are replaced",
  async () => {
    await onMachine("sudo docker rm -f harbor-core harbor-database harbor-registry");
    await up({}, "--refresh");
    await clientSays(`sudo docker pull --quiet ${outputs.registryPush.project}/app:v1`);
    expect((await pulumi(["preview", "--expect-no-changes"])).code).toBe(0);
  },
  5 * minute,
);

test("Security: no password of the registry in state, container settings or processes", async () => {
  const state = await exportedState();
  const inspected = (await onMachine("sudo docker inspect $(sudo docker ps -aq); sudo ps axwwe")).output;
  const environment = (await onMachine("sudo cat /srv/harbor/core/run/homelab/secrets.env")).output;
  const core = environment.split("\n").flatMap((line) => /(?:SECRET|PASSWORD|KEY)=(.+)$/.exec(line)?.[1] ?? []);
  expect(core.length).toBeGreaterThanOrEqual(6);
  for (const secret of [...core, outputs.registryPush.password, outputs.registryClient.password]) {
    expect(state).not.toContain(secret);
  }
  for (const secret of [
    outputs.registryPush.password,
    outputs.registryClient.password,
    outputs.registryAdmin.password,
  ]) {
    expect(inspected.split("\n").filter((line) => line.includes(secret) && !line.includes("HARBOR_ADMIN"))).toEqual([]);
  }
});

/** Sets the clock of what was pushed back by a day, in the database of the lab's stand-in. */
async function olderImages(): Promise<void> {
  const blobs = `SELECT jsonb_object_agg(key, value || jsonb_build_object('time', (value->>'time')::bigint - 86400000))
    FROM jsonb_each(document::jsonb->'blobs')`;
  const sql = `UPDATE homelab_harbor SET document = jsonb_set(document::jsonb, '{blobs}', (${blobs}))`;
  const psql = `docker exec -i harbor-database psql -q -h 127.0.0.1 -U postgres -d registry`;
  const { code, output } = await onMachine(
    `sudo docker stop harbor-core >/dev/null && echo "${sql.replaceAll("\n", " ")}" | sudo ${psql} && sudo docker start harbor-core >/dev/null`,
  );
  expect({ code, output }).toEqual({ code: 0, output: "" });
  await eventually(() => api(outputs, "GET", "/health"));
}
