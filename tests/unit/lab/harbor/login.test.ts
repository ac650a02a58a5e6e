import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Row } from "../../../../lab/kit/rows";
import { adminPassword, HarborPage, LoneCore, type Reply } from "../../../helpers/unit/lab-harbor-core";
import { OpenIdProvider, type Human } from "../../../helpers/unit/openid-provider";

jest.setTimeout(30_000);

let provider: OpenIdProvider;
let harbor: LoneCore;
beforeEach(async () => {
  [provider, harbor] = [await OpenIdProvider.start(), await LoneCore.start()];
  for (const name of ["info", "warn", "error"] as const) jest.spyOn(console, name).mockReturnValue();
  await configure({ auth_mode: "oidc_auth" });
  await harbor.api("POST", "/api/v2.0/projects", { project_name: "homelab", metadata: {} });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all([provider.stop(), harbor.stop()]);
});

const configure = (changes: Row = {}): Promise<Reply> =>
  harbor.api("PUT", "/api/v2.0/configurations", {
    oidc_endpoint: provider.issuer,
    oidc_client_id: provider.client.id,
    oidc_client_secret: provider.client.secret,
    oidc_scope: "openid,profile,email,offline_access",
    oidc_user_claim: "preferred_username",
    oidc_groups_claim: "groups",
    oidc_admin_group: "admins",
    oidc_group_filter: "^(admins|family)$",
    oidc_auto_onboard: true,
    oidc_verify_cert: true,
    ...changes,
  });

const alice: Human = { sub: "sub-a", preferred_username: "alice", email: "alice@home.arpa", groups: ["admins", "vpn"] };
const bob: Human = { sub: "sub-b", preferred_username: "bob b", email: "bob@home.arpa", groups: ["family", "vpn"] };
const carol: Human = { sub: "sub-c", preferred_username: "carol", email: "carol@home.arpa", groups: ["friends"] };

/** A provider with a certificate of its own, in a folder of roots. */
async function overTls(folder: string): Promise<OpenIdProvider> {
  mkdirSync(join(folder, "roots"));
  const [key, cert] = [join(folder, "key"), join(folder, "roots", "root_ca.crt")];
  const subject = ["-subj", "/CN=provider", "-addext", "subjectAltName=IP:127.0.0.1"];
  const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  execFileSync("openssl", [...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return OpenIdProvider.start({ key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8"), host: "127.0.0.1" });
}

/** A browser that has gone to the provider and come back. */
async function logIn(human: Human, page = new HarborPage(harbor)): Promise<[HarborPage, Reply]> {
  const { headers } = await page.get("/c/oidc/login?redirect_url=/harbor/projects");
  const { pathname, search } = provider.login(headers.get("location") ?? "", human);
  return [page, await page.get(pathname + search)];
}

const memberOf = (group: string, role: number): Promise<Reply> =>
  harbor.api("POST", "/api/v2.0/projects/homelab/members", {
    role_id: role,
    member_group: { group_name: group, group_type: 3 },
  });

const names = ({ body }: Reply): string[] => (body as Row[]).map(({ name }) => name as string);

test("EF-015: the browser is sent to the provider with state and PKCE, and comes back with a session", async () => {
  const page = new HarborPage(harbor);
  const [, back] = await logIn(alice, page);
  const sent = provider.lastAuthorization.searchParams;
  expect(Object.fromEntries(sent)).toEqual({
    client_id: "client-1",
    response_type: "code",
    redirect_uri: "https://registry.home.arpa/c/oidc/callback",
    scope: "openid profile email offline_access",
    state: expect.stringMatching(/^.{20,}$/) as string,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    code_challenge_method: "S256",
  });
  expect([back.status, back.headers.get("location")]).toEqual([302, "/harbor/projects"]);
  expect((await page.get("/api/v2.0/users/current")).body).toMatchObject({
    username: "alice",
    email: "alice@home.arpa",
    sysadmin_flag: false,
    admin_role_in_auth: true,
    oidc_user_meta: { subiss: `sub-a${provider.issuer}` },
  });
});

test("EF-015: who is in the group of administrators may do everything, who is not may not", async () => {
  const [[admin], [member]] = [await logIn(alice), await logIn(bob)];
  expect((await admin.get("/api/v2.0/configurations")).status).toBe(200);
  expect((await member.get("/api/v2.0/configurations")).status).toBe(403);
  expect((await member.get("/api/v2.0/users/current")).body).toMatchObject({
    username: "bob_b",
    admin_role_in_auth: false,
  });
  expect(names(await admin.get("/api/v2.0/projects"))).toEqual(["library", "homelab"]);
});

test("EF-015: a group's members see its project, others do not, and only the filtered groups are kept", async () => {
  expect((await memberOf("family", 3)).status).toBe(201);
  const [[member], [stranger]] = [await logIn(bob), await logIn(carol)];
  expect(names(await member.get("/api/v2.0/projects"))).toEqual(["library", "homelab"]);
  expect((await member.get("/api/v2.0/projects/homelab")).body).toMatchObject({ name: "homelab" });
  expect(names(await stranger.get("/api/v2.0/projects"))).toEqual(["library"]);
  expect((await stranger.get("/api/v2.0/projects/homelab")).status).toBe(403);
  const groups = (await harbor.api("GET", "/api/v2.0/usergroups")).body as Row[];
  expect(groups.map(({ group_name, group_type }) => [group_name, group_type] as const)).toEqual([["family", 3]]);
});

test("EF-015: a second login is the same user, with the groups of today", async () => {
  await memberOf("family", 3);
  const [member] = await logIn(bob);
  await logIn({ ...bob, preferred_username: "robert", groups: [] }, member);
  expect((await member.get("/api/v2.0/users/current")).body.username).toBe("bob_b");
  expect(names(await member.get("/api/v2.0/projects"))).toEqual(["library"]);
  expect(((await harbor.api("GET", "/api/v2.0/users")).body as Row[]).length).toBe(1);
});

test("EF-015: claims that only the user info has are found", async () => {
  provider.onlyInUserinfo = ["groups", "email"];
  const [page] = await logIn(alice);
  expect((await page.get("/api/v2.0/users/current")).body).toMatchObject({
    email: "alice@home.arpa",
    admin_role_in_auth: true,
  });
});

test("EF-015: a forged return is refused", async () => {
  const page = new HarborPage(harbor);
  const { headers } = await page.get("/c/oidc/login");
  const back = provider.login(headers.get("location") ?? "", alice);
  expect((await new HarborPage(harbor).get(back.pathname + back.search)).body.errors).toMatchObject([
    { message: "State mismatch" },
  ]);
  expect((await page.get(`/c/oidc/callback?state=other&code=${back.searchParams.get("code")}`)).status).toBe(400);
  const state = back.searchParams.get("state");
  const denied = await page.get(`/c/oidc/callback?state=${state}&error=access_denied&error_description=no`);
  expect(denied.body.errors).toMatchObject([{ message: "OIDC callback returned error: access_denied - no" }]);
  expect((await page.get(`/c/oidc/callback?state=${state}&code=other`)).body.errors).toMatchObject([
    { message: expect.stringContaining("invalid_grant") as string },
  ]);
  expect((await page.get(back.pathname + back.search)).status).toBe(400); // a login is finished once
  expect((await page.get("/c/oidc/login?redirect_url=//evil.example/")).status).toBe(400);
});

test.each<[string, () => unknown, number]>([
  ["an issuer that calls itself otherwise", () => configure({ oidc_endpoint: provider.issuer.slice(0, -1) }), 500],
  ["a wrong secret", () => configure({ oidc_client_secret: "Wrong-Secret-1" }), 400],
  ["an ID token of another client", () => (provider.idClaims = { aud: "other" }), 500],
  ["an ID token that is signed with the secret", () => (provider.algorithm = "HS256"), 500],
  ["a claim that is missing", () => configure({ oidc_user_claim: "none" }), 500],
])("EF-015: nobody gets in with %s", async (_, change, status) => {
  await change();
  const page = new HarborPage(harbor);
  const began = await page.get("/c/oidc/login");
  const location = began.headers.get("location");
  const back = location === null ? undefined : provider.login(location, alice);
  const ended = back ? await page.get(back.pathname + back.search) : began;
  expect(ended.status).toBe(status);
  expect((await page.get("/api/v2.0/users/current")).status).toBe(401);
});

test("EF-015: without onboarding by itself, the browser is asked for a name", async () => {
  await configure({ oidc_auto_onboard: false });
  const [page, back] = await logIn(alice);
  expect(back.headers.get("location")).toBe("/oidc-onboard?username=alice&redirect_url=/harbor/projects");
  expect((await page.get("/api/v2.0/users/current")).status).toBe(401);
});

test("EF-015: a name that is taken is a conflict, the administrator's included", async () => {
  await logIn(alice);
  expect((await logIn({ ...carol, preferred_username: "alice" }))[1].status).toBe(409);
  expect((await logIn({ ...carol, preferred_username: "admin" }))[1].status).toBe(409);
});

test("EF-015: the provider's certificate must be vouched for by a root in the folder, unless that is switched off", async () => {
  const folder = mkdtempSync(join(tmpdir(), "harbor-roots-"));
  try {
    await provider.stop();
    provider = await overTls(folder);
    await configure();
    expect((await new HarborPage(harbor).get("/c/oidc/login")).status).toBe(500);
    await harbor.restart([join(folder, "roots"), join(folder, "none")]);
    expect((await logIn(alice))[1].status).toBe(302);
    await harbor.restart();
    await configure({ oidc_verify_cert: false });
    expect((await logIn(alice))[1].status).toBe(302);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("EC-7: the local administrator gets in while the provider is down, and nobody else by password", async () => {
  provider.down = /./;
  const page = new HarborPage(harbor);
  expect(
    (await page.send("POST", "/c/login", new URLSearchParams({ principal: "admin", password: adminPassword }))).body,
  ).toEqual({
    errors: [{ code: "FORBIDDEN", message: expect.stringContaining("CSRF token not found") as string }],
  });
  expect((await page.get("/c/oidc/login")).status).toBe(500);
  expect((await page.logIn("admin", "wrong")).status).toBe(401);
  expect((await page.logIn("admin", adminPassword)).status).toBe(200);
  expect((await page.get("/api/v2.0/users/current")).body).toMatchObject({ username: "admin", sysadmin_flag: true });
  expect((await page.get("/api/v2.0/configurations")).status).toBe(200);
  const other = await new HarborPage(harbor).logIn("alice", "password");
  expect([other.status, other.body]).toEqual([403, { redirect_location: "https://registry.home.arpa/c/oidc/login" }]);
});

test("EF-015: a session's change needs the token that its page got", async () => {
  const page = new HarborPage(harbor);
  await page.logIn("admin", adminPassword);
  const cookie = `sid=${page.session}`;
  const options = { method: "PUT", headers: { cookie }, body: JSON.stringify({ banner_message: "x" }) };
  expect((await fetch(`${harbor.url}/api/v2.0/configurations`, options)).status).toBe(403);
  expect((await page.send("PUT", "/api/v2.0/configurations", { banner_message: "x" })).status).toBe(200);
});

test("EF-015: logging out ends the session here, and at the provider where that is wanted", async () => {
  const [page] = await logIn(alice);
  expect((await page.get("/c/log_out")).body).toEqual({
    redirect_location: "https://registry.home.arpa/c/oidc/logout",
  });
  await configure({ oidc_logout: true });
  const there = new URL((await page.get("/c/oidc/logout")).headers.get("location") ?? "");
  expect(there.pathname).toBe("/application/o/test/end-session/");
  expect(there.searchParams.get("post_logout_redirect_uri")).toBe("https://registry.home.arpa/account/sign-in");
  expect((await page.get("/api/v2.0/users/current")).status).toBe(401);
});

test("EC-7: how people log in stays once somebody has, also after a restart", async () => {
  expect((await harbor.api("GET", "/api/v2.0/configurations")).body.auth_mode).toEqual({
    value: "oidc_auth",
    editable: true,
  });
  await logIn(alice);
  await harbor.restart();
  const refused = await configure({ auth_mode: "db_auth" });
  expect(refused.status).toBe(400);
  expect(refused.body.errors).toMatchObject([
    { message: "the auth mode cannot be modified as new users have been inserted into database" },
  ]);
  expect((await configure({ auth_mode: "oidc_auth" })).status).toBe(200);
  expect((await harbor.api("GET", "/api/v2.0/configurations")).body.auth_mode).toEqual({
    value: "oidc_auth",
    editable: false,
  });
  await harbor.api("DELETE", "/api/v2.0/users/3");
  expect((await configure({ auth_mode: "db_auth" })).status).toBe(200);
  expect((await new HarborPage(harbor).get("/c/oidc/login")).status).toBe(412);
});

describe("EF-015: docker login with a CLI secret", () => {
  const secret = "Cli-Secret-1";

  /** What a token is good for, or why there is none. */
  async function access(login: string, actions: string): Promise<unknown> {
    const scope = `service=harbor-registry&scope=repository:homelab/app:${actions}`;
    const { body } = await harbor.api("GET", `/service/token?${scope}`, undefined, login);
    const [, claims = ""] = (body.token as string).split(".");
    return (JSON.parse(Buffer.from(claims, "base64url").toString()) as { access: Row[] }).access[0]?.actions;
  }

  beforeEach(async () => {
    await memberOf("family", 3);
    const [page] = await logIn(bob);
    expect((await page.send("PUT", "/api/v2.0/users/3/cli_secret", { secret: "short" })).status).toBe(400);
    expect((await page.send("PUT", "/api/v2.0/users/4/cli_secret", { secret })).status).toBe(403);
    expect((await page.send("PUT", "/api/v2.0/users/3/cli_secret", { secret })).status).toBe(200);
  });

  test("a guest pulls and does not push; the secret is good for no settings", async () => {
    expect(await access(`bob_b:${secret}`, "pull,push")).toEqual(["pull"]);
    expect(await access("bob_b:Wrong-Secret-1", "pull")).toEqual([]);
    expect((await harbor.api("GET", "/api/v2.0/users/current", undefined, `bob_b:${secret}`)).status).toBe(401);
    expect(names(await harbor.api("GET", "/api/v2.0/projects", undefined, `bob_b:${secret}`))).toContain("homelab");
  });

  test("it is no good while the provider is down", async () => {
    provider.down = /openid-configuration/;
    expect(await access(`bob_b:${secret}`, "pull")).toEqual([]);
  });

  test("an access token that has ended is renewed", async () => {
    provider.tokenLife = 5; // less than Harbor's ten seconds before the end
    await logIn(bob);
    const renewals = (): number => provider.log.filter((line) => line === "POST /application/o/token/").length;
    const before = renewals();
    provider.tokenLife = 3600;
    expect(await access(`bob_b:${secret}`, "pull")).toEqual(["pull"]);
    expect(await access(`bob_b:${secret}`, "pull")).toEqual(["pull"]);
    expect(renewals()).toBe(before + 1);
  });

  test("after the provider's change of its key it is good again with the next login, or the next renewal", async () => {
    provider.rotateKey(true, "ES256");
    expect(await access(`bob_b:${secret}`, "pull")).toEqual([]);
    provider.tokenLife = 5;
    await logIn(bob);
    provider.rotateKey(true, "RS256");
    expect(await access(`bob_b:${secret}`, "pull")).toEqual(["pull"]);
    provider.tokenLife = 3600;
    await logIn(bob);
    expect(await access(`bob_b:${secret}`, "pull")).toEqual(["pull"]);
  });
});
