import { HarborApi } from "../../../helpers/unit/harbor-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

let api: HarborApi;
beforeAll(hurry);
beforeEach(async () => {
  api = await HarborApi.start();
  api.objects.configuration.auth_mode = "oidc_auth";
  await new Stack("Project", api.connection).up({ name: "media" });
});
afterEach(() => api.stop());

/** Makes an object, and expects that it is found again. */
async function found(type: string, args: object): Promise<Stack> {
  const stack = new Stack(type, api.connection);
  await stack.up(args);
  expect(await stack.refresh()).toBe(true);
  expect(await stack.up(args)).toBe("same");
  expect(await new Stack(type, api.connection).up(args)).toBe("create"); // takes it over
  return stack;
}

const pull = { expires: "never", permissions: [{ project: "media", access: ["repository:pull"] }] };

test("H1: a project's robot is found by its name with a plus", async () => {
  await found("RobotAccount", { ...pull, name: "ci", project: "media" });
  expect(api.objects.robots.map(({ name }) => name as string)).toEqual(["robot$media+ci"]);
});

test.each<[string, object]>([
  ["Label", { name: "100%_a+b" }],
  ["Label", { name: "50%25", project: "media" }],
  ["UserGroup", { name: "home%20family+1" }],
  ["GroupMember", { project: "media", group: "50%, all", role: "guest" }],
  ["Webhook", { project: "media", name: "a%b+c", events: ["REPLICATION"], address: "https://x" }],
  ["RegistryEndpoint", { name: "a%b+c", type: "docker-hub", url: "https://hub.docker.com" }],
  ["ImmutableTags", { project: "media", tags: "v%+1" }],
])("H1: a %s %j is found again, whatever is in its name", async (type, args) => {
  await found(type, args);
});

test("H1: the stand-in unescapes a condition once more than the query, and finds no name with a percent", async () => {
  await new Stack("RobotAccount", api.connection).up({ ...pull, name: "ci", project: "media" });
  await new Stack("Label", api.connection).up({ name: "50%" });
  const id = api.objects.projects[0]?.project_id as number;
  const q = (name: string): string => `q=${encodeURIComponent(`Level=project,ProjectID=${id},name=${name}`)}`;
  expect(await rows(`/robots?${q("media+ci")}`)).toHaveLength(0);
  expect(await rows(`/robots?${q("media%2Bci")}`)).toHaveLength(1);
  expect(await rows("/labels?scope=g&name=50")).toHaveLength(1);
  expect(await rows("/labels?scope=g&name=50%25")).toHaveLength(0);
});

test("H2: the stand-in answers a wrong login as none: the public projects", async () => {
  const login = { authorization: `Basic ${Buffer.from("robot$media+ci:wrong").toString("base64")}` };
  const get = (path: string) => fetch(`${api.connection.endpoint}/api/v2.0${path}`, { headers: login });
  expect(await (await get("/projects")).json()).toEqual([]);
  expect((await get("/users/current")).status).toBe(401);
  expect((await get("/robots")).status).toBe(401);
  Object.assign(api.objects.projects[0]?.metadata, { public: "true" });
  expect(await (await get("/projects")).json()).toMatchObject([{ name: "media" }]);
});

test("H4: a project has the CVEs that do not count from the start", async () => {
  const args = { name: "shop", allowedCves: ["CVE-2026-1"] };
  const shop = new Stack("Project", api.connection);
  await shop.up(args);
  expect(api.objects.projects[1]?.cve_allowlist).toEqual({ items: [{ cve_id: "CVE-2026-1" }] });
  await shop.refresh();
  expect(await shop.up(args)).toBe("same");
});

test("H4: where the update ends between both requests, the next one sets the CVEs", async () => {
  const args = { name: "shop", allowedCves: ["CVE-2026-1"] };
  const shop = new Stack("Project", api.connection);
  api.fail({ match: "PUT /projects", as: 403 });
  await failure(shop.up(args));
  expect(await shop.up(args)).toBe("create");
  expect(api.objects.projects[1]?.cve_allowlist).toEqual({ items: [{ cve_id: "CVE-2026-1" }] });
});

test.each<[string, object]>([
  ["GarbageCollection", { cron: "0 0 3 * * 0", dryRun: true }],
  ["RegistryEndpoint", { name: "hub", type: "docker-hub", url: "https://hub.docker.com//" }],
  ["Configuration", { oidcExtraRedirectParms: '{ "prompt": "login",\n "acr": "<b>" }' }],
])("H5: %s %j leaves no difference behind", async (type, args) => {
  const stack = new Stack(type, api.connection);
  await stack.up(args);
  await stack.refresh();
  expect(await stack.up(args)).toBe("same");
  await stack.destroy();
});

test("H5: a quota is refused while quotas are off, with a remedy, and nothing is made", async () => {
  api.objects.configuration.quota_per_project_enable = false;
  const stack = new Stack("Project", api.connection);
  const error = await failure(stack.up({ name: "shop", quota: "1 GiB" }));
  expect(error.message).toMatch(/quotas are off\. Set `quotaPerProjectEnable: true` with Configuration before/);
  expect(api.objects.projects).toHaveLength(1);
  await stack.up({ name: "shop" });
  api.objects.configuration.quota_per_project_enable = true;
  const late = await failure(stack.up({ name: "shop", quota: "1 GiB" }));
  expect(late.message).toMatch(/the project has no quota\. .*run a garbage collection, or leave `quota` out/);
});

test("H7: a retention that is gone is answered with 400, and deleting it is no error", async () => {
  const stack = new Stack("Retention", api.connection);
  await stack.up({ project: "media", rules: [{ lastPushed: 1 }] });
  api.fail({ match: "DELETE /retentions", as: "reset" });
  await stack.destroy();
  expect(api.exchanges.filter(({ method }) => method === "DELETE").map(({ status }) => status)).toEqual([200, 400]);
});

async function rows(path: string): Promise<unknown> {
  const login = `Basic ${Buffer.from(`admin:${api.objects.password}`).toString("base64")}`;
  return (await fetch(`${api.connection.endpoint}/api/v2.0${path}`, { headers: { authorization: login } })).json();
}
