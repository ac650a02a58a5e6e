import type { Row } from "../../../../lab/kit/rows";
import { logIn, type Browser, type Page } from "../../../helpers/browser";
import { auth, AuthentikWorld, password } from "../../../helpers/contract/lab-authentik-world";

const host = "whoami.home.arpa";
const site = `http://${host}`;

let world: AuthentikWorld;
let family: Row;
let provider: Row;
let outpost: Row;

const forward = (more: Row): Row => ({ mode: "forward_single", external_host: site, ...more });

beforeAll(async () => {
  world = await AuthentikWorld.start();
  family = await world.group("family");
  await world.user("anna", family);
  await world.user("otto");
  const fields = forward({ ...(await world.common("whoami")), access_token_validity: "hours=8" });
  provider = await world.api("POST", "/providers/proxy/", fields);
  await world.bound("whoami", provider, [family]);
  outpost = await world.first("/outposts/instances/?managed__iexact=goauthentik.io/outposts/embedded");
  await serve([provider.pk]);
}, 60_000);

afterAll(() => world?.stop());

async function serve(providers: number[]): Promise<void> {
  const config = { ...outpost.config, authentik_host: `${auth}/` };
  await world.api("PATCH", `/outposts/instances/${outpost.pk}/`, { providers, config });
}

/** What Traefik asks for a request to the application. It hands on the request's cookies. */
const ask = (browser: Browser, uri: string): Promise<Page> =>
  browser.step(`${site}/outpost.goauthentik.io/auth/traefik`, {
    headers: { "x-forwarded-host": host, "x-forwarded-proto": "http", "x-forwarded-uri": uri },
  });

/** Asks, and logs in where that leads. */
async function enter(browser: Browser, username: string): Promise<Page> {
  const { redirect } = await ask(browser, "/photos?of=june");
  if (!redirect) throw new Error("no login is asked for");
  return (await logIn(browser, redirect, { username, password })).finalResponse;
}

describe("EF-011: an application behind the embedded outpost", () => {
  it("leads who is not logged in to Authentik, with a cookie of its own host", async () => {
    const browser = world.browser();
    const { status, redirect } = await ask(browser, "/photos");
    expect(status).toBe(302);
    expect(`${redirect?.origin}${redirect?.pathname}`).toBe(`${auth}/application/o/authorize/`);
    expect(Object.fromEntries(redirect?.searchParams ?? [])).toMatchObject({
      client_id: provider.client_id,
      redirect_uri: `${site}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true`,
    });
    expect(browser.cookies.refused).toEqual([]);
    expect(browser.cookies.all()).toMatchObject([{ domain: host, hostOnly: true, httpOnly: true }]);
  });

  it("lets in who is in the group, back to where they were, and says who it is", async () => {
    const browser = world.browser();
    expect((await enter(browser, "anna")).url.href).toBe(`${site}/photos?of=june`);
    const { status, headers } = await ask(browser, "/");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "x-authentik-username": "anna",
      "x-authentik-groups": "family",
      "x-authentik-email": "anna@home.arpa",
      "x-authentik-name": "anna Example",
      "x-authentik-uid": (await world.first("/core/users/?username=anna")).uid,
      "x-authentik-meta-app": "whoami",
    });
  });

  it("stays closed to who is not in the group", async () => {
    const browser = world.browser();
    await expect(enter(browser, "otto")).rejects.toThrow(/Permission denied/);
    expect((await ask(browser, "/")).status).toBe(302);
  });

  it("is closed at once to an account that is deactivated, and after signing out", async () => {
    const vera = await world.user("vera", family);
    const [one, other] = [world.browser(), world.browser()];
    await enter(one, "vera");
    await enter(other, "vera");
    const { redirect } = await one.step(`${site}/outpost.goauthentik.io/sign_out`);
    expect(redirect?.href).toBe(`${auth}/application/o/whoami/end-session/`);
    expect((await one.step(redirect ?? site)).text).toContain("logged out of whoami");
    expect((await ask(one, "/")).status).toBe(302);
    expect((await ask(other, "/")).status).toBe(200);
    await world.api("PATCH", `/core/users/${vera.pk}/`, { is_active: false });
    expect((await ask(other, "/")).status).toBe(302);
  });

  it("is closed at once to a session that an administrator ends", async () => {
    await world.user("uma", family);
    const browser = world.browser();
    await enter(browser, "uma");
    expect((await ask(browser, "/")).status).toBe(200);
    const { uuid } = await world.first("/core/authenticated_sessions/?user__username=uma");
    await world.api("DELETE", `/core/authenticated_sessions/${uuid}/`);
    const { status, redirect } = await ask(browser, "/");
    expect(status).toBe(302);
    expect((await browser.step(redirect ?? site)).redirect?.pathname).toBe("/if/flow/default-authentication-flow/");
  });

  it("takes no login that another browser began", async () => {
    const [one, other] = [world.browser(), world.browser()];
    const { redirect } = await ask(one, "/");
    await logIn(other, `${auth}/if/user/`, { username: "anna", password });
    const back = await other.step(redirect ?? site);
    expect(back.redirect?.pathname).toBe("/outpost.goauthentik.io/callback");
    expect((await other.step(back.redirect ?? site)).redirect?.href).toBe(`${site}/`);
    expect((await ask(other, "/")).status).toBe(302);
  });

  it("lets open paths through, and its own", async () => {
    const fields = forward({ name: "whoami", skip_path_regex: "^/health$" });
    const { authorization_flow, invalidation_flow } = provider;
    await world.api("PUT", `/providers/proxy/${provider.pk}/`, { ...fields, authorization_flow, invalidation_flow });
    expect((await ask(world.browser(), "/health?now")).status).toBe(200);
    expect((await ask(world.browser(), "/healthy")).status).toBe(302);
    expect((await ask(world.browser(), "/outpost.goauthentik.io/callback?code=1")).status).toBe(200);
    expect((await world.browser().step(`${auth}/outpost.goauthentik.io/ping`)).status).toBe(204);
  });

  it("answers for members of the outpost only", async () => {
    await serve([]);
    expect((await ask(world.browser(), "/")).status).toBe(404);
    await serve([provider.pk]);
    expect((await ask(world.browser(), "/")).status).toBe(302);
  });
});
