import { logIn, LoginRefused, type Person } from "../helpers/browser";
import { changedConfig, exportedState, onMachine, pulumi, start, type Settings } from "../helpers/e2e/lab";
import {
  authentik,
  browserOf,
  grafanaUser,
  json,
  proxmoxLogin,
  sites,
  sso,
  ssoOutputs,
  up,
  visit,
  type SsoOutputs,
} from "../helpers/e2e/sso";
import { waysIn } from "../helpers/e2e/sso-entrances";

const minute = 60_000;
const anna: Person & { totp?: string } = { username: "anna", password: "correct horse battery" };
const ben: Person = { username: "ben", password: "staple battery correct" };
const carl: Person = { username: "carl", password: "horse staple correct" };
let outputs: SsoOutputs;

const refusal = (url: string, person: Person): Promise<unknown> => visit(outputs, url, person).catch((error) => error);

const signOn = (config: Settings) => config["homelab:sso"] as { phase?: number; users: { username: string }[] };

beforeAll(async () => {
  expect((await start()).code).toBe(0);
  outputs = await ssoOutputs();
}, 60 * minute);

test(
  "US5.1: a second update changes nothing, and neither does its preview",
  async () => {
    expect(await up({}, "--expect-no-changes")).toMatch(/\d+ unchanged/);
  },
  5 * minute,
);

test(
  "US3.3: the link of a new user leads to a password of twelve letters, and works once",
  async () => {
    const browser = browserOf(outputs);
    const short = { ...anna, password: "short" };
    await expect(logIn(browser, outputs.ssoLinks.anna ?? "", short)).rejects.toThrow(/at least 12 letters/);
    await logIn(browser, `${sites.auth}/if/flow/homelab-recovery/`, anna);
    browser.close();
    for (const person of [ben, carl]) {
      const { steps } = await visit(outputs, outputs.ssoLinks[person.username] ?? "", person);
      expect(steps).toEqual(["homelab-recovery/ak-stage-prompt"]);
    }
    await expect(visit(outputs, outputs.ssoLinks.ben ?? "", ben)).rejects.toThrow();
  },
  2 * minute,
);

test(
  "EF-013: an administrator sets up a second factor at the first login, and is asked for it at the next",
  async () => {
    const first = await visit(outputs, `${sites.grafana}/login/generic_oauth`, anna);
    expect(first.steps).toEqual([
      "homelab-login/ak-stage-identification",
      "homelab-login/ak-stage-password",
      "homelab-login/ak-stage-authenticator-totp",
    ]);
    anna.totp = first.totpSecret;
    const second = await visit(outputs, `${sites.grafana}/login/generic_oauth`, anna);
    expect(second.steps.at(-1)).toBe("homelab-login/ak-stage-authenticator-validate");
  },
  2 * minute,
);

test(
  "US3.1, CS-004: Grafana sends to Authentik and back, with the role of the user's groups",
  async () => {
    const roles: unknown[] = [];
    for (const person of [anna, ben]) {
      const browser = browserOf(outputs);
      const { milliseconds, finalResponse } = await logIn(browser, `${sites.grafana}/login/generic_oauth`, person);
      // Who has a second factor first waits for the next code.
      if (!person.totp) console.info(`Login at Grafana through the whole chain: ${milliseconds} ms`);
      expect(finalResponse.url.origin).toBe(sites.grafana);
      roles.push(await grafanaUser(browser));
      browser.close();
    }
    expect(roles).toEqual([
      { login: "anna", role: "Admin", admin: true },
      { login: "ben", role: "Viewer", admin: false },
    ]);
  },
  2 * minute,
);

test(
  "US3.3, EF-012: who is in none of a service's groups gets in nowhere, by no way",
  async () => {
    for (const url of [`${sites.grafana}/login/generic_oauth`, `${sites.registry}/c/oidc/login`, `${sites.whoami}/`]) {
      expect(await refusal(url, carl)).toMatchObject({ message: expect.stringMatching(/access denied/) });
    }
  },
  2 * minute,
);

test(
  "US3.2, EF-015: Harbor needs no second login; administrators and members come from the groups",
  async () => {
    const browser = browserOf(outputs);
    await logIn(browser, `${sites.grafana}/login/generic_oauth`, ben);
    const { steps } = await logIn(browser, `${sites.registry}/c/oidc/login`, ben);
    expect(steps).toEqual([]);
    const user = json(await browser.open(`${sites.registry}/api/v2.0/users/current`));
    expect(user).toMatchObject({ username: "ben", admin_role_in_auth: false });
    const projects = json<{ name: string }[]>(await browser.open(`${sites.registry}/api/v2.0/projects`));
    expect(projects.map(({ name }) => name)).toEqual(["homelab"]);
    browser.close();
    const admins = browserOf(outputs);
    await logIn(admins, `${sites.registry}/c/oidc/login`, anna);
    expect(json(await admins.open(`${sites.registry}/api/v2.0/users/current`))).toMatchObject({
      username: "anna",
      admin_role_in_auth: true,
    });
    admins.close();
  },
  2 * minute,
);

test(
  "EF-015: a service without a login of its own is behind the edge's, and hears who it is from the edge alone",
  async () => {
    const stranger = browserOf(outputs);
    const unknown = await stranger.step(`${sites.whoami}/`, { headers: { "x-authentik-username": "anna" } });
    expect({ status: unknown.status, to: unknown.redirect?.hostname }).toMatchObject({ status: 302 });
    expect(unknown.text).not.toContain("homelab-lab upstream");
    stranger.close();
    const browser = browserOf(outputs);
    const { finalResponse } = await logIn(browser, `${sites.whoami}/album`, ben);
    expect(finalResponse).toMatchObject({ status: 200, url: new URL(`${sites.whoami}/album`) });
    const spoofed = await browser.open(`${sites.whoami}/`, { headers: { "x-authentik-groups": "admins" } });
    const { headers } = json<{ headers: Record<string, string> }>(spoofed);
    expect(headers).toMatchObject({ "x-authentik-username": "ben", "x-authentik-groups": "family" });
    browser.close();
  },
  2 * minute,
);

test(
  "US3.4: five failed logins lock out the right password too, for a while or until an administrator opens",
  async () => {
    for (let attempt = 1; attempt <= 5; attempt++) {
      await expect(visit(outputs, `${sites.whoami}/`, { ...ben, password: "not the password" })).rejects.toThrow();
    }
    const locked = await refusal(`${sites.whoami}/`, ben);
    expect(locked).toBeInstanceOf(LoginRefused);
    expect(locked).toMatchObject({
      message: expect.stringMatching(/Too many failed logins\. Try again in 20 minutes/),
    });
    for (const person of [ben, carl]) expect(await waysIn(outputs, person)).toEqual([]);
    expect((await sso("status")).output).toMatch(/^ben .* yes +\d{4}-/m);
    expect((await sso("unlock", "ben")).code).toBe(0);
    expect((await visit(outputs, `${sites.whoami}/`, ben)).finalResponse.status).toBe(200);
  },
  3 * minute,
);

test(
  "EF-014: logins and failures are kept as events, for 90 days",
  async () => {
    const of = async (action: string) =>
      authentik<{ pagination: { count: number } }>(outputs, "GET", `/events/events/?action=${action}`);
    expect((await of("login"))?.pagination.count).toBeGreaterThan(5);
    expect((await of("login_failed"))?.pagination.count).toBeGreaterThanOrEqual(5);
    expect(await authentik(outputs, "GET", "/admin/settings/")).toMatchObject({ event_retention: "days=90" });
  },
  minute,
);

test(
  "EC-8, EC-9: a new link lets in who forgot the password, and an administrator without second factor",
  async () => {
    const forgotten = await sso("recover", "carl");
    expect(forgotten.code).toBe(0);
    const link = /https:\/\/auth\.home\.arpa\/\S+/.exec(forgotten.output)?.[0] ?? "";
    expect((await visit(outputs, link, carl)).steps).toEqual(["homelab-recovery/ak-stage-prompt"]);
    const direct = await sso("recover", "anna", "--direct");
    const key = /https:\/\/auth\.home\.arpa\/recovery\/use-token\/\S+/.exec(direct.output)?.[0] ?? "";
    const browser = browserOf(outputs);
    await browser.open(key);
    expect((await logIn(browser, `${sites.grafana}/login/generic_oauth`, anna)).steps).toEqual([]);
    browser.close();
    expect((await sso("reset-second-factor", "anna")).code).toBe(0);
    const again = await visit(outputs, `${sites.grafana}/login/generic_oauth`, anna);
    expect(again.totpSecret).toBeDefined();
    anna.totp = again.totpSecret;
  },
  3 * minute,
);

test(
  "EC-8: a client's secret is rotated while people log in, and no login fails in between",
  async () => {
    let isDone = false;
    const rotation = sso("rotate", "grafana", "--yes").finally(() => (isDone = true));
    const results: string[] = [];
    while (!isDone) {
      const result = await refusal(`${sites.grafana}/login/generic_oauth`, ben);
      results.push(result instanceof Error ? result.message : "in");
    }
    const { code, output } = await rotation;
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    console.info(`${results.length} logins during the rotation`);
    expect(results.length).toBeGreaterThan(3);
    expect(new Set(results)).toEqual(new Set(["in"]));
    const provider = await authentik<{ results: object[] }>(outputs, "GET", "/providers/oauth2/?name=grafana");
    expect(provider?.results[0]).toMatchObject({ client_type: "confidential" });
  },
  5 * minute,
);

test(
  "EF-012: what was changed by hand is found by a refresh, and set right by the next update",
  async () => {
    const flag = { results: [] as { pk: string }[] };
    const bindings = (await authentik<typeof flag>(outputs, "GET", "/core/groups/?name=family")) ?? flag;
    const [family] = bindings.results;
    const users = await authentik<{ results: { pk: number }[] }>(outputs, "GET", "/core/users/?username=carl");
    await authentik(outputs, "POST", `/core/groups/${family?.pk}/add_user/`, { pk: users?.results[0]?.pk });
    await authentik(outputs, "PATCH", "/admin/settings/", { event_retention: "days=1" });
    const refresh = await pulumi(["refresh", "--yes", "--skip-preview"]);
    expect(refresh.output).toMatch(/sso-settings/);
    expect(await up()).toMatch(/~ 1 updated/);
    expect(await authentik(outputs, "GET", "/admin/settings/")).toMatchObject({ event_retention: "days=90" });
    await authentik(outputs, "POST", `/core/groups/${family?.pk}/remove_user/`, { pk: users?.results[0]?.pk });
  },
  8 * minute,
);

test(
  "EF-015: phase 2 puts Proxmox and Traefik's dashboard behind the single sign-on, by group; phase 1 takes it back",
  async () => {
    const phase2 = changedConfig((config) => (signOn(config).phase = 2));
    await up(phase2);
    const browser = browserOf(outputs);
    const { finalResponse } = await logIn(browser, `${sites.dashboard}/api/overview`, anna);
    expect(finalResponse.status).toBe(200);
    expect(json(finalResponse)).toHaveProperty("http.routers");
    expect(await refusal(`${sites.dashboard}/api/overview`, ben)).toMatchObject({ message: /access denied/ });
    const { username, rights } = await proxmoxLogin(browser, anna);
    expect(username).toBe("anna@sso");
    expect(rights["/vms"]).toHaveProperty(["VM.PowerMgmt"]);
    expect(rights["/"] ?? {}).not.toHaveProperty(["Sys.Modify"]);
    browser.close();
    await up();
    const closed = browserOf(outputs);
    await expect(closed.open(sites.dashboard)).resolves.toMatchObject({ status: 404 });
    expect((await closed.open(`${sites.proxmox}/api2/json/access/domains`)).text).not.toContain('"sso"');
    closed.close();
  },
  8 * minute,
);

test(
  "EC-7: while Authentik is down, services with accounts of their own let these in, and nothing else opens",
  async () => {
    expect((await onMachine("sudo docker stop authentik-server")).code).toBe(0);
    const browser = browserOf(outputs);
    const { registryAdmin } = (await ssoOutputs()) as unknown as {
      registryAdmin: { username: string; password: string };
    };
    const authorization = `Basic ${Buffer.from(`${registryAdmin.username}:${registryAdmin.password}`).toString("base64")}`;
    const current = await browser.step(`${sites.registry}/api/v2.0/users/current`, { headers: { authorization } });
    expect(json(current)).toMatchObject({ username: "admin", sysadmin_flag: true });
    expect((await browser.open(`${sites.grafana}/login`)).text).toMatch(/name="password"/);
    const guarded = await browser.step(`${sites.whoami}/`);
    expect(guarded.status).toBeGreaterThanOrEqual(500);
    expect(guarded.text).not.toContain("homelab-lab upstream");
    const local = await onMachine("sudo docker exec edge-traefik wget -qO- http://127.0.0.1:8082/api/overview");
    expect(local).toMatchObject({ code: 0, output: expect.stringContaining("routers") });
    browser.close();
    expect((await onMachine("sudo docker start authentik-server")).code).toBe(0);
  },
  3 * minute,
);

test(
  "US3.3: a friend who is taken out of the config has no account after the next update",
  async () => {
    const without = changedConfig((config) => {
      const users = signOn(config).users;
      signOn(config).users = users.filter(({ username }) => username !== "ben");
    });
    const browser = browserOf(outputs);
    await logIn(browser, `${sites.whoami}/`, ben);
    await up(without);
    expect(await refusal(`${sites.grafana}/login/generic_oauth`, ben)).toBeInstanceOf(LoginRefused);
    const users = await authentik<{ results: object[] }>(outputs, "GET", "/core/users/?username=ben");
    expect(users?.results).toEqual([]);
    browser.close();
  },
  5 * minute,
);

test(
  "Security: no secret in clear in the state, and none in the settings of a container",
  async () => {
    const state = await exportedState();
    const inspected = await onMachine("sudo docker inspect $(sudo docker ps -q)");
    const { ssoAdmin, ssoLinks } = outputs;
    for (const secret of [ssoAdmin.token, ssoAdmin.password, ...Object.values(ssoLinks)]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(state).not.toContain(secret);
      expect(inspected.output).not.toContain(secret);
    }
  },
  minute,
);
