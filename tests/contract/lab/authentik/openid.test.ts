import type { Row } from "../../../../lab/kit/rows";
import { jsonIn, logIn, LoginRefused } from "../../../helpers/browser";
import { RelyingParty } from "../../../helpers/contract/lab-authentik-relying-party";
import { auth, AuthentikWorld, callbackOf, password } from "../../../helpers/contract/lab-authentik-world";

let world: AuthentikWorld;
let family: Row;
let uid: string;

beforeAll(async () => {
  world = await AuthentikWorld.start();
  family = await world.group("family");
  ({ uid } = await world.user("anna", family));
  await world.user("otto");
}, 60_000);

afterAll(() => world?.stop());

describe("EF-011: an application with OpenID Connect in the lab's Authentik", () => {
  const anna = { username: "anna", password };

  it("says where everything is", async () => {
    await world.application("wiki", [family]);
    const issuer = `${auth}/application/o/wiki/`;
    const found = jsonIn<Row>(await world.browser().step(`${issuer}.well-known/openid-configuration`));
    expect(found).toMatchObject({
      issuer,
      authorization_endpoint: `${auth}/application/o/authorize/`,
      token_endpoint: `${auth}/application/o/token/`,
      userinfo_endpoint: `${auth}/application/o/userinfo/`,
      end_session_endpoint: `${issuer}end-session/`,
      jwks_uri: `${issuer}jwks/`,
      code_challenge_methods_supported: ["S256"],
      id_token_signing_alg_values_supported: ["RS256"],
    });
    expect(found.scopes_supported).toEqual(expect.arrayContaining(["openid", "email", "profile", "offline_access"]));
  });

  it("logs in with a code and PKCE, and tells the groups", async () => {
    await world.application("photos", [family]);
    const party = new RelyingParty(world.browser(), "photos", "secret-of-photos");
    const back = await party.code(anna);
    expect(back.get("state")).toBe(party.state);
    const tokens = await party.redeem(back.get("code") ?? "");
    expect(tokens).toMatchObject({ status: 200, token_type: "Bearer" });
    expect(tokens.refresh_token).toBeUndefined();
    const claims = await party.claims(tokens.id_token);
    expect(claims).toMatchObject({
      iss: `${auth}/application/o/photos/`,
      aud: "photos",
      nonce: party.nonce,
      preferred_username: "anna",
      email: "anna@home.arpa",
      email_verified: false,
      groups: ["family"],
    });
    expect(claims.sub).toBe(uid);
    const info = await party.userinfo(tokens.access_token);
    expect(info).toMatchObject({ status: 200, sub: claims.sub, groups: ["family"], name: "anna Example" });
    const [event] = await world.events("authorize_application");
    expect(event).toMatchObject({
      user: { username: "anna" },
      context: { authorized_application: { name: "photos" } },
    });
  });

  it("takes a code once, with its verifier and the client's secret only", async () => {
    await world.application("notes", [family]);
    const browser = world.browser();
    const party = new RelyingParty(browser, "notes", "secret-of-notes");
    const wrong = new RelyingParty(browser, "notes", "another");
    const code = async (): Promise<string> => (await party.code(anna)).get("code") ?? "";
    expect(await wrong.redeem(await code())).toMatchObject({ status: 401, error: "invalid_client" });
    expect(await party.redeem(await code(), "none")).toMatchObject({ error: "invalid_client" });
    expect(await party.redeem(await code(), "basic", "x".repeat(43))).toMatchObject({ error: "invalid_grant" });
    const once = await code();
    expect(await party.redeem(once, "post")).toMatchObject({ status: 200 });
    expect(await party.redeem(once, "post")).toMatchObject({ error: "invalid_grant" });
  });

  it("refuses who is in no allowed group, without a code", async () => {
    await world.application("safe", [family]);
    const party = new RelyingParty(world.browser(), "safe", "secret-of-safe");
    await expect(party.code({ username: "otto", password })).rejects.toThrow(/Permission denied/);
    const admin = await world
      .first("/events/events/?action=authorize_application&username=otto")
      .catch(() => undefined);
    expect(admin).toBeUndefined();
  });

  it("is open to all without a binding, unless the flag says otherwise", async () => {
    await world.application("open", []);
    const { flags } = await world.api("GET", "/admin/settings/");
    const party = (): RelyingParty => new RelyingParty(world.browser(), "open", "secret-of-open");
    expect((await party().code({ username: "otto", password })).get("code")).toBeTruthy();
    await world.api("PATCH", "/admin/settings/", { flags: { ...flags, core_default_app_access: false } });
    await expect(party().code({ username: "otto", password })).rejects.toThrow(LoginRefused);
    await world.api("PATCH", "/admin/settings/", { flags });
  });

  it("sends codes nowhere but to its redirect URIs", async () => {
    await world.application("strict", [family]);
    const party = new RelyingParty(world.browser(), "strict", "secret-of-strict");
    const url = party.authorizationUrl({ redirect_uri: `${callbackOf("strict")}/` });
    const page = await world.browser().step(url);
    expect(page).toMatchObject({ status: 400, redirect: undefined });
    expect(page.text).toContain("Redirect URI Error");
    const unknown = await world.browser().step(party.authorizationUrl({ client_id: "nobody" }));
    expect(unknown).toMatchObject({ status: 400, redirect: undefined });
  });

  it("refreshes a login with offline access, while the account is active", async () => {
    await world.application("mail", [family]);
    const otto = await world.user("vera", family);
    const party = new RelyingParty(world.browser(), "mail", "secret-of-mail", "openid offline_access unknown");
    const { refresh_token: first } = await party.redeem(
      (await party.code({ username: "vera", password })).get("code") ?? "",
    );
    const second = await party.refresh(first);
    expect(second).toMatchObject({ status: 200, scope: "openid offline_access" });
    expect(second.refresh_token).not.toBe(first);
    await world.api("PATCH", `/core/users/${otto.pk}/`, { is_active: false });
    expect(await party.refresh(second.refresh_token)).toMatchObject({ error: "invalid_grant" });
    expect(await party.userinfo(second.access_token)).toMatchObject({ status: 401 });
  });

  it("K9: ends the session and its access tokens where the invalidation flow logs out; refresh tokens go on", async () => {
    const [out, stays] = ["default-invalidation-flow", "default-provider-invalidation-flow"];
    for (const [name, slug, isOut] of [["out", out, true] as const, ["stays", stays, false] as const]) {
      await world.application(name, [family], { invalidation_flow: (await world.flow(slug ?? "")).pk });
      const browser = world.browser();
      const party = new RelyingParty(browser, name, `secret-of-${name}`, "openid offline_access");
      const tokens = await party.redeem((await party.code(anna)).get("code") ?? "");
      await browser.step(`${auth}/application/o/${name}/end-session/`);
      expect((await browser.step(`${auth}/if/user/`)).status).toBe(isOut ? 302 : 200);
      expect(await party.userinfo(tokens.access_token)).toMatchObject({ status: isOut ? 401 : 200 });
      expect(await party.refresh(tokens.refresh_token)).toMatchObject({ status: 200 });
    }
  });

  it("lets both secrets in while it is public, and the new one alone afterwards", async () => {
    const { provider } = await world.application("rotated", [family]);
    const browser = world.browser();
    const [old, fresh] = ["secret-of-rotated", "another-secret"].map(
      (secret) => new RelyingParty(browser, "rotated", secret),
    );
    if (!old || !fresh) throw new Error("no clients");
    const redeem = async (party: RelyingParty, how: "basic" | "post"): Promise<Row> =>
      party.redeem((await party.code(anna)).get("code") ?? "", how);
    await world.api("PATCH", `/providers/oauth2/${provider.pk}/`, {
      client_type: "public",
      client_secret: "another-secret",
    });
    expect(await redeem(old, "basic")).toMatchObject({ status: 200 });
    expect(await redeem(old, "post")).toMatchObject({ status: 200 });
    expect(await redeem(fresh, "basic")).toMatchObject({ status: 200 });
    await world.api("PATCH", `/providers/oauth2/${provider.pk}/`, { client_type: "confidential" });
    expect(await redeem(old, "basic")).toMatchObject({ error: "invalid_client" });
    expect(await redeem(fresh, "basic")).toMatchObject({ status: 200 });
  });

  it("has the claims of an own scope mapping, and refuses one that it does not understand", async () => {
    const scope = { name: "groups above", scope_name: "groups" };
    const mapping = await world.api("POST", "/propertymappings/provider/scope/", {
      ...scope,
      expression: 'return {"groups": [g.name for g in request.user.all_groups()], "house": "yes"}',
    });
    const openid = await world.first(
      "/propertymappings/provider/scope/?managed=goauthentik.io/providers/oauth2/scope-openid",
    );
    await world.application("tree", [family], { property_mappings: [openid.pk, mapping.pk] });
    const party = new RelyingParty(world.browser(), "tree", "secret-of-tree", "openid groups");
    const tokens = await party.redeem((await party.code(anna)).get("code") ?? "");
    expect(await party.claims(tokens.id_token)).toMatchObject({ groups: ["family"], house: "yes" });
    const path = `/propertymappings/provider/scope/${mapping.pk}/`;
    await world.api("PATCH", path, { expression: "import os\nreturn {}" });
    const page = await world.browser().step(party.authorizationUrl());
    const { finalResponse } = await logIn(world.browser(), party.authorizationUrl(), anna);
    expect(page.status).toBe(302);
    expect(finalResponse.status).toBe(500);
    expect(finalResponse.text).toContain("does not understand “import os");
  });

  it("takes a login of this moment for the new one that a client wants", async () => {
    await world.application("bank", [family]);
    const browser = world.browser();
    const party = new RelyingParty(browser, "bank", "secret-of-bank");
    await party.code(anna);
    const url = party.authorizationUrl({ max_age: "0", prompt: "login" });
    expect((await browser.step(url)).redirect?.href).toContain(callbackOf("bank"));
    const stale = world.browser();
    expect((await stale.step(url)).redirect?.pathname).toBe("/if/flow/default-authentication-flow/");
  });

  it("answers who is not logged in, when asked not to ask", async () => {
    await world.application("silent", [family]);
    const party = new RelyingParty(world.browser(), "silent", "secret-of-silent");
    const { redirect } = await world.browser().step(party.authorizationUrl({ prompt: "none" }));
    expect(redirect?.searchParams.get("error")).toBe("login_required");
  });
});
