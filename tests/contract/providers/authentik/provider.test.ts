import { selfSigned } from "../../../helpers/browser/certificate";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { program } from "../../../helpers/contract/authentik-program";
import { describeWithEngine, Engine, engineTimeout } from "../../../helpers/contract/engine";
import type { PulumiProject, Run } from "../../../helpers/contract/pulumi-project";

/** What {@link program} declares, and the stack. */
const all = 50;
const secrets = [/Client-Secret-\d/, /Token-Secret-1/, /Webhook-Secret-1/, /BEGIN (RSA )?PRIVATE KEY/, /flow_token=/];

describeWithEngine("with Pulumi's own engine", () => {
  let api: AuthentikApi;
  let engine: Engine;
  let project: PulumiProject;

  beforeAll(async () => {
    api = await AuthentikApi.start();
    const { key, cert } = selfSigned("auth.home.arpa", "rsa");
    engine = await Engine.start("authentik", program(api.connection.endpoint), {
      AUTHENTIK_TOKEN: api.connection.token,
      SIGNING_KEY: key,
      SIGNING_CERTIFICATE: cert,
    });
    ({ project } = engine);
  }, engineTimeout);

  afterAll(async () => {
    project?.remove();
    await api?.stop();
  });

  const run = (...args: string[]): Promise<Run> => engine.run(...args);
  const up = (): Promise<Run> => engine.up();
  const succeeds = (pattern: RegExp): object => ({ code: 0, output: expect.stringMatching(pattern) });

  test("the first preview shows everything and asks Authentik nothing", async () => {
    expect(await run("preview")).toMatchObject(succeeds(new RegExp(`\\+ ${all} to create`)));
    expect(api.log).toEqual([]);
  }, 180_000);

  test("the first update makes everything, and every secret is encrypted in the state", async () => {
    expect(await up()).toMatchObject(succeeds(new RegExp(`\\+ ${all} created`)));
    const { applications, outposts, brand, users } = api.objects;
    expect(applications.map(({ slug }) => slug as string).sort()).toEqual(["grafana", "whoami"]);
    expect(outposts[0]?.providers).toHaveLength(1);
    expect(api.objects.stagesOf(flow("homelab-login")).map(({ stage }) => stage.name as string)).toEqual([
      "homelab-identification",
      "homelab-locked",
      "homelab-password",
      "homelab-second-factor",
      "homelab-login",
    ]);
    expect(brand?.flow_recovery).toBe(flow("homelab-recovery").pk);
    expect(users.filter(({ username }) => ["jane", "joe"].includes(username as string))).toHaveLength(2);
    expect(api.objects.hidden.tokenKeys["homelab-robot"]).toBe("Token-Secret-1");
    expectNoSecret(project.state());
  }, 180_000);

  test("a second update changes nothing and asks Authentik nothing", async () => {
    api.log.splice(0);
    const { code, output, seconds } = await up();
    expect({ code, output }).toEqual(succeeds(new RegExp(`${all} unchanged`)));
    expect(api.log).toEqual([]);
    console.info(`An update of ${all} resources without a change: ${seconds} s`);
  }, 180_000);

  test("a refresh without a change writes nothing, and no recovery link is made again", async () => {
    api.log.splice(0);
    const refresh = await run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(refresh).toMatchObject(succeeds(new RegExp(`${all} unchanged`)));
    expect(api.log).not.toEqual([]);
    expect(api.writes()).toEqual([]);
  }, 180_000);

  test("a refresh finds what was changed by hand, and an update sets it right and nothing else", async () => {
    Object.assign(user("jane"), { is_active: false });
    Object.assign(application("grafana"), { meta_launch_url: "https://elsewhere.home.arpa" });
    api.objects.removeMember(group("family"), user("joe"));
    api.objects.addMember(group("family"), user("akadmin"));
    Object.assign(api.objects.settings, { reputation_upper_limit: 5 });
    const refresh = await run("refresh", "--yes", "--skip-preview");
    expect(refresh).toMatchObject(succeeds(/~ 3 updated\s+- 1 deleted/));
    api.log.splice(0);
    expect(await up()).toMatchObject(succeeds(/\+ 1 created\s+~ 3 updated/));
    expect(
      api
        .writes()
        .map((line) => line.replace(/[0-9a-f-]{36}|\d+/, "…"))
        .sort(),
    ).toEqual([
      "PATCH /admin/settings/",
      "PATCH /core/applications/grafana/",
      "PATCH /core/users/…/",
      "POST /core/groups/…/add_user/",
    ]);
    expect(user("jane").is_active).toBe(true);
    expect(
      api.objects
        .membersOf(group("family"))
        .map(({ username }) => username as string)
        .sort(),
    ).toEqual(["akadmin", "joe"]);
    expect(await run("preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 180_000);

  test("a client secret is changed in two steps, so that no login fails in between", async () => {
    project.write("index.js", program(api.connection.endpoint, 'clientSecret: "Client-Secret-2"'));
    const grafana = api.row("oauth2Providers", "name", "grafana");
    const states: string[] = [];
    api.objects.changed = () => states.push(`${grafana.client_type} ${grafana.client_secret}`);
    expect(await up()).toMatchObject(succeeds(/~ 2 updated/));
    api.objects.changed = () => undefined;
    expect([...new Set(states)]).toEqual(["public Client-Secret-2", "confidential Client-Secret-2"]);
    expectNoSecret(project.state());
  }, 180_000);

  test("what Authentik would refuse stops the preview with the remedy", async () => {
    project.write("index.js", program(api.connection.endpoint, 'redirectUri: "http://grafana.home.arpa/login"'));
    api.log.splice(0);
    const { code, output } = await run("preview");
    expect({ failed: code !== 0, output }).toEqual({
      failed: true,
      output: expect.stringMatching(/redirectUris.*https/),
    });
    expect(api.log).toEqual([]);
  }, 180_000);

  test("a revoked token is named as such, and nothing is taken for deleted", async () => {
    project.write("index.js", program(api.connection.endpoint, 'clientSecret: "Client-Secret-2"'));
    const tokens = api.objects.tokens.splice(0);
    const { code, output } = await run("refresh", "--yes", "--skip-preview");
    expect({ failed: code !== 0, output }).toEqual({
      failed: true,
      output: expect.stringMatching(/The API token was revoked, has expired/),
    });
    expect(output).not.toMatch(/deleted/);
    api.objects.tokens.push(...tokens);
    expect(await run("preview", "--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 180_000);

  test("a stack that lost its state takes over what is there, and makes nothing twice", async () => {
    const before = ids();
    await run("stack", "init", "again");
    api.fail({ match: "POST /core/applications", as: "reset" });
    expect(await up()).toMatchObject(succeeds(new RegExp(`\\+ ${all} created`)));
    expect(ids()).toEqual(before);
    expectNoSecret(project.state());
    expect(await run("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
  }, 180_000);

  test("destroy removes what the program made, and nothing of Authentik's own", async () => {
    expect(await run("destroy", "--yes", "--skip-preview")).toMatchObject(succeeds(new RegExp(`- ${all} deleted`)));
    const { applications, oauth2Providers, proxyProviders, rules, outposts, flows, users } = api.objects;
    expect([applications, oauth2Providers, proxyProviders, outposts[0]?.providers]).toEqual([[], [], [], []]);
    expect(rules.map(({ name }) => name as string)).toEqual(["default-notify-exception"]);
    expect(flows.filter(({ slug }) => (slug as string).startsWith("homelab"))).toEqual([]);
    expect(flows.map(({ slug }) => slug as string)).toContain("default-authentication-flow");
    expect(users.map(({ username }) => username as string)).toContain("akadmin");
  }, 180_000);

  test("a run that Authentik's errors stopped half-way is gone on with by the next", async () => {
    project.write("index.js", program(api.connection.endpoint));
    await run("stack", "init", "faulty");
    api.fail({ match: "POST /core/groups", as: 500, times: 99 });
    api.fail({ match: "POST /providers/oauth2", as: 503, times: 99 });
    const { code, output } = await up();
    expect({ failed: code !== 0, output }).toEqual({
      failed: true,
      output: expect.stringMatching(/Cannot create group \\?"(admins|family)\\?" in Authentik \(status 500\)/),
    });
    api.mend();
    expect(await up()).toMatchObject(succeeds(/created/));
    expect(await run("preview", "--refresh", "--expect-no-changes")).toMatchObject(
      succeeds(new RegExp(`${all} unchanged`)),
    );
    expect(api.objects.groups.filter(({ name }) => name === "family")).toHaveLength(1);
  }, 180_000);

  test("no command has printed a secret", () => expectNoSecret(engine.logs.join("\n")));

  const user = (username: string) => api.row("users", "username", username);
  const group = (name: string) => api.row("groups", "name", name);
  const flow = (slug: string) => api.row("flows", "slug", slug);
  const application = (slug: string) => api.row("applications", "slug", slug);

  /** The id of everything that a program can make. */
  function ids(): unknown {
    const { users, groups, applications, oauth2Providers, proxyProviders, flows, flowBindings, stages } = api.objects;
    const { policies, bindings, scopeMappings, keypairs, transports, rules } = api.objects;
    // Nobody is told an old recovery link: a user gets another one.
    const tokens = api.objects.tokens.filter(({ intent }) => intent !== "verification");
    const tables = [users, groups, applications, oauth2Providers, proxyProviders, flows, flowBindings, stages];
    return [...tables, policies, bindings, scopeMappings, keypairs, tokens, transports, rules].map((rows) =>
      rows.map(({ pk }) => pk as string | number).sort(),
    );
  }

  function expectNoSecret(text: string): void {
    for (const secret of [...secrets, new RegExp(api.connection.token)]) expect(text).not.toMatch(secret);
  }
});
