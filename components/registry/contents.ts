import * as pulumi from "@pulumi/pulumi";

import { formatSize } from "../../config/size";
import {
  AuditPurge,
  Configuration,
  GarbageCollection,
  Project,
  ProxyCacheProject,
  RegistryEndpoint,
  Retention,
  RobotAccount,
  ScanAll,
} from "../../providers/harbor";
import type { HarborArgs } from "../../providers/harbor/connection";
import { Machine } from "../host/machine";
import { cacheSources } from "./cache-sources";
import type { RegistryConfig } from "./config";
import { findingsPermissions, pullPermissions, pushPermissions, retentionRules, smallQuota } from "./contents-access";

/** Arguments of {@link RegistryContents}. */
export interface RegistryContentsArgs {
  /** The machine with Harbor's data: on another one everything is made again, and what goes with it need not be deleted. */
  machine: Machine;
  /** How Harbor's API is reached. */
  connection: HarborArgs["connection"];
  /** Where the registry's cache is, with its login. */
  registryStore: pulumi.Input<string>;
  /** Project, quotas, schedules and caches: `homelab:registry`. */
  registry: RegistryConfig;
}

/** The login of a robot. */
export interface RobotLogin {
  /** The user name, `robot$pull`. */
  readonly name: pulumi.Output<string>;
  /** The password. A secret. */
  readonly secret: pulumi.Output<string>;
}

/**
 * What is inside Harbor: its settings, one private project, what is kept, freed and scanned in it, who may log in, and
 * pull-through caches (US2, EF-006, EF-008, EF-009). Nothing is public. `dependsOn` is what has to run before the API answers.
 *
 * ```ts
 * const { connection, registryStore } = harbor;
 * const args = { machine, connection, registryStore, registry };
 * const contents = new RegistryContents("registry", args, { dependsOn: [edge] });
 * export const pushSecret = contents.pushRobot.secret;
 * ```
 */
export class RegistryContents extends pulumi.ComponentResource {
  /** May pull from the project and from every cache: for the machines that run the images. */
  readonly pullRobot: RobotLogin;
  /** May push to the project and pull from it: for builds. */
  readonly pushRobot: RobotLogin;
  /** May read findings, schedules, quotas and robots: for the exporter. */
  readonly findingsRobot: RobotLogin;

  constructor(name: string, args: RegistryContentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:Contents", name, args, opts);
    const { machine, connection, registryStore, registry } = args;
    const context = { harbor: { connection, installation: machine.id }, registryStore, registry };
    const child = { parent: this, deletedWith: machine.resource };
    const settings = configuration(name, context, { ...child, dependsOn: opts?.dependsOn });
    const later = { ...child, dependsOn: [settings] };
    const project = privateProject(name, context, later);
    closedLibrary(name, context, later);
    const caches = registry.caches.map((cache) => pullThroughCache(name, context, cache, later));
    schedules(name, context, project, later);

    // A new robot of the same name would take over the old one, and end when that does.
    const robots = { ...later, deleteBeforeReplace: true };
    this.pullRobot = login(pullRobot(name, context, [project, ...caches], robots));
    this.pushRobot = login(pushRobot(name, context, project, robots));
    this.findingsRobot = login(findingsRobot(name, context, robots));
    this.registerOutputs({
      pullRobot: this.pullRobot,
      pushRobot: this.pushRobot,
      findingsRobot: this.findingsRobot,
    });
  }
}

interface Context {
  harbor: HarborArgs;
  registryStore: pulumi.Input<string>;
  registry: RegistryConfig;
}

type Cache = RegistryConfig["caches"][number];

/** Whether Harbor is read-only is left alone: a backup switches that. */
function configuration(name: string, { harbor }: Context, options: pulumi.CustomResourceOptions): Configuration {
  return new Configuration(
    `${name}-configuration`,
    {
      ...harbor,
      selfRegistration: false,
      projectCreationRestriction: "adminonly",
      quotaPerProjectEnable: true,
      storagePerProject: smallQuota,
      tokenExpiration: 30,
      sessionTimeout: 60,
      robotTokenDuration: 30,
      robotNamePrefix: "robot$",
      notificationEnable: true,
      // The scan of every image each night would otherwise keep everything in a cache for ever.
      scannerSkipUpdatePulltime: true,
    },
    options,
  );
}

/** Its images are what the registry is for: protected, and Harbor itself deletes no project that has some. */
function privateProject(name: string, { harbor, registry }: Context, options: pulumi.CustomResourceOptions): Project {
  return new Project(
    `${name}-project`,
    { ...harbor, name: registry.project, public: false, quota: formatSize(registry.quota), scanOnPush: true },
    { ...options, protect: true },
  );
}

/** Harbor makes this project itself, public and without a bound. It is taken over and closed. */
function closedLibrary(name: string, { harbor }: Context, options: pulumi.CustomResourceOptions): Project {
  return new Project(
    `${name}-library`,
    { ...harbor, name: "library", public: false, quota: smallQuota, scanOnPush: true },
    options,
  );
}

/** A project that fetches from a public registry. Harbor itself removes what nobody pulled for seven days. */
function pullThroughCache(
  name: string,
  { harbor }: Context,
  cache: Cache,
  options: pulumi.CustomResourceOptions,
): ProxyCacheProject {
  const child = `${name}-cache-${cache.name}`;
  const endpoint = new RegistryEndpoint(child, { ...harbor, name: cache.name, ...cacheSources[cache.source] }, options);
  const { name: registry } = endpoint;
  return new ProxyCacheProject(
    child,
    { ...harbor, name: cache.name, registry, public: false, quota: formatSize(cache.quota), scanOnPush: true },
    options,
  );
}

/** What is not kept is unlinked, unlinked space is freed, what is left is scanned. Times are UTC. */
function schedules(
  name: string,
  { harbor, registryStore, registry }: Context,
  project: Project,
  options: pulumi.CustomResourceOptions,
): void {
  const { schedule, keepTags } = registry;
  const retention = new Retention(
    `${name}-retention`,
    {
      ...harbor,
      project: project.name,
      cron: schedule.retention,
      rules: retentionRules(keepTags),
    },
    options,
  );
  new GarbageCollection(
    `${name}-garbage-collection`,
    // The retention removes images without a tag, a day late. This would do so at once, under a build that still pushes.
    { ...harbor, cron: schedule.garbageCollection, deleteUntagged: false, workers: 1, registryStore },
    { ...options, dependsOn: [retention] },
  );
  new ScanAll(`${name}-scan`, { ...harbor, cron: schedule.scan }, options);
  new AuditPurge(
    `${name}-audit-purge`,
    { ...harbor, cron: "0 30 1 * * 0", keep: "90 days", events: [...auditEvents] },
    options,
  );
}

/** All there are: Harbor takes `other` for every kind that has no name of its own here. */
const auditEvents = ["create_artifact", "delete_artifact", "pull_artifact", "other"] as const;

/** A robot of a project sees that project alone. Machines pull from several: theirs is one of the system. */
function pullRobot(
  name: string,
  { harbor, registry }: Context,
  projects: Project[],
  options: pulumi.CustomResourceOptions,
): RobotAccount {
  const permissions = pulumi.all(projects.map((project) => project.name)).apply(pullPermissions);
  return new RobotAccount(
    `${name}-pull-robot`,
    {
      ...harbor,
      name: "pull",
      description: "Machines that run images",
      expires: registry.robotLifetime,
      permissions,
    },
    options,
  );
}

function pushRobot(
  name: string,
  { harbor, registry }: Context,
  { name: project }: Project,
  options: pulumi.CustomResourceOptions,
): RobotAccount {
  return new RobotAccount(
    `${name}-push-robot`,
    {
      ...harbor,
      name: "push",
      project,
      description: "Builds that push images",
      expires: registry.robotLifetime,
      permissions: project.apply(pushPermissions),
    },
    options,
  );
}

function findingsRobot(
  name: string,
  { harbor, registry }: Context,
  options: pulumi.CustomResourceOptions,
): RobotAccount {
  return new RobotAccount(
    `${name}-findings-robot`,
    {
      ...harbor,
      name: "findings",
      description: "The exporter of findings: reads, and changes nothing",
      expires: registry.robotLifetime,
      permissions: findingsPermissions,
    },
    options,
  );
}

const login = ({ login: name, secret }: RobotAccount): RobotLogin => ({ name, secret });
