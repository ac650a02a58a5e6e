import { findingsPermissions, pullPermissions, pushPermissions } from "../../components/registry/contents-access";
import { clientUrls } from "../../components/sso/client";
import { cacheSources } from "../../config/registry-words";
import { dayWords, parseDays } from "../../providers/harbor/words";
import type { House } from "./house";
import { always, type Kind, type ServiceObjects, type Shape } from "./kind";

/** A kind that decides nothing about who gets in, of an object of the whole system. */
const schedule = (...free: string[]): Kind => ({ objects: () => [{}], free: ["cron", ...free] });

/** What there may be in Harbor. */
export const harbor: ServiceObjects = {
  component: "homelab:registry:Registry",
  endpoint: ({ registryUrl }) => registryUrl,
  kinds: {
    AuditPurge: schedule("keep", "events", "dryRun"),
    Configuration: {
      objects: (house) => [configuration, login(house)],
      free: [
        "quotaPerProjectEnable",
        "storagePerProject",
        "notificationEnable",
        "scannerSkipUpdatePulltime",
        "oidcName",
        "oidcClientSecret",
      ],
      needed: always,
    },
    GarbageCollection: schedule("deleteUntagged", "workers", "dryRun", "registryStore"),
    GroupMember: {
      objects: ({ sso, registry: { project } }) =>
        sso.registry.roles.map(({ group, role }) => ({ project, group, role })),
    },
    Project: {
      objects: ({ registry: { project, caches } }) => [
        { name: project, public: false },
        { name: library, public: false },
        ...caches.map(({ name }) => ({ name, registry: name, public: false })),
      ],
      free: ["quota", "scanOnPush", "sbomOnPush", "blockPullsFrom", "requireCosign", "requireNotation"],
      later: ["registry"],
      needed: ({ name }) => name === library,
    },
    RegistryEndpoint: {
      objects: ({ registry: { caches } }) =>
        caches.map(({ name, source }) => ({ name, ...cacheSources[source], verifyCertificate: true })),
      free: ["description"],
    },
    Retention: {
      objects: ({ registry: { project } }) => [{ project }],
      free: ["rules", "cron"],
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
