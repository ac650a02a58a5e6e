import {
  findingsPermissions,
  pullPermissions,
  pushPermissions,
  retentionRules,
  smallQuota,
} from "../../components/registry/contents-access";
import { clientUrls } from "../../components/sso/client";
import { cacheSources } from "../../components/registry/cache-sources";
import { formatSize, type Size } from "../../config/size";
import { completed } from "../../providers/harbor/retention-rules";
import { dayWords, parseDays, quotaBytes, quotaWords } from "../../providers/harbor/words";
import { types } from "../types";
import type { House } from "../house";
import { always, type Kind, type ServiceObjects, type Shape } from "./kind";

/** A size as Harbor's provider writes it. */
const words = (bytes: number): string => quotaWords(quotaBytes(formatSize(bytes as Size)) ?? -1);

/** A kind that decides nothing about who gets in, of an object of the whole system. */
const schedule = (...free: string[]): Kind => ({ objects: () => [{}], free: ["cron", ...free] });

/** What there may be in Harbor. */
export const harbor: ServiceObjects = {
  component: types.registry,
  endpoint: ({ registryUrl }) => registryUrl,
  entry: () => "registry",
  kinds: {
    AuditPurge: schedule("keep", "events", "dryRun"),
    Configuration: {
      objects: (house) => [configuration, ...(house.features.includes("sso") ? [login(house)] : [])],
      free: ["notificationEnable", "scannerSkipUpdatePulltime", "oidcName", "oidcClientSecret"],
      needed: always,
    },
    GarbageCollection: {
      objects: () => [{ deleteUntagged: false, dryRun: false }],
      free: ["cron", "workers", "registryStore"],
    },
    GroupMember: {
      objects: ({ sso, registry: { project } }) =>
        sso.registry.roles.map(({ group, role }) => ({ project, group, role })),
    },
    Project: {
      objects: ({ registry: { project, quota, caches } }) => [
        { name: project, public: false, quota: words(quota) },
        { name: library, public: false, quota: smallQuota },
        ...caches.map((each) => ({ name: each.name, registry: each.name, public: false, quota: words(each.quota) })),
      ],
      free: ["scanOnPush", "sbomOnPush", "blockPullsFrom", "requireCosign", "requireNotation"],
      later: ["registry"],
      needed: ({ name }) => name === library,
    },
    RegistryEndpoint: {
      objects: ({ registry: { caches } }) =>
        caches.map(({ name, source }) => ({ name, ...cacheSources[source], verifyCertificate: true })),
      free: ["description"],
    },
    Retention: {
      objects: ({ registry: { project, keepTags } }) => [{ project, rules: retentionRules(keepTags).map(completed) }],
      free: ["cron"],
      later: ["project"],
    },
    RobotAccount: { objects: robots, free: ["description"], later: ["project", "permissions"] },
    ScanAll: schedule(),
  },
};

/** Harbor's own project, which it makes public. */
const library = "library";

/** What holds however people log in. Times are minutes, and days of a robot's login. */
const configuration: Shape = {
  selfRegistration: false,
  projectCreationRestriction: "adminonly",
  tokenExpiration: 30,
  sessionTimeout: 60,
  robotTokenDuration: 30,
  robotNamePrefix: "robot$",
  quotaPerProjectEnable: true,
  storagePerProject: smallQuota,
};

const login = ({ sso, url }: House): Shape => ({
  authMode: "oidc_auth",
  oidcEndpoint: clientUrls(url, "registry").issuer,
  oidcClientId: "registry",
  oidcScope: "openid,profile,email,offline_access",
  oidcVerifyCert: true,
  oidcUserClaim: "preferred_username",
  oidcGroupsClaim: "groups",
  oidcAdminGroup: sso.adminGroup,
  oidcAutoOnboard: true,
});

function robots({ registry: { project, caches, robotLifetime } }: House): Shape[] {
  const pulled = [project, ...caches.map(({ name }) => name)];
  return [
    { name: "pull", permissions: pullPermissions(pulled) },
    { name: "push", project, permissions: pushPermissions(project) },
    { name: "findings", permissions: findingsPermissions },
  ].map((robot) => ({ ...robot, expires: dayWords(parseDays(robotLifetime) ?? -1), disabled: false }));
}
