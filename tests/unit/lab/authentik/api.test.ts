import type { Row } from "../../../../lab/kit/rows";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { restOf } from "../../../helpers/unit/lab-authentik-rest";

// The first request reads the description and compiles what it needs of it.
jest.setTimeout(20_000);

let api: AuthentikApi;
beforeEach(async () => {
  api = await AuthentikApi.start();
});
afterEach(() => api.stop());

const { ask, post, flow, client, proxy } = restOf(() => api);

describe("who asks", () => {
  test("nobody, and somebody with a bad token, is told so as by Django", async () => {
    const response = await fetch(`${api.connection.endpoint}/api/v3/core/users/me/`);
    expect([response.status, await response.json()]).toEqual([
      403,
      { detail: "Authentication credentials were not provided." },
    ]);
    expect(await ask("GET", "/core/users/me/", undefined, "nonsense")).toEqual({
      status: 403,
      body: { detail: "Token invalid/expired" },
    });
  });

  test("to who is no administrator, nothing is there", async () => {
    const jane = await post("/core/users/", { username: "jane", name: "Jane" });
    await post("/core/tokens/", { identifier: "jane", user: jane.body.pk });
    await post("/core/tokens/jane/set_key/", { key: "Janes-Key" });
    const asJane = (method: string, path: string, body?: object) => ask(method, path, body, "Janes-Key");
    expect((await asJane("GET", "/core/users/me/")).body.user).toMatchObject({ username: "jane", is_superuser: false });
    expect((await asJane("GET", "/core/groups/")).body.pagination.count).toBe(0);
    expect((await asJane("GET", `/core/users/${jane.body.pk}/`)).status).toBe(404);
    expect((await asJane("POST", "/core/groups/", { name: "mine" })).status).toBe(403);
  });

  test("a token of who is switched off lets nobody in", async () => {
    Object.assign(api.row("users", "username", "akadmin"), { is_active: false });
    expect((await ask("GET", "/core/users/me/")).status).toBe(403);
  });
});

describe("changes", () => {
  test("PATCH leaves members alone, PUT empties a group", async () => {
    const { body: jane } = await post("/core/users/", { username: "jane", name: "Jane" });
    const { body: family } = await post("/core/groups/", { name: "family", users: [jane.pk] });
    const path = `/core/groups/${family.pk}/`;
    expect((await ask("PATCH", path, { is_superuser: true })).body).toMatchObject({ users: [jane.pk] });
    expect((await ask("PUT", path, { name: "family" })).body).toMatchObject({ users: [], is_superuser: true });
  });

  test("members come and go one by one", async () => {
    const { body: jane } = await post("/core/users/", { username: "jane", name: "Jane" });
    const { body: family } = await post("/core/groups/", { name: "family" });
    expect((await post(`/core/groups/${family.pk}/add_user/`, { pk: jane.pk })).status).toBe(204);
    expect((await ask("GET", `/core/users/${jane.pk}/`)).body.groups_obj).toMatchObject([{ name: "family" }]);
    expect((await post(`/core/groups/${family.pk}/remove_user/`, { pk: jane.pk })).status).toBe(204);
    expect((await ask("GET", `/core/users/${jane.pk}/`)).body.groups).toEqual([]);
    expect((await post(`/core/groups/${family.pk}/add_user/`, { pk: 999 })).status).toBe(404);
  });

  test("a proxy's mode must be in every change", async () => {
    const { body } = await post("/providers/proxy/", proxy({ mode: "forward_single" }));
    const path = `/providers/proxy/${body.pk}/`;
    expect((await ask("PATCH", path, { external_host: "https://x.home.arpa" })).status).toBe(400);
    const changed = await ask("PATCH", path, { external_host: "https://x.home.arpa", mode: "forward_single" });
    expect(changed).toMatchObject({ status: 200, body: { external_host: "https://x.home.arpa" } });
  });

  test("what is sent besides the fields is dropped", async () => {
    const { body } = await post("/core/groups/", { name: "family", pk: "mine", nonsense: 1 });
    expect(body.pk).not.toBe("mine");
    expect(body).not.toHaveProperty("nonsense");
  });

  test("a changed object is an event", async () => {
    await post("/core/groups/", { name: "family" });
    const { body } = await ask("GET", "/events/events/?action=model_created&username=akadmin");
    expect(body.results).toMatchObject([{ context: { model: { model_name: "group", name: "family" } } }]);
  });
});

describe("tokens", () => {
  test("K11: a change without the owner makes it the one's who asks, and no change makes it another's", async () => {
    const jane = await post("/core/users/", { username: "jane", name: "Jane" });
    const user: number = jane.body.pk;
    await post("/core/tokens/", { identifier: "robot", user, intent: "app_password" });
    expect((await ask("PATCH", "/core/tokens/robot/", { user, intent: "app_password" })).body).toMatchObject({ user });
    const admin = api.row("users", "username", "akadmin").pk as number;
    expect(await ask("PATCH", "/core/tokens/robot/", { user: admin })).toEqual({
      status: 400,
      body: { user: ["User cannot be changed"] },
    });
    const taken = { user: admin, intent: "api", user_obj: { is_superuser: true } };
    expect((await ask("PATCH", "/core/tokens/robot/", { description: "r" })).body).toMatchObject(taken);
  });
});

describe("secrets", () => {
  test("a client's secret is given back, a token's key and a private key only where they are viewed", async () => {
    const { body: made } = await post("/providers/oauth2/", client({ client_secret: "Client-Secret" }));
    expect((await ask("GET", `/providers/oauth2/${made.pk}/`)).body.client_secret).toBe("Client-Secret");
    const token = await post("/core/tokens/", { identifier: "robot", intent: "api", expiring: false });
    expect(JSON.stringify(token.body)).not.toContain(api.objects.hidden.tokenKeys.robot);
    expect((await ask("GET", "/core/tokens/robot/view_key/")).body).toEqual({
      key: api.objects.hidden.tokenKeys.robot,
    });
    const [pair] = (await ask("GET", "/crypto/certificatekeypairs/?has_key=true")).body.results as Row[];
    expect(pair).toMatchObject({ private_key_available: true, key_type: "rsa" });
    expect(JSON.stringify(pair)).not.toContain("PRIVATE KEY");
    const { body } = await ask("GET", `/crypto/certificatekeypairs/${pair?.pk}/view_private_key/`);
    expect(body.data).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  test("a password is kept as a hash", async () => {
    const akadmin = api.row("users", "username", "akadmin");
    expect((await post(`/core/users/${akadmin.pk}/set_password/`, { password: "New-Horse-2" })).status).toBe(204);
    expect(api.objects.isPassword(akadmin, "New-Horse-2")).toBe(true);
    expect(api.objects.isPassword(akadmin, "Correct-Horse-1")).toBe(false);
    expect(JSON.stringify(api.objects)).not.toContain("New-Horse-2");
  });
});

describe("recovery links", () => {
  test("need a brand that has a flow for it", async () => {
    const path = `/core/users/${api.row("users", "username", "akadmin").pk}/recovery/`;
    expect(await post(path, {})).toEqual({ status: 400, body: { non_field_errors: "No recovery flow set." } });
    Object.assign(api.objects.brand ?? {}, { flow_recovery: flow("default-password-change") });
    const { body } = await post(path, { token_duration: "days=3" });
    const [, key = ""] = /\/if\/flow\/default-password-change\/\?flow_token=(\w+)$/.exec(body.link) ?? [];
    expect(body.link).toMatch(api.connection.endpoint);
    expect((await post(path, { token_duration: "soon" })).status).toBe(400);
    const { uid } = api.row("users", "username", "akadmin");
    const token = `/core/tokens/${uid}-password-reset/`;
    expect((await ask("GET", token)).body).toMatchObject({
      intent: "verification",
      expires: api.objects.now(259_200_000),
    });
    expect((await ask("GET", `${token}view_key/`)).body).toEqual({ key });
  });

  test("K11: are the same one until it is opened, deleted or purged, and an error of the server once it ended", async () => {
    const { pk, uid } = api.row("users", "username", "akadmin");
    Object.assign(api.objects.brand ?? {}, { flow_recovery: flow("default-password-change") });
    const make = (token_duration: string) => post(`/core/users/${pk}/recovery/`, { token_duration });
    const { body: first } = await make("days=3");
    expect((await make("hours=1")).body).toEqual(first);
    const token = api.row("tokens", "identifier", `${uid}-password-reset`);
    expect(token.expires).toBe(api.objects.now(3_600_000));
    token.expires = api.objects.now(-299_000);
    const said = jest.spyOn(console, "error").mockReturnValue();
    expect(await make("days=3")).toEqual({ status: 405, body: undefined });
    said.mockRestore();
    token.expires = api.objects.now(-301_000);
    const { body: second } = await make("days=3");
    expect(second).not.toEqual(first);
    expect((await ask("DELETE", `/core/tokens/${uid}-password-reset/`)).status).toBe(204);
    expect((await make("days=3")).body).not.toEqual(second);
  });
});

describe("lists", () => {
  test("come in pages, and say where they go on", async () => {
    for (const name of ["a", "b", "c"]) await post("/core/groups/", { name });
    const first = await ask("GET", "/core/groups/?page_size=100");
    expect(first.body.pagination).toMatchObject({ count: 4, next: 2, total_pages: 2, start_index: 1, end_index: 3 });
    const last = await ask("GET", "/core/groups/?page=2");
    expect(last.body).toMatchObject({ pagination: { next: 0, previous: 1 }, results: [{ name: "c" }] });
    expect(await ask("GET", "/core/groups/?page=9")).toEqual({ status: 404, body: { detail: "Invalid page." } });
  });

  test("are filtered exactly, and searched roughly", async () => {
    for (const name of ["family", "family-friends"]) await post("/core/groups/", { name });
    const count = async (query: string): Promise<number> =>
      (await ask("GET", `/core/groups/?${query}`)).body.pagination.count;
    expect(await count("name=family")).toBe(1);
    expect(await count("name=fam")).toBe(0);
    expect(await count("search=FAM")).toBe(2);
    expect(await count("nonsense=1")).toBe(3);
  });

  test("a key that is none or of nothing is an error of the filter", async () => {
    expect((await ask("GET", "/flows/bindings/?target=homelab")).body).toEqual({
      target: ["“homelab” is not a valid UUID."],
    });
    const nothing = "6f0d1c52-3c8b-4a55-8b52-0d1c1c1c1c1c";
    expect((await ask("GET", `/flows/bindings/?target=${nothing}`)).status).toBe(400);
  });

  test("bindings of a flow's stage are found by its other key", async () => {
    const [place] = api.objects.flowBindings;
    const { body: policy } = await post("/policies/reputation/", { name: "p", check_username: true });
    const made = await post("/policies/bindings/", { target: place?.pk, policy: policy.pk, order: 0 });
    expect(made).toMatchObject({ status: 201, body: { target: place?.pk } });
    expect((await ask("GET", `/policies/bindings/?target=${place?.pk}`)).status).toBe(400);
    const found = await ask("GET", `/policies/bindings/?target=${place?.policybindingmodel_ptr_id}`);
    expect(found.body.results).toMatchObject([{ pk: made.body.pk }]);
  });
});

describe("what is deleted", () => {
  test("takes along or lets go of what points to it", async () => {
    const { body: own } = await post("/flows/instances/", {
      name: "f",
      slug: "f",
      title: "f",
      designation: "authorization",
    });
    const { body: gone } = await post("/providers/oauth2/", client({ authorization_flow: own.pk }));
    const { body: keys } = await ask("GET", "/crypto/certificatekeypairs/");
    const { body: stays } = await post(
      "/providers/oauth2/",
      client({ name: "stays", signing_key: keys.results[0].pk }),
    );
    await post("/core/applications/", { name: "a", slug: "a", provider: gone.pk });
    const { body: group } = await post("/core/groups/", { name: "family" });
    const { pk: application } = api.row("applications", "slug", "a");
    await post("/policies/bindings/", { target: application, group: group.pk, order: 0 });

    expect((await ask("DELETE", "/flows/instances/f/")).status).toBe(204);
    expect(api.objects.oauth2Providers.map(({ name }) => name as string)).toEqual(["stays"]);
    expect(api.row("applications", "slug", "a").provider).toBeNull();
    await ask("DELETE", `/crypto/certificatekeypairs/${keys.results[0].pk}/`);
    expect((await ask("GET", `/providers/oauth2/${stays.pk}/`)).body.signing_key).toBeNull();
    await ask("DELETE", `/core/groups/${group.pk}/`);
    expect(api.objects.bindings.filter(({ group: bound }) => bound === group.pk)).toEqual([]);
    expect((await ask("DELETE", `/core/groups/${group.pk}/`)).status).toBe(404);
  });
});

test("an embedded outpost takes proxies, and no OpenID clients", async () => {
  const [outpost] = api.objects.outposts;
  const { body: whoami } = await post("/providers/proxy/", proxy({ mode: "forward_single" }));
  const { body: grafana } = await post("/providers/oauth2/", client());
  const path = `/outposts/instances/${outpost?.pk}/`;
  expect((await ask("PATCH", path, { providers: [whoami.pk] })).body.providers_obj).toMatchObject([{ name: "whoami" }]);
  expect((await ask("PATCH", path, { providers: [grafana.pk] })).status).toBe(400);
});
