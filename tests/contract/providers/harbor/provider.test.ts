import { HarborApi } from "../../../helpers/unit/harbor-api";
import { describeWithEngine, Engine, engineTimeout } from "../../../helpers/contract/engine";
import type { PulumiProject, Run } from "../../../helpers/contract/pulumi-project";

/** One of nearly everything, and labels to make it fifty. */
const program = (port: number, changes = ""): string => `
  const pulumi = require("@pulumi/pulumi");
  const harbor = require("./dist/providers/harbor");
  const connection = { endpoint: "http://127.0.0.1:${port}", password: process.env.HARBOR_PASSWORD };
  const settings = { quota: "40 GiB", image: "v*", labels: 39, ${changes} };
  new harbor.Configuration("harbor", { connection, selfRegistration: false, oidcClientSecret: "Oidc-Secret-1" });
  const project = new harbor.Project("media", { connection, name: "media", quota: settings.quota });
  const parent = { connection, project: project.name };
  const permissions = [{ project: project.name, access: ["repository:pull"] }];
  const robot = new harbor.RobotAccount("ci", { ...parent, name: "ci", expires: "365 days", permissions });
  const system = new harbor.RobotAccount("vm", {
    connection, name: "vm", expires: "never", chosenSecret: "Chosen-Secret-1",
    permissions: [{ project: "*", access: ["repository:pull"] }],
  }, { deleteBeforeReplace: true });
  new harbor.Retention("media", { ...parent, rules: [{ lastPushed: 10 }] });
  new harbor.ImmutableTags("media", { ...parent, tags: settings.image });
  new harbor.Webhook("chat", {
    ...parent, name: "chat", events: ["QUOTA_WARNING"], address: "https://chat.home.arpa", authHeader: "Header-Secret-1",
  });
  new harbor.GarbageCollection("gc", { connection, cron: "0 0 3 * * 0" });
  new harbor.ScanAll("scan", { connection, cron: "0 0 4 * * *" });
  new harbor.AuditPurge("purge", { connection, cron: "0 30 1 * * 0", keep: "90 days", events: ["pull_artifact"] });
  const hub = new harbor.RegistryEndpoint("hub", {
    connection, name: "hub", type: "docker-hub", url: "https://hub.docker.com", username: "me", password: "Hub-Secret-1",
  });
  new harbor.ProxyCacheProject("hub", { connection, name: "hub", registry: hub.name });
  for (let i = 1; i < settings.labels - 1; i++) new harbor.Label("label-" + i, { connection, name: "label-" + i });
  new harbor.Label("owner", { connection, name: "owner", description: pulumi.interpolate\`of \${robot.login}\` });
  exports.login = robot.login;
  exports.secret = robot.secret;
  exports.chosen = system.secret;
`;

const secrets = [/Generated-Secret-\d/, /Chosen-Secret-1/, /Oidc-Secret-1/, /Header-Secret-1/, /Hub-Secret-1/];

describeWithEngine("with Pulumi's own engine", () => {
  let api: HarborApi;
  let engine: Engine;
  let project: PulumiProject;

  beforeAll(async () => {
    api = await HarborApi.start();
    engine = await Engine.start("harbor", program(api.port), { HARBOR_PASSWORD: api.objects.password });
    ({ project } = engine);
  }, engineTimeout);

  afterAll(async () => {
    project?.remove();
    await api?.stop();
  });

  const run = (...args: string[]): Promise<Run> => engine.run(...args);
  const up = (): Promise<Run> => engine.up();

  test("the first preview shows everything and asks Harbor nothing", async () => {
    const { code, output } = await run("preview");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/\+ 51 to create/) });
    expect(api.log).toEqual([]);
  }, 60_000);

  test("the first update makes everything, and every secret is encrypted in the state", async () => {
    const { code, output } = await up();
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/\+ 51 created/) });
    expect(api.objects.projects.map(({ name }) => name).sort()).toEqual(["hub", "media"]);
    expect(api.objects.robots.map(({ name }) => name).sort()).toEqual(["robot$media+ci", "robot$vm"]);
    expectNoSecret(project.state());
    api.writes();
  }, 60_000);

  test("each resource has a type of its own, and a provider of one line in the state", () => {
    const { resources } = (JSON.parse(project.state()) as { deployment: { resources: StateResource[] } }).deployment;
    const robot = resources.find(({ urn }) => urn.endsWith("::ci"));
    expect(robot?.type).toBe("pulumi-nodejs:dynamic/harbor:RobotAccount");
    expect(robot?.inputs.__provider).toBe(
      'exports.handler=()=>require("homelab-providers").provider("harbor","RobotAccount")',
    );
    console.info(`One robot account in the state: ${JSON.stringify(robot).length} bytes`);
  });

  test("a second update changes nothing and asks Harbor nothing, also after the provider's code changed", async () => {
    api.log.splice(0);
    const { output, seconds } = await up();
    expect(output).toMatch(/51 unchanged/);
    expect(api.log).toEqual([]);
    console.info(`An update of 50 resources without a change: ${seconds} s`);
    project.edit("harbor/project.js", '"Cannot ', '"Could not ');
    project.edit("harbor/project.js", "exports.project =", "exports.changed = true; exports.project =");
    const preview = await run("preview", "--expect-no-changes");
    expect(preview).toMatchObject({ code: 0, output: expect.stringMatching(/51 unchanged/) });
  }, 60_000);

  test("a refresh finds what was changed by hand, and an update sets it right, without touching a secret", async () => {
    const secretsBefore = api.objects.robots.map(({ secret }) => secret as string);
    Object.assign(api.objects.robots[0] ?? {}, { disable: true });
    const media = api.objects.projects.find(({ name }) => name === "media");
    Object.assign(media?.metadata, { public: "true" });
    api.objects.labels.splice(0, 1);
    const refresh = await run("refresh", "--yes", "--skip-preview");
    // H1: and no robot of a project is taken for gone.
    expect(refresh).toMatchObject({ code: 0, output: expect.stringMatching(/~ 2 updated\s+- 1 deleted/) });
    expectNoSecret(project.state());
    expect(await up()).toMatchObject({ code: 0, output: expect.stringMatching(/\+ 1 created\s+~ 2 updated/) });
    expect(media?.metadata.public).toBe("false");
    expect(api.objects.robots.map(({ secret }) => secret as string)).toEqual(secretsBefore);
    const preview = await run("preview", "--refresh", "--expect-no-changes");
    expect(preview).toMatchObject({ code: 0, output: expect.stringMatching(/51 unchanged/) });
  }, 90_000);

  test("an object made again on demand (--replace, state taint) stays, but for a robot that is deleted first", async () => {
    const urn = (type: string, name: string) =>
      `urn:pulumi:test::harbor::pulumi-nodejs:dynamic/harbor:${type}::${name}`;
    const ids = () => [api.objects.projects, api.objects.labels].map((rows) => rows.map(({ id }) => id as number));
    const robot = (login: string) => api.objects.robots.find(({ name }) => name === login)?.id as number;
    const before = { ids: ids(), vm: robot("robot$vm") };
    expect(await run("state", "taint", urn("Label", "owner"), "--yes")).toMatchObject({ code: 0 });
    const replaced = [urn("Project", "media"), urn("RobotAccount", "vm")].flatMap((each) => ["--replace", each]);
    const { code, output } = await run("up", "--yes", "--refresh", ...replaced);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/\+-3 replaced/) });
    expect(output).toContain('warning: project "media" is not deleted: a resource of this update has it.');
    expect(ids()).toEqual(before.ids);
    expect(robot("robot$vm")).toBeGreaterThan(before.vm);
    expect(await run("preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 120_000);

  test("an argument that Harbor would refuse stops the preview with the remedy", async () => {
    project.write("index.js", program(api.port, 'quota: "40 gigs"'));
    const { code, output } = await run("preview");
    expect({ code, output }).toEqual({ code: expect.any(Number), output: expect.stringContaining('write "40 GiB"') });
    expect(code).not.toBe(0);
  }, 30_000);

  test("a stack that lost its state takes over what is there, once, and asks robots for new secrets", async () => {
    project.write("index.js", program(api.port));
    const ids = (): unknown =>
      [api.objects.projects, api.objects.robots, api.objects.labels].map((rows) => rows.map(({ id }) => id as number));
    const before = { ids: ids(), secrets: api.objects.robots.map(({ secret }) => secret as string) };
    const media = api.objects.projects.find(({ name }) => name === "media");
    Object.assign(media?.metadata, { public: "true" });
    await run("stack", "init", "again");
    api.fail({ match: "PUT /retentions", as: "reset" });
    expect(await up()).toMatchObject({ code: 0, output: expect.stringMatching(/\+ 51 created/) });
    expect(ids()).toEqual(before.ids);
    expect(media?.metadata.public).toBe("false");
    expect(secretOf("robot$vm")).toBe("Chosen-Secret-1");
    expect(before.secrets).not.toContain(secretOf("robot$media+ci"));
    expectNoSecret(project.state());
    expect(await run("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 60_000);

  test("H3: destroy removes everything that Harbor lets go, the purge of the audit log too", async () => {
    project.write("index.js", program(api.port));
    const { code, output } = await run("destroy", "--yes", "--skip-preview");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/- 51 deleted/) });
    const { projects, robots, labels, registries, schedules } = api.objects;
    expect([projects, robots, labels, registries]).toEqual([[], [], [], []]);
    expect(schedules).toEqual({ gc: undefined, scanAll: undefined, purgeaudit: undefined });
  }, 60_000);

  const secretOf = (login: string): unknown => api.objects.robots.find(({ name }) => name === login)?.secret;

  test("no command has printed a secret", () => expectNoSecret(engine.logs.join("\n")));

  function expectNoSecret(text: string): void {
    for (const secret of [...secrets, new RegExp(api.objects.password)]) expect(text).not.toMatch(secret);
  }
});

interface StateResource {
  urn: string;
  type: string;
  inputs: Record<string, unknown>;
}
