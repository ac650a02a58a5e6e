import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { restOf } from "../../../helpers/unit/lab-authentik-rest";

// The first request reads the description and compiles what it needs of it.
jest.setTimeout(20_000);

let api: AuthentikApi;
beforeEach(async () => {
  api = await AuthentikApi.start();
});
afterEach(() => api.stop());

const { ask, post, client, proxy } = restOf(() => api);

describe("bodies that Authentik refuses", () => {
  test.each<[string, string, () => object, object]>([
    ["a missing field", "/core/users/", () => ({ username: "jane" }), { name: ["This field is required."] }],
    ["an empty one", "/core/groups/", () => ({ name: "" }), { name: ["This field may not be blank."] }],
    [
      "a bad slug",
      "/core/applications/",
      () => ({ name: "a", slug: "Bad Slug!" }),
      { slug: [expect.stringMatching(/^Enter a valid “slug”/)] },
    ],
    [
      "K11: a slug that is an address of OpenID Connect",
      "/core/applications/",
      () => ({ name: "a", slug: "userinfo" }),
      { slug: ["The slug 'userinfo' is reserved and cannot be used for applications."] },
    ],
    [
      "K8: a user in a folder without a name",
      "/core/users/",
      () => ({ username: "jane", name: "Jane", path: "a//b" }),
      { path: ["No empty segments in user path allowed."] },
    ],
    [
      "K8: a brand without a logo",
      "/core/brands/",
      () => ({ domain: "home.arpa", branding_logo: "" }),
      { branding_logo: ["This field may not be blank."] },
    ],
    [
      "a taken group",
      "/core/groups/",
      () => ({ name: "authentik Admins" }),
      { name: ["Group with this name already exists."] },
    ],
    [
      "a taken user",
      "/core/users/",
      () => ({ username: "akadmin", name: "a" }),
      { username: ["This field must be unique."] },
    ],
    [
      "an unknown type of grant",
      "/providers/oauth2/",
      () => client({ grant_types: ["code"] }),
      { grant_types: { 0: ['"code" is not a valid choice.'] } },
    ],
    [
      "no type of grant",
      "/providers/oauth2/",
      () => client({ grant_types: [] }),
      { grant_types: ["This list may not be empty."] },
    ],
    [
      "a redirect without an address",
      "/providers/oauth2/",
      () => client({ redirect_uris: [{ matching_mode: "strict" }] }),
      { redirect_uris: [{ url: ["This field is required."] }] },
    ],
    [
      "a duration in words",
      "/providers/oauth2/",
      () => client({ access_token_validity: "one hour" }),
      { access_token_validity: [expect.stringMatching(/not in the correct format/)] },
    ],
    [
      "a proxy without a mode",
      "/providers/proxy/",
      () => proxy(),
      { internal_host: ["Internal host cannot be empty when forward auth is disabled."] },
    ],
    [
      "a flow that is not there",
      "/providers/oauth2/",
      () => client({ authorization_flow: "6f0d1c52-3c8b-4a55-8b52-0d1c1c1c1c1c" }),
      { authorization_flow: [expect.stringMatching(/object does not exist/)] },
    ],
    [
      "a policy that looks at nothing",
      "/policies/reputation/",
      () => ({ name: "p", threshold: -5 }),
      { non_field_errors: ["Either IP or Username must be checked"] },
    ],
    [
      "a second factor that nobody can set up",
      "/stages/authenticator/validate/",
      () => ({ name: "s", not_configured_action: "configure" }),
      { not_configured_action: [expect.stringMatching(/must set a configuration stage/)] },
    ],
    [
      "a webhook without an address",
      "/events/transports/",
      () => ({ name: "t", mode: "webhook" }),
      { webhook_url: "Webhook URL may not be empty." },
    ],
    [
      "a stage of another type with the name",
      "/stages/deny/",
      () => ({ name: "default-authentication-login" }),
      { name: ["stage with this name already exists."] },
    ],
    [
      "a key that is none",
      "/crypto/certificatekeypairs/",
      () => ({ name: "k", certificate_data: "x" }),
      { certificate_data: ["Unable to load certificate."] },
    ],
  ])("%s", async (_title, path, body, expected) => {
    expect(await post(path, body())).toEqual({ status: 400, body: expected });
  });

  test("half of the flags of the settings", async () => {
    const result = await ask("PATCH", "/admin/settings/", { flags: { core_default_app_access: false } });
    expect(result.status).toBe(400);
    expect(api.objects.settings.flags.core_default_app_access).toBe(true);
  });

  test("a client id that another provider has", async () => {
    await post("/providers/oauth2/", client({ client_id: "one" }));
    expect(await post("/providers/oauth2/", client({ name: "other", client_id: "one" }))).toMatchObject({
      status: 400,
      body: { client_id: [expect.stringMatching(/already exists/)] },
    });
  });

  test("a second application of one provider", async () => {
    const { body: provider } = await post("/providers/oauth2/", client());
    await post("/core/applications/", { name: "a", slug: "a", provider: provider.pk });
    expect((await post("/core/applications/", { name: "b", slug: "b", provider: provider.pk })).body).toEqual({
      provider: ["Application with this provider already exists."],
    });
  });

  test("no JSON, another form, an address without its slash", async () => {
    const url = `${api.connection.endpoint}/api/v3/core/groups/`;
    const headers = { authorization: `Bearer ${api.connection.token}`, "content-type": "application/json" };
    expect((await fetch(url, { method: "POST", headers, body: "{" })).status).toBe(400);
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    expect((await fetch(url, { method: "POST", headers: form, body: "name=a" })).status).toBe(415);
    expect((await ask("GET", "/core/groups")).status).toBe(404);
  });
});
