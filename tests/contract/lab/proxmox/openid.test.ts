import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lookupAt } from "../../../../lab/house";
import { OpenIdProvider, type Human } from "../../../helpers/unit/openid-provider";
import { nameServer } from "../../../helpers/contract/programs";
import { refusal, TestNode, type Answer, type Parameters } from "../../../helpers/contract/proxmox-node";

jest.setTimeout(30_000);

const host = "auth.home.arpa";
const redirectUrl = "https://pve-mon.home.arpa";
const folder = mkdtempSync(join(tmpdir(), "proxmox-openid-"));
const rootFile = join(folder, "root_ca.crt");

let dns: Awaited<ReturnType<typeof nameServer>>;
let provider: OpenIdProvider;
let node: TestNode;

beforeAll(async () => {
  const key = join(folder, "key");
  const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  execFileSync("openssl", [...options, ...subject, "-keyout", key, "-out", rootFile], { stdio: "ignore" });
  dns = await nameServer();
  provider = await OpenIdProvider.start({ key: readFileSync(key, "utf8"), cert: readFileSync(rootFile, "utf8"), host });
});

beforeEach(async () => {
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const lookup = lookupAt(`127.0.0.1:${dns.port}`);
  node = new TestNode({}, { roots: () => [readFileSync(rootFile, "utf8")], lookup });
  await node.start();
  await make("POST", "/access/domains", {
    realm: "authentik",
    type: "openid",
    "issuer-url": provider.issuer,
    "client-id": provider.client.id,
    "client-key": provider.client.secret,
    "username-claim": "username",
    autocreate: 1,
    "groups-claim": "groups",
    "groups-autocreate": 0,
    "groups-overwrite": 1,
    scopes: "email profile",
    "query-userinfo": 1,
  });
  await make("POST", "/access/groups", { groupid: "admins-authentik" });
  await make("PUT", "/access/acl", { path: "/", roles: "PVEAuditor", groups: "admins-authentik" });
});

afterEach(async () => {
  jest.restoreAllMocks();
  Object.assign(provider, { metadata: {}, idClaims: {}, onlyInUserinfo: [], algorithm: undefined, down: undefined });
  await node.remove();
});

afterAll(async () => {
  dns.close();
  await provider.stop();
  rmSync(folder, { recursive: true });
});

async function make(method: string, path: string, parameters: Parameters): Promise<void> {
  const answer = await node.call(method, path, parameters);
  if (answer.status !== 200) throw new Error(JSON.stringify(refusal(answer)));
}

const alice: Human & Record<string, unknown> = {
  sub: "sub-a",
  preferred_username: "alice",
  email: "alice@home.arpa",
  given_name: "Alice",
  groups: ["admins", "family", "with blank"],
};

const anonymous = (path: string, parameters: Parameters): Promise<Answer> => node.send("POST", path, parameters, {});
const authUrl = (realm = "authentik"): Promise<Answer> =>
  anonymous("/access/openid/auth-url", { realm, "redirect-url": redirectUrl });

/** What the browser does: to the provider, back to the page, and from there to the API. */
async function logIn(human: Human): Promise<Answer> {
  const { searchParams } = provider.login(String((await authUrl()).data), human);
  const brought = { code: searchParams.get("code") ?? "", state: searchParams.get("state") ?? "" };
  return anonymous("/access/openid/login", { ...brought, "redirect-url": redirectUrl });
}

/** Calls the API with the ticket of a login. */
function as({ data }: Answer, method: string, path: string, parameters: Parameters = {}, guarded = true) {
  const { ticket, CSRFPreventionToken } = data as Record<string, string>;
  const cookie = `PVEAuthCookie=${encodeURIComponent(ticket ?? "")}`;
  return node.send(method, path, parameters, {
    cookie,
    ...(guarded && { csrfpreventiontoken: CSRFPreventionToken ?? "" }),
  });
}

const user = async (id: string): Promise<unknown> => (await node.call("GET", `/access/users/${id}`)).data;

const failed = [401, "authentication failure"];

test("EF-015: the browser is sent to the provider with state, nonce and PKCE", async () => {
  const { data } = await authUrl();
  const { origin, searchParams } = new URL(String(data));
  expect(origin).toBe(new URL(provider.issuer).origin);
  expect(Object.fromEntries(searchParams)).toEqual({
    client_id: "client-1",
    response_type: "code",
    redirect_uri: redirectUrl,
    scope: "openid email profile",
    state: expect.stringMatching(/^\{"csrf_token":"[\w-]+","realm":"authentik"\}$/) as string,
    nonce: expect.stringMatching(/^[\w-]{20,}$/) as string,
    display: "page",
    code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    code_challenge_method: "S256",
  });
});

test("EF-015: who logs in becomes a user of the realm, with the rights of the groups that are there", async () => {
  const login = await logIn(alice);
  expect(login.data).toMatchObject({ username: "alice@authentik", CSRFPreventionToken: expect.any(String) as string });
  expect(await user("alice@authentik")).toEqual({
    enable: 1,
    expire: 0,
    email: "alice@home.arpa",
    firstname: "Alice",
    groups: ["admins-authentik"],
  });
  const { data } = await as(login, "GET", "/access/permissions");
  expect((data as Record<string, object>)["/"]).toMatchObject({ "VM.Audit": 1, "Sys.Audit": 1 });
  expect((await as(login, "GET", "/nodes/pve-mon/status")).status).toBe(200);
  expect(refusal(await as(login, "POST", "/access/groups", { groupid: "mine" }))).toEqual([
    403,
    "Permission check failed (/access/groups, Group.Allocate)",
  ]);
});

test("EF-015: a provider that goes over to a key on a curve keeps everybody's login", async () => {
  expect((await logIn(alice)).status).toBe(200);
  provider.rotateKey(true, "ES256");
  expect((await logIn(alice)).status).toBe(200);
  provider.rotateKey();
});

test("EF-015: who is in no group that has rights gets in and may nothing", async () => {
  const login = await logIn({ ...alice, groups: ["friends"] });
  expect((await as(login, "GET", "/access/permissions")).data).toEqual({});
  expect((await as(login, "GET", "/nodes/pve-mon/status")).status).toBe(403);
});

test("EF-015: groups are those of the last login, or gathered, or made, as the realm says", async () => {
  await logIn(alice);
  await logIn({ ...alice, groups: [] });
  expect(await user("alice@authentik")).toMatchObject({ groups: [] });
  await make("PUT", "/access/domains/authentik", { "groups-overwrite": 0, "groups-autocreate": 1 });
  await logIn({ ...alice, groups: ["family"] });
  await logIn({ ...alice, groups: ["admins", "not this"] });
  expect(await user("alice@authentik")).toMatchObject({ groups: ["family-authentik", "admins-authentik"] });
  await logIn({ ...alice, groups: "family" }); // no list: nothing changes
  expect(await user("alice@authentik")).toMatchObject({ groups: ["family-authentik", "admins-authentik"] });
  expect((await node.call("DELETE", "/access/groups/family-authentik")).status).toBe(200);
  expect(await user("alice@authentik")).toMatchObject({ groups: ["admins-authentik"] });
});

test("EF-015: claims that only the user info has are found, if the realm asks for it", async () => {
  provider.onlyInUserinfo = ["preferred_username", "groups"];
  expect((await logIn(alice)).data).toMatchObject({ username: "alice@authentik" });
  await make("PUT", "/access/domains/authentik", { "query-userinfo": 0 });
  expect(refusal(await logIn(alice))).toEqual(failed);
});

test("EF-015: a change with a ticket needs its token against other sites, and ends when the user is disabled", async () => {
  await make("PUT", "/access/acl", { path: "/", roles: "Administrator", groups: "admins-authentik" });
  const login = await logIn(alice);
  const groups = { groupid: "mine" };
  expect((await as(login, "POST", "/access/groups", groups, false)).status).toBe(401);
  expect((await as(login, "POST", "/access/groups", groups)).status).toBe(200);
  await make("PUT", "/access/users/alice@authentik", { enable: 0 });
  expect((await as(login, "GET", "/version")).status).toBe(401);
  expect(refusal(await logIn(alice))).toEqual(failed);
});

test("EF-015: without making users, only those that are there get in", async () => {
  await make("PUT", "/access/domains/authentik", { autocreate: 0 });
  expect(refusal(await logIn(alice))).toEqual(failed);
  await make("POST", "/access/users", { userid: "alice@authentik" });
  expect((await logIn(alice)).status).toBe(200);
});

test.each<[string, () => unknown, Human]>([
  ["a wrong client key", () => make("PUT", "/access/domains/authentik", { "client-key": "wrong" }), alice],
  ["a token of another login", () => (provider.idClaims = { nonce: "other" }), alice],
  ["a token for another client", () => (provider.idClaims = { aud: "other" }), alice],
  ["a token signed by somebody else", () => provider.rotateKey(false), alice],
  ["a name that is none in Proxmox", () => undefined, { ...alice, preferred_username: "a b" }],
  ["no name", () => undefined, { sub: "sub-a" }],
])("EF-015: nobody gets in with %s, and nobody is told why", async (_, change, human) => {
  await change();
  expect(refusal(await logIn(human))).toEqual(failed);
  const { data: users } = await node.call("GET", "/access/users");
  expect((users as { userid: string }[]).filter(({ userid }) => userid.endsWith("@authentik"))).toEqual([]);
  provider.rotateKey();
});

test("EF-015: a login ends once, and only with the state that began it", async () => {
  const back = provider.login(String((await authUrl()).data), alice).searchParams;
  const brought = { code: back.get("code") ?? "", state: back.get("state") ?? "", "redirect-url": redirectUrl };
  for (const state of ["{}", "nonsense", brought.state.replace('csrf_token":"', 'csrf_token":"x')]) {
    expect(refusal(await anonymous("/access/openid/login", { ...brought, state }))).toEqual(failed);
  }
  expect((await anonymous("/access/openid/login", brought)).status).toBe(200);
  expect(refusal(await anonymous("/access/openid/login", brought))).toEqual(failed);
});

test("EF-015: a login that cannot begin says why", async () => {
  expect(refusal(await authUrl("other"))).toEqual([500, "authentication domain 'other' does not exist"]);
  await make("PUT", "/access/domains/authentik", { "issuer-url": provider.issuer.replace(/\/$/, "") });
  expect((await authUrl()).reason).toContain("issuer did not match the issuer returned by provider");
  await make("PUT", "/access/domains/authentik", { "issuer-url": provider.issuer });
  provider.down = /./;
  expect((await authUrl()).reason).toContain("503");
});

test("EC-7: root logs in with its password while the provider is down", async () => {
  provider.down = /./;
  const credentials = { username: "root@pam", password: "secret-of-root" };
  expect((await anonymous("/access/ticket", credentials)).status).toBe(200);
});
