import { harbor } from "../../providers/harbor/kinds";
import { HarborApi } from "./harbor-api";
import type { HarborObjects } from "./harbor-objects";
import type { Row } from "./harbor-rows";
import { hurry, Stack } from "./harbor-stack";

/** One type of object: what it is made with, changed to, replaced by, and what somebody does to it by hand. */
interface Life {
  args: object;
  change: object;
  /** Absent where nothing replaces it. */
  replace?: object;
  drift: (objects: HarborObjects) => void;
  /** The table it is in; schedules and the configuration have none. */
  table?: (objects: HarborObjects) => Row[];
  /** Removes the object by hand. Absent where it cannot be. */
  remove?: (objects: HarborObjects) => void;
  id: string;
}

const pull = ["repository:pull"];
const clear = (table: Row[]): void => void table.splice(0);

const lives: Record<string, Life> = {
  Project: {
    args: { name: "shop", quota: "40 GiB" },
    change: { name: "shop", quota: "1.5GiB", public: true, blockPullsFrom: "critical", allowedCves: ["CVE-2026-1"] },
    replace: { name: "store" },
    drift: ({ projects }) => void (project(projects).metadata.public = "true"),
    table: ({ projects }) => projects.filter(({ name }) => name !== "media"),
    remove: ({ projects }) => void projects.splice(projects.indexOf(project(projects)), 1),
    id: "shop",
  },
  RobotAccount: {
    args: { name: "ci", project: "media", expires: "365 days", permissions: [{ project: "media", access: pull }] },
    change: {
      name: "ci",
      project: "media",
      expires: "never",
      permissions: [{ project: "media", access: [...pull, "repository:push"] }],
      disabled: true,
    },
    replace: { name: "bot", expires: "never", permissions: [{ project: "*", access: pull }] },
    drift: ({ robots }) => void Object.assign(robots[0] ?? {}, { disable: true }),
    table: ({ robots }) => robots,
    remove: ({ robots }) => clear(robots),
    id: "media/ci",
  },
  Retention: {
    args: { project: "media", rules: [{ lastPushed: 10 }] },
    change: { project: "media", rules: [{ lastPushed: 5 }, { pulledWithinDays: 7, tags: "!dev*" }], cron: "" },
    drift: ({ retentions }) => void Object.assign(retentions[0]?.rules[0], { disabled: true }),
    table: ({ retentions }) => retentions,
    remove: ({ projects, retentions }) => {
      delete projects[0]?.metadata.retention_id;
      clear(retentions);
    },
    id: "media",
  },
  ImmutableTags: {
    args: { project: "media", tags: "v*" },
    change: { project: "media", tags: "v*", enabled: false },
    replace: { project: "media", tags: "release-*", repositories: "{a,b}/**" },
    drift: ({ immutables }) => void Object.assign(immutables[0] ?? {}, { disabled: true }),
    table: ({ immutables }) => immutables,
    remove: ({ immutables }) => clear(immutables),
    id: "media/**/v*",
  },
  GarbageCollection: {
    args: { cron: "0 0 3 * * 0" },
    change: { cron: "0 0 4 * * 0", deleteUntagged: true, workers: 2 },
    drift: ({ schedules }) => void Object.assign(schedules.gc?.schedule, { cron: "0 0 0 * * *" }),
    remove: ({ schedules }) => void (schedules.gc = undefined),
    id: "harbor:GarbageCollection",
  },
  ScanAll: {
    args: { cron: "0 0 4 * * *" },
    change: { cron: "0 30 4 * * *" },
    drift: ({ schedules }) => void Object.assign(schedules.scanAll?.schedule, { cron: "0 0 0 * * *" }),
    remove: ({ schedules }) => void (schedules.scanAll = undefined),
    id: "harbor:ScanAll",
  },
  AuditPurge: {
    args: { cron: "0 0 5 * * *", keep: "90 days", events: ["pull_artifact", "create_artifact"] },
    change: { cron: "0 0 5 * * *", keep: "36 hours", events: ["pull_artifact"] },
    drift: ({ schedules }) => void Object.assign(schedules.purgeaudit ?? {}, { job_parameters: "{}" }),
    remove: ({ schedules }) => void (schedules.purgeaudit = undefined),
    id: "harbor:AuditPurge",
  },
  Configuration: {
    args: { authMode: "oidc_auth", selfRegistration: false, oidcClientSecret: "Oidc-Secret-77" },
    change: { authMode: "oidc_auth", selfRegistration: false, storagePerProject: "10 GiB", oidcClientSecret: "New-88" },
    drift: ({ configuration }) => void (configuration.self_registration = true),
    id: "harbor:Configuration",
  },
  UserGroup: {
    args: { name: "family" },
    change: { name: "family" },
    replace: { name: "friends" },
    drift: () => undefined,
    table: ({ groups }) => groups,
    remove: ({ groups }) => clear(groups),
    id: "family",
  },
  GroupMember: {
    args: { project: "media", group: "family", role: "guest" },
    change: { project: "media", group: "family", role: "maintainer" },
    replace: { project: "media", group: "friends", role: "guest" },
    drift: ({ members }) => void Object.assign(members[0] ?? {}, { role_id: 1 }),
    table: ({ members }) => members,
    remove: ({ members }) => clear(members),
    id: "media/family",
  },
  Webhook: {
    args: {
      project: "media",
      name: "chat",
      events: ["SCANNING_FAILED", "QUOTA_WARNING"],
      address: "https://chat.home.arpa",
    },
    change: {
      project: "media",
      name: "chat",
      events: ["QUOTA_WARNING"],
      address: "https://chat.home.arpa",
      type: "slack",
      authHeader: "Bearer Abc",
    },
    replace: { project: "media", name: "talk", events: ["REPLICATION"], address: "https://chat.home.arpa" },
    drift: ({ webhooks }) => void Object.assign(webhooks[0] ?? {}, { enabled: false }),
    table: ({ webhooks }) => webhooks,
    remove: ({ webhooks }) => clear(webhooks),
    id: "media/chat",
  },
  RegistryEndpoint: {
    args: { name: "hub", type: "docker-hub", url: "https://hub.docker.com" },
    change: { name: "hub", type: "docker-hub", url: "https://hub.docker.com", username: "me", password: "Hub-Pass-9" },
    replace: { name: "hub", type: "docker-registry", url: "https://hub.docker.com" },
    drift: ({ registries }) => void Object.assign(registries[0] ?? {}, { insecure: true }),
    table: ({ registries }) => registries,
    remove: ({ registries }) => clear(registries),
    id: "hub",
  },
  Label: {
    args: { name: "stable", project: "media" },
    change: { name: "stable", project: "media", color: "#0065ab", description: "runs" },
    replace: { name: "stable" },
    drift: ({ labels }) => void Object.assign(labels.at(-1) ?? {}, { color: "#000000" }),
    table: ({ labels }) => labels,
    remove: ({ labels }) => clear(labels),
    id: "media/stable",
  },
};

const project = (projects: Row[]): Row => projects.find(({ name }) => name === "shop") ?? {};

let api: HarborApi;
beforeAll(hurry);
beforeEach(async () => {
  api = await HarborApi.start();
  if (!["Configuration"].includes(expect.getState().currentTestName ?? ""))
    api.objects.configuration.auth_mode = "oidc_auth";
  await new Stack("Project", api.connection).up({ name: "media" });
  // Names that contain the names looked for: filters of Harbor are fuzzy, and pages of the stand-in short.
  for (const prefix of ["a", "b", "c"]) {
    await new Stack("Label", api.connection).up({ project: "media", name: `${prefix}-stable` });
    await new Stack("UserGroup", api.connection).up({ name: `${prefix}-family` });
  }
  api.objects.labels.forEach((row) => Object.assign(row, { old: true }));
  api.objects.groups.forEach((row) => Object.assign(row, { old: true }));
  api.writes();
});
afterEach(() => api.stop());

const rowsOf = ({ table }: Life): Row[] => (table?.(api.objects) ?? []).filter((row) => !row.old);

test("every kind has a life here", () => {
  expect(Object.keys(lives).sort()).toEqual(Object.keys(harbor).sort());
});

describe.each(Object.entries(lives))("%s", (type, life) => {
  test("is made once, changed in place, and leaves no diff", async () => {
    const stack = new Stack(type, api.connection);
    expect(await stack.up(life.args)).toBe("create");
    expect(stack.id).toBe(life.id);
    api.writes();
    expect(await stack.up(life.args)).toBe("same");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    expect(api.writes()).toEqual([]);
    if (life.change === life.args || type === "UserGroup") return;
    expect(await stack.up(life.change)).toBe("update");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.change)).toBe("same");
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
  });

  test("is replaced where Harbor cannot change it, and nothing of it is left", async () => {
    if (!life.replace) return;
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    expect(await stack.up(life.replace)).toBe("replace");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.replace)).toBe("same");
    expect(rowsOf(life)).toHaveLength(1);
  });

  test("that was changed by hand is found by a refresh and set right", async () => {
    if (type === "UserGroup") return;
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    life.drift(api.objects);
    expect(await stack.up(life.args)).toBe("same");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("update");
    await stack.refresh();
    expect(await stack.up(life.args)).toBe("same");
  });

  test("that was removed by hand is made again, and deleting it is no error", async () => {
    if (!life.remove) return;
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    life.remove(api.objects);
    await stack.destroy();
    await stack.up(life.args);
    life.remove(api.objects);
    expect(await stack.refresh()).toBe(false);
    expect(await stack.up(life.args)).toBe("create");
    life.remove(api.objects);
    if (type === "UserGroup") return; // it has nothing that an update could change
    await stack.up(life.change); // without a refresh
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
    await stack.destroy();
    if (life.table) expect(rowsOf(life)).toEqual([]);
  });

  test("that exists can be read by its id alone, and is then the program's without a change", async () => {
    await new Stack(type, api.connection).up(life.args);
    const stack = new Stack(type, api.connection);
    expect(await stack.lookUp(life.id)).toBe(true);
    const expected = type === "Configuration" ? "update" : "same"; // the secret is not known
    expect(await stack.up(life.args)).toBe(expected);
    expect(await new Stack(type, api.connection).lookUp("media/none/none/none")).toBe(
      !life.table, // of schedules and the configuration there is one, whatever the id
    );
  });

  test("that exists is taken over by a create, with the program's settings", async () => {
    await new Stack(type, api.connection).up(life.change);
    const stack = new Stack(type, api.connection);
    expect(await stack.up(life.args)).toBe("create");
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
  });

  test("is deleted where its project is gone", async () => {
    const stack = new Stack(type, api.connection);
    await stack.up(life.args);
    api.objects.projects.splice(0);
    await stack.destroy();
  });

  test.each(["reset", "lost", "hang", 429, 500, 502, 503] as const)("survives %s on any write, once", async (as) => {
    const stack = new Stack(type, api.connection);
    api.fail({ match: "P", as, headers: as === 429 ? { "retry-after": "0" } : {} });
    await stack.up(life.args).catch(() => stack.up(life.args));
    expect(await stack.refresh()).toBe(true);
    expect(await stack.up(life.args)).toBe("same");
    if (life.table) expect(rowsOf(life)).toHaveLength(1);
    api.fail({ match: "DELETE", as });
    await stack.destroy();
    if (life.table) expect(rowsOf(life)).toEqual([]);
  });
});
