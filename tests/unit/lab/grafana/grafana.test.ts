import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkExpression, evaluate } from "../../../../lab/grafana/expression";
import { startGrafana, type Grafana } from "../../../../lab/grafana/server";
import { SsoSettings } from "../../../../lab/grafana/sso-settings";
import { Browser, Provider } from "../../../helpers/unit/lab-grafana-login";

const adminPassword = "Grafana-Password-1";
const noRole = "IdP did not return a role attribute, please contact your administrator";
let folder: string;
let grafana: Grafana;
let provider: Provider;
let browser: Browser;
let errors: jest.SpyInstance;

const start = (): Promise<Grafana> =>
  startGrafana({
    listen: { address: "127.0.0.1", port: 0 },
    rootUrl: "https://grafana.home.arpa",
    transport: {},
    adminPassword,
    stateFile: join(folder, "grafana", "state.json"),
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "homelab-grafana-"));
  errors = jest.spyOn(console, "error").mockImplementation(() => undefined);
  grafana = await start();
  provider = await Provider.start();
  provider.claims = {
    sub: "u-1",
    preferred_username: "anna",
    name: "Anna",
    email: "anna@home.arpa",
    groups: ["family"],
  };
  browser = new Browser(`http://127.0.0.1:${grafana.port}`);
  set({});
});
afterEach(async () => {
  await Promise.all([grafana.close(), provider.stop()]);
  errors.mockRestore();
  rmSync(folder, { recursive: true });
});

/** What the program writes, with changes. */
function set(over: object): void {
  grafana.settings.put("generic_oauth", {
    enabled: true,
    name: "Authentik",
    clientId: "grafana",
    clientSecret: "Client-Secret-1",
    authUrl: `${provider.origin}/authorize`,
    tokenUrl: `${provider.origin}/token`,
    apiUrl: `${provider.origin}/user`,
    scopes: "openid,profile,email",
    usePkce: true,
    loginAttributePath: "preferred_username",
    roleAttributePath: "contains(groups[*], 'admins') && 'GrafanaAdmin' || contains(groups[*], 'family') && 'Viewer'",
    roleAttributeStrict: true,
    allowSignUp: true,
    ...over,
  });
}

/** A login from beginning to end; the error on the login page, where it ends there. */
async function logIn(visitor = browser): Promise<string | undefined> {
  const sent = await visitor.get("/login/generic_oauth");
  const back = await visitor.get(provider.authorize(sent.headers.get("location") ?? ""));
  expect(back.status).toBe(302);
  if (back.headers.get("location") === "/") return undefined;
  expect(back.headers.get("location")).toBe("/login");
  return /role="alert">([^<]*)</.exec(await (await visitor.get("/login")).text())?.[1];
}

describe("a login at the provider", () => {
  test("sends the browser there with PKCE and state, and shows whom it got back", async () => {
    const sent = await browser.get("/login/generic_oauth");
    const asked = new URL(sent.headers.get("location") ?? "");
    expect(asked.origin + asked.pathname).toBe(`${provider.origin}/authorize`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: "code",
      client_id: "grafana",
      redirect_uri: "https://grafana.home.arpa/login/generic_oauth",
      scope: "openid profile email",
      code_challenge_method: "S256",
    });
    await browser.get(provider.authorize(asked.href));
    expect(provider.requests[0]?.form.get("redirect_uri")).toBe("https://grafana.home.arpa/login/generic_oauth");
    expect(await browser.api("/user")).toMatchObject({
      login: "anna",
      email: "anna@home.arpa",
      isGrafanaAdmin: false,
      authLabels: ["Generic OAuth"],
    });
    expect(await browser.api("/user/orgs")).toEqual([{ orgId: 1, name: "Main Org.", role: "Viewer" }]);
    expect(await (await browser.get("/")).text()).toContain("Signed in as anna (Viewer)");
  });

  test("takes the role anew at each login", async () => {
    expect(await logIn()).toBeUndefined();
    provider.claims.groups = ["family", "admins"];
    expect(await logIn()).toBeUndefined();
    expect(await browser.api("/user/orgs")).toMatchObject([{ role: "Admin" }]);
    expect(await browser.api("/user")).toMatchObject({ id: 2, isGrafanaAdmin: false });
    set({ allowAssignGrafanaAdmin: true });
    await logIn();
    expect(await browser.api("/user")).toMatchObject({ id: 2, isGrafanaAdmin: true });
  });

  test("finds out that the provider wants the secret in the form", async () => {
    provider.takesHeader = false;
    expect(await logIn()).toBeUndefined();
  });

  test("reads the claims of the ID token before those of the user information", async () => {
    provider.inToken = ["sub", "preferred_username", "email", "groups"];
    set({ apiUrl: "" });
    expect(await logIn()).toBeUndefined();
    expect(provider.requests.map(({ path }) => path)).toEqual(["/token"]);
    expect(await browser.api("/user")).toMatchObject({ login: "anna" });
  });

  test.each<[string, () => void, string]>([
    ["is in no group with a role", () => (provider.claims.groups = ["friends"]), noRole],
    ["has no groups at all", () => delete provider.claims.groups, noRole],
    ["has no e-mail", () => delete provider.claims.email, "Provider didn't return an email address"],
    ["is new where nobody may sign up", () => set({ allowSignUp: false }), "Sign up is disabled"],
    ["has the e-mail of the local admin", () => (provider.claims.email = "admin@localhost"), "User sync failed"],
    ["has the login of the local admin", () => (provider.claims.preferred_username = "admin"), "User sync failed"],
  ])("refuses who %s", async (_case, change, message) => {
    change();
    expect(await logIn()).toBe(message);
    expect((await browser.get("/api/user")).status).toBe(401);
  });

  test("without strictness makes a viewer of who has no role", async () => {
    set({ roleAttributeStrict: false });
    provider.claims.groups = [];
    expect(await logIn()).toBeUndefined();
    expect(await browser.api("/user/orgs")).toMatchObject([{ role: "Viewer" }]);
  });

  test("refuses a state that is not this browser's", async () => {
    const sent = await new Browser(`http://127.0.0.1:${grafana.port}`).get("/login/generic_oauth");
    const foreign = provider.authorize(sent.headers.get("location") ?? "");
    await browser.get(foreign);
    expect(await (await browser.get("/login")).text()).toContain("Missing saved oauth state");
    await browser.get("/login/generic_oauth");
    await browser.get(foreign);
    expect(await (await browser.get("/login")).text()).toContain("Provided state does not match stored state");
    expect([...browser.cookies.keys()]).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  test("refuses a code whose verifier is another", async () => {
    const sent = await browser.get("/login/generic_oauth");
    const back = provider.authorize(sent.headers.get("location") ?? "");
    browser.cookies.set("oauth_code_verifier", "another");
    await browser.get(back);
    expect(await (await browser.get("/login")).text()).toContain("Failed to get token from provider");
  });

  test("fails with a wrong client secret, and where the provider is down", async () => {
    provider.secret = "Client-Secret-2";
    expect(await logIn()).toBe("Failed to get token from provider");
    const sent = await browser.get("/login/generic_oauth");
    const back = provider.authorize(sent.headers.get("location") ?? "");
    await provider.stop();
    await browser.get(back);
    expect(await (await browser.get("/login")).text()).toContain("Login failed");
    provider = await Provider.start();
  });

  test("is not there while it is switched off", async () => {
    set({ enabled: false });
    expect(await (await browser.get("/login")).text()).not.toContain("generic_oauth");
    expect((await browser.get("/login/generic_oauth")).headers.get("location")).toBe("/login");
  });
});

describe("a local login", () => {
  test("EC-7: works whatever the settings say, also where the login page is skipped", async () => {
    set({ autoLogin: true });
    const skipped = await browser.get("/login");
    expect([skipped.status, skipped.headers.get("location")]).toEqual([307, "/login/generic_oauth"]);
    const page = await (await browser.get("/login?disableAutoLogin=true")).text();
    expect(page).toContain('name="password"');
    expect((await browser.post("/login", { user: "admin", password: adminPassword })).status).toBe(200);
    expect(await browser.api("/user")).toMatchObject({ login: "admin", isGrafanaAdmin: true, authLabels: [] });
  });

  test("with a wrong password is refused", async () => {
    const answer = await browser.post("/login", { user: "admin", password: "wrong" });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ message: "Invalid username or password" });
    expect(browser.cookies.has("grafana_session")).toBe(false);
  });

  test("ends with a logout, which leads to the provider who came from there", async () => {
    set({ signoutRedirectUrl: "https://auth.home.arpa/end/" });
    await browser.post("/login", { user: "admin", password: adminPassword });
    expect((await browser.get("/logout")).headers.get("location")).toBe("/login");
    expect((await browser.get("/api/user")).status).toBe(401);
    await logIn();
    expect((await browser.get("/logout")).headers.get("location")).toBe("https://auth.home.arpa/end/");
    expect((await browser.get("/")).headers.get("location")).toBe("/login");
  });
});

test("settings, users and sessions outlive a restart", async () => {
  await logIn();
  const admin = new Browser(`http://127.0.0.1:${grafana.port}`);
  await admin.post("/login", { user: "admin", password: adminPassword });
  const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const body = JSON.stringify({ settings: { clientId: "kept", authUrl: "https://a.b/c", tokenUrl: "https://a.b/d" } });
  const path = "/api/v1/sso-settings/generic_oauth";
  const put = await fetch(`http://127.0.0.1:${grafana.port}${path}`, { method: "PUT", headers: { cookie }, body });
  expect(put.status).toBe(204);
  await grafana.close();
  grafana = await start();
  const again = new Browser(`http://127.0.0.1:${grafana.port}`);
  for (const [name, value] of browser.cookies) again.cookies.set(name, value);
  expect(await again.api("/user")).toMatchObject({ login: "anna" });
  expect((await again.get(path)).status).toBe(403);
  expect(grafana.settings.get("generic_oauth")).toMatchObject({ source: "database", settings: { clientId: "kept" } });
});

describe("the settings", () => {
  const minimal = { clientId: "a", authUrl: "https://a.b/c", tokenUrl: "https://a.b/d" };
  let settings: SsoSettings;
  beforeEach(() => (settings = new SsoSettings()));

  test("are those of the settings file where nothing was written", () => {
    expect(settings.get("generic_oauth")).toMatchObject({
      source: "system",
      settings: { enabled: false, name: "OAuth" },
    });
  });

  test("of a request replace all that was written before; what it leaves out is as in the settings file", () => {
    settings.put("generic_oauth", { ...minimal, name: "Home", usePKCE: true });
    expect(settings.current).toMatchObject({ name: "Home", use_pkce: true });
    settings.put("generic_oauth", minimal);
    expect(settings.get("generic_oauth")).toMatchObject({
      source: "database",
      settings: { name: "OAuth", usePkce: false, clientId: "a" },
    });
  });

  test("show secrets as asterisks, and asterisks keep a secret", () => {
    settings.put("generic_oauth", { ...minimal, clientSecret: "s", tlsClientKey: "k" });
    const shown = settings.get("generic_oauth").settings;
    expect(shown).toMatchObject({ clientSecret: "*********", tlsClientKey: "*********" });
    settings.put("generic_oauth", { ...shown, clientSecret: "t" });
    expect(settings.current).toMatchObject({ client_secret: "t", tls_client_key: "k" });
  });

  test.each<[object, number, string]>([
    [{ clientId: "" }, 400, "Client Id is required."],
    [{ authUrl: "auth" }, 400, "Auth URL is an invalid URL."],
    [{ usePkce: "maybe" }, 400, "Settings field is invalid"],
    [{ allowAssignGrafanaAdmin: true, skipOrgRoleSync: true }, 400, "Allow assign Grafana Admin"],
    [{ roleAttributePath: "groups[0]" }, 501, "the lab's Grafana evaluates only"],
    [{ loginAttributePath: "user.name" }, 501, "the lab's Grafana evaluates only"],
  ])("refuse %j", (over, status, message) => {
    let refusal: unknown;
    try {
      settings.put("generic_oauth", { ...minimal, ...over });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ status });
    expect(String(refusal)).toContain(message);
    expect(settings.stored).toBeUndefined();
  });

  test("of another way to log in, or none, cannot be removed", () => {
    for (const key of ["generic_oauth", "saml"]) {
      expect(() => settings.delete(key)).toThrow("The provider was not found.");
    }
  });
});

describe("expressions", () => {
  test.each([
    ["'Viewer'", {}, "Viewer"],
    ["contains(groups[*], 'a')", { groups: ["a"] }, undefined],
    ["contains(groups[*], 'a') && 'X' || 'Y'", { groups: [] }, "Y"],
    ["contains(groups[*], 'a') && 'X' || 'Y'", {}, undefined],
    ["'' || 'Y' && 'Z'", {}, "Z"],
  ])("%s of %j is %s", (expression, claims, value) => {
    expect(evaluate(expression, claims)).toBe(value);
  });

  test.each(["", "groups", "contains(roles[*], 'a') && 'X'", "'a' ||", "'a' 'b'", "('a')", "'a", "!'a'"])(
    "%j is refused, not guessed",
    (expression) => {
      expect(() => checkExpression(expression)).toThrow("the lab's Grafana evaluates only");
    },
  );
});
