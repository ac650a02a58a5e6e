import { HarborApi } from "../../../helpers/unit/harbor-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

const connection = { endpoint: "https://registry.home.arpa", password: "Correct-Horse-1" };
const refusals = (type: string, args: object): Promise<string[]> => new Stack(type, connection).refusals(args);

const robot = { name: "ci", expires: "never", permissions: [{ access: ["project:list"] }] };
const time = 'as in "0 30 3 * * *" for 03:30 UTC every day';
const name = "use lower-case letters and digits, separated by one of . _ - (at most 255)";

test.each<[string, object, string]>([
  ["Project", {}, "name: is missing; each project needs it"],
  ["Project", { name: "Media" }, `name: Harbor refuses the name "Media"; ${name}`],
  ["Project", { name: "a__b" }, `name: Harbor refuses the name "a__b"; ${name}`],
  ["Project", { name: "a", quota: "40" }, 'quota: "40" is no quota; write "40 GiB" (at most 1024 TiB) or "unlimited"'],
  [
    "Project",
    { name: "a", quota: "1025 TiB" },
    'quota: "1025 TiB" is no quota; write "40 GiB" (at most 1024 TiB) or "unlimited"',
  ],
  [
    "Project",
    { name: "a", quota: "0 GiB" },
    'quota: "0 GiB" is no quota; write "40 GiB" (at most 1024 TiB) or "unlimited"',
  ],
  [
    "Project",
    { name: "a", blockPullsFrom: "huge" },
    'blockPullsFrom: "huge" is none of off, none, low, medium, high, critical; choose one of them',
  ],
  [
    "Project",
    { name: "a", cacheSpeed: 5 },
    "cacheSpeed: is for a pull-through cache only; set `registry`, or leave it out",
  ],
  ["RobotAccount", { ...robot, name: "a+b" }, `name: Harbor refuses the name "a+b"; ${name}`],
  ["RobotAccount", { ...robot, expires: "0 days" }, 'expires: "0 days" is no time; write "365 days", or "never"'],
  [
    "RobotAccount",
    { ...robot, chosenSecret: "short" },
    "chosenSecret: needs at least 8 letters, an upper-case letter, a digit; choose another, or leave it out and Harbor makes one",
  ],
  [
    "RobotAccount",
    { ...robot, permissions: [] },
    'permissions: Harbor refuses a robot that may do nothing; name what it may, as in "repository:pull"',
  ],
  [
    "RobotAccount",
    { ...robot, permissions: [{ access: ["pull"] }] },
    'permissions[0].access: "pull" is no right of robots in the system; write resource:action, as in "repository:pull"',
  ],
  [
    "RobotAccount",
    { ...robot, permissions: [{ access: ["quota:delete"] }] },
    'permissions[0].access: "quota:delete" is no right of robots in the system; there are quota:list, quota:read, quota:update',
  ],
  [
    "RobotAccount",
    { ...robot, permissions: [{ project: "*", access: ["scan-all:create"] }] },
    'permissions[0].access: "scan-all:create" is no right of robots in projects; write resource:action, as in "repository:pull"',
  ],
  [
    "RobotAccount",
    { ...robot, expires: "2147483647 days" },
    'expires: "2147483647 days" is no time; write "365 days", or "never"',
  ],
  [
    "Project",
    { name: "a", registry: "hub", requireNotation: true },
    "requireNotation: is ignored by Harbor for a pull-through cache; leave it out",
  ],
  [
    "RobotAccount",
    { ...robot, project: "media", permissions: [{ project: "*", access: ["repository:pull"] }] },
    'permissions: a robot of a project has rights in that project only; give it one entry with project "media", or leave `project` out for a robot of the system',
  ],
  [
    "Retention",
    { project: "media", rules: [] },
    "rules: keep nothing, so that every image would be deleted; add a rule such as { lastPushed: 10 }",
  ],
  [
    "Retention",
    { project: "media", rules: [{ always: true, enabled: false }] },
    "rules: keep nothing, so that every image would be deleted; add a rule such as { lastPushed: 10 }",
  ],
  [
    "Retention",
    { project: "media", rules: [{ lastPushed: 0 }] },
    "rules[0].lastPushed: 0 is no whole number from 1 to 100000; choose one",
  ],
  [
    "Retention",
    { project: "media", rules: [{ lastPushed: 1, always: true }] },
    "rules[0]: needs exactly one of lastPushed, lastPulled, pushedWithinDays, pulledWithinDays, always; write one rule for each",
  ],
  [
    "Retention",
    { project: "media", rules: [{ lastPushed: 1 }, { tags: "**", lastPushed: 1 }] },
    "rules[1]: is a rule that is there already, which Harbor refuses; remove one",
  ],
  [
    "Retention",
    { project: "media", rules: [{ lastPushed: 1 }], cron: "0 2 * * *" },
    'cron: "0 2 * * *" has 5 fields; put the second, 0, in front: "0 0 2 * * *"',
  ],
  [
    "GarbageCollection",
    { cron: "5 0 2 * * *" },
    `cron: "5 0 2 * * *" must have 0 as its first field, the second, ${time}`,
  ],
  [
    "GarbageCollection",
    { cron: "0 0 24 * * *" },
    `cron: "0 0 24 * * *": "24" is out of bounds or no cron field; write it ${time}`,
  ],
  ["ScanAll", { cron: "daily" }, `cron: "daily" needs 6 fields, second to day of week, ${time}`],
  [
    "GarbageCollection",
    { cron: "0 0 2 * * SUN", workers: 11 },
    "workers: 11 is no whole number from 1 to 10; choose one",
  ],
  [
    "AuditPurge",
    { cron: "0 0 2 * * *", keep: "3 weeks", events: ["a"] },
    'keep: "3 weeks" is no time up to 10000 days; write "90 days" or "36 hours"',
  ],
  [
    "AuditPurge",
    { cron: "0 0 2 * * *", keep: "240001 hours", events: ["a"] },
    'keep: "240001 hours" is no time up to 10000 days; write "90 days" or "36 hours"',
  ],
  ["Configuration", { tokenExpiration: 0 }, "tokenExpiration: 0 is no whole number from 1 to 1000000; choose one"],
  [
    "Configuration",
    { oidcExtraRedirectParms: '{"prompt": 1}' },
    'oidcExtraRedirectParms: "{\\"prompt\\": 1}" is no JSON object of texts; write {"prompt":"login"}',
  ],
  [
    "RegistryEndpoint",
    { name: "a".repeat(65), type: "b", url: "https://c" },
    `name: "${"a".repeat(65)}" is no name of an endpoint; give it 1 to 64 letters`,
  ],
  [
    "RegistryEndpoint",
    { name: "a", type: "b", url: "https://c", ca: "-----BEGIN CERTIFICATE-----" },
    "ca: is no certificate in PEM; give the CA's, with its BEGIN line",
  ],
  [
    "ScanAll",
    { cron: "0 0 2 31 2 *" },
    `cron: "0 0 2 31 2 *" never comes: month 2 has no day 31; choose a day that there is, ${time}`,
  ],
  ["Configuration", { oidcEndpoint: "http://sso" }, 'oidcEndpoint: "http://sso" must begin with https://'],
  [
    "Webhook",
    { project: "a", name: "b", events: [], address: "https://x" },
    'events: is empty; name at least one, such as "QUOTA_WARNING"',
  ],
  [
    "RegistryEndpoint",
    { name: "a", type: "b", url: "https://c", username: "d" },
    "username: goes with `password`; give both, or neither for no login",
  ],
  ["Label", { name: "a", color: "red" }, 'color: "red" is no color; write #0065ab'],
  [
    "GroupMember",
    { project: "a", group: "b", role: "owner" },
    'role: "owner" is none of admin, developer, guest, maintainer, limitedGuest; choose one of them',
  ],
])("%s %j is refused before anything is asked of Harbor", async (type, args, reason) => {
  expect(await refusals(type, args)).toEqual([reason]);
});

test.each([
  [{ ...connection, endpoint: "http://registry.home.arpa" }, "would send the password in clear over the network"],
  [{ ...connection, endpoint: "registry.home.arpa" }, "is no URL of Harbor"],
  [{ ...connection, endpoint: "https://registry.home.arpa/api" }, "has a path or query after its host"],
  [{ ...connection, endpoint: "https://registry.home.arpa?" }, "has a path or query after its host"],
  [{ ...connection, endpoint: "https://registry.home.arpa/#" }, "has a path or query after its host"],
  [{ ...connection, endpoint: "https://admin:pw@registry.home.arpa" }, "has a login in it"],
  [{ ...connection, password: "" }, "connection.password: is missing"],
  [{ ...connection, ca: "root.pem" }, "connection.ca: is no certificate in PEM"],
])("the connection %j is refused", async (bad, reason) => {
  expect(await new Stack("Project", bad).refusals({ name: "a" })).toEqual([expect.stringContaining(reason)]);
});

test("everything that is wrong is named at once", async () => {
  expect(await refusals("Project", { name: "A", quota: "1", blockPullsFrom: "x" })).toHaveLength(3);
});

test.each([
  "0 0 2 * * *",
  "0 */15 0-6 1,15 * MON-FRI",
  "0 0 0 ? JAN 0",
  "0 0 2 29 2 *",
  "0 0 2 31 2 MON",
  "0 0 2 31 */2 *",
])("the cron %s is taken", async (cron) => {
  expect(await refusals("ScanAll", { cron })).toEqual([]);
});

describe("what only Harbor knows is told with a remedy, and nothing is made", () => {
  let api: HarborApi;
  beforeAll(hurry);
  beforeEach(async () => void (api = await HarborApi.start()));
  afterEach(() => api.stop());

  test.each<[string, object]>([
    ["RobotAccount", { ...robot, project: "none", permissions: [{ project: "none", access: ["repository:pull"] }] }],
    ["Retention", { project: "none", rules: [{ lastPushed: 1 }] }],
    ["ImmutableTags", { project: "none", tags: "v*" }],
    ["Webhook", { project: "none", name: "a", events: ["REPLICATION"], address: "https://x" }],
    ["Label", { project: "none", name: "a" }],
  ])("%s in a project that does not exist", async (type, args) => {
    const error = await failure(new Stack(type, api.connection).up(args));
    expect(error.message).toMatch(/there is no project "none"\. Declare the project and pass its `name` output/);
    expect(api.writes()).toEqual([]);
  });

  test.each<[string, object]>([
    ["UserGroup", { name: "family" }],
    ["GroupMember", { project: "media", group: "family", role: "guest" }],
  ])("%s before OIDC is on", async (type, args) => {
    const error = await failure(new Stack(type, api.connection).up(args));
    expect(error.message).toMatch(/single sign-on is off \(db_auth\)\. Set `authMode: "oidc_auth"` with Configuration/);
    expect(api.writes()).toEqual([]);
  });

  test("a project with images is not deleted", async () => {
    const stack = new Stack("Project", api.connection);
    await stack.up({ name: "media" });
    Object.assign(api.objects.projects[0] ?? {}, { repo_count: 1 });
    const error = await failure(stack.destroy());
    expect(error).toMatchObject({ status: 412, action: "delete", object: "project", subject: "media" });
    expect(error.remedy).toMatch(/delete its repositories first, or keep the project/);
  });
});
