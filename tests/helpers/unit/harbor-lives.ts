import type { HarborObjects } from "../../../lab/harbor/objects";
import type { Row } from "../../../lab/kit/rows";

/** One type of object: what it is made with, changed to, replaced by, and what somebody does to it by hand. */
export interface Life {
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

/** A life of each type. Those of a project are in the project `media`. */
export const lives: Record<string, Life> = {
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
