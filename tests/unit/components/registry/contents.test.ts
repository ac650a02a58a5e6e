import * as pulumi from "@pulumi/pulumi";

import { RegistryContents } from "../../../../components/registry/contents";
import { changed, read } from "../../../helpers/unit/config-fixture";
import { HarborApi } from "../../../helpers/unit/harbor-api";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import { hurry, Stack } from "../../../helpers/unit/provider-stack";
import { deploy, Deployment, passwordText, Recorded, resolved } from "../../../helpers/unit/pulumi-mocks";

const type = (kind: string): string => `pulumi-nodejs:dynamic/harbor:${kind}`;
const kindOf = (resource: Recorded): string => resource.type.replace(type(""), "");
const isHarbors = (text: string): boolean => text.startsWith(type(""));

beforeAll(hurry);

const connection = { endpoint: "https://registry.home.arpa", address: "192.168.1.60", password: "Admin-Password-1" };
const registryStore = "redis://:Store-Password-1@redis:6379/1";
const caches = [
  { name: "hub", source: "docker-hub", quota: "5 GiB" },
  { name: "k8s", source: "k8s", quota: "2.5 GiB" },
];

const contents = (settings: Record<string, unknown> = {}): Promise<Deployment<RegistryContents>> =>
  deploy(() => {
    const { registry } = read(changed({ registry: settings }));
    const edge = new pulumi.ComponentResource("test:index:Edge", "edge");
    const args = { machine: stubMachine(), connection, registryStore, registry };
    return new RegistryContents("registry", args, { dependsOn: [edge] });
  });

/** The inputs of a resource of Harbor, without what every one has. */
function inputs(deployment: Deployment<RegistryContents>, kind: string, name: string): Record<string, unknown> {
  const rest = { ...deployment.get(type(kind), name).inputs };
  for (const key of ["connection", "installation", "__provider"]) Reflect.deleteProperty(rest, key);
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

const harbors = ({ resources }: Deployment<RegistryContents>): Recorded[] =>
  resources.filter((resource) => isHarbors(resource.type));

describe("the defaults", () => {
  let deployment: Deployment<RegistryContents>;
  beforeAll(async () => void (deployment = await contents()));

  test("US2: nobody registers, only administrators make projects, and such a project is small", () => {
    expect(inputs(deployment, "Configuration", "registry-configuration")).toEqual({
      selfRegistration: false,
      projectCreationRestriction: "adminonly",
      quotaPerProjectEnable: true,
      storagePerProject: "1 GiB",
      tokenExpiration: 30,
      sessionTimeout: 60,
      robotTokenDuration: 30,
      robotNamePrefix: "robot$",
      notificationEnable: true,
      scannerSkipUpdatePulltime: true,
    });
  });

  test("EF-008, EC-6: one private project of 40 GiB, scanned on push and protected", () => {
    expect(inputs(deployment, "Project", "registry-project")).toEqual({
      name: "homelab",
      public: false,
      quota: "40 GiB",
      scanOnPush: true,
    });
    expect(deployment.get(type("Project"), "registry-project").options.protect).toBe(true);
  });

  test("US2: the project that Harbor makes itself is closed", () => {
    expect(inputs(deployment, "Project", "registry-library")).toMatchObject({
      name: "library",
      public: false,
      quota: "1 GiB",
    });
  });

  test("EF-009: the last 10 images with a tag stay; parts of one that is being pushed have a day", () => {
    expect(inputs(deployment, "Retention", "registry-retention")).toEqual({
      project: "homelab",
      cron: "0 0 2 * * *",
      rules: [
        { lastPushed: 10, tags: "**", untagged: false },
        { pushedWithinDays: 1, tags: "@", untagged: true },
      ],
    });
  });

  test("EF-009: space is freed each week, and nothing is deleted by that alone", () => {
    expect(inputs(deployment, "GarbageCollection", "registry-garbage-collection")).toEqual({
      cron: "0 0 3 * * 0",
      deleteUntagged: false,
      workers: 1,
      registryStore,
    });
  });

  test("EF-008: every image is scanned each day", () => {
    expect(inputs(deployment, "ScanAll", "registry-scan")).toEqual({ cron: "0 0 4 * * *" });
  });

  test("the audit log keeps 90 days", () => {
    expect(inputs(deployment, "AuditPurge", "registry-audit-purge")).toEqual({
      cron: "0 30 1 * * 0",
      keep: "90 days",
      events: ["create_artifact", "delete_artifact", "pull_artifact", "other"],
    });
  });

  test("EF-006: a robot to pull and one to push, for a year", () => {
    expect(inputs(deployment, "RobotAccount", "registry-pull-robot")).toMatchObject({
      name: "pull",
      expires: "365 days",
      permissions: [{ project: "homelab", access: ["repository:pull"] }],
    });
    const push = inputs(deployment, "RobotAccount", "registry-push-robot");
    expect(push).toMatchObject({ name: "push", project: "homelab", expires: "365 days" });
    expect(accessOf(push)).toEqual(expect.arrayContaining(["repository:push", "repository:pull"]));
  });

  test("a robot that is replaced is deleted first: its successor would take it over, and go with it", () => {
    for (const { options } of deployment.ofType(type("RobotAccount"))) expect(options.deleteBeforeReplace).toBe(true);
  });

  test("US2: no robot deletes; only the one of builds writes", () => {
    const writing = /:(create|update|delete|push|stop|operate)$/;
    const robots = deployment.ofType(type("RobotAccount")).map(({ name, inputs: given }) => ({
      name,
      writes: accessOf(given).filter((pair) => writing.test(pair)),
    }));
    expect(robots).toEqual([
      { name: "registry-pull-robot", writes: [] },
      { name: "registry-push-robot", writes: ["repository:push", "tag:create"] },
      { name: "registry-findings-robot", writes: [] },
    ]);
  });

  test("CS-006: the exporter's robot reads what it reports on, in all projects, and pulls nothing", () => {
    const robot = inputs(deployment, "RobotAccount", "registry-findings-robot");
    expect(robot).not.toHaveProperty("project");
    expect((robot.permissions as { project?: string }[]).map(({ project }) => project)).toEqual([undefined, "*"]);
    expect(accessOf(robot)).toEqual(expect.arrayContaining(["artifact:list", "robot:list", "system-volumes:read"]));
    expect(accessOf(robot)).not.toContain("repository:pull");
  });

  test("there is no cache unless one is asked for", () => {
    expect(deployment.ofType(type("RegistryEndpoint"))).toEqual([]);
    expect(deployment.ofType(type("Project"))).toHaveLength(2);
  });

  test("logins come out with their secrets as secrets, which no input holds", async () => {
    const { pullRobot, pushRobot, findingsRobot } = deployment.result;
    for (const [robot, name] of [
      [pullRobot, "registry-pull-robot"],
      [pushRobot, "registry-push-robot"],
      [findingsRobot, "registry-findings-robot"],
    ] as const) {
      expect(await resolved(robot.name)).toBe(`robot$${name}`);
      expect(await resolved(robot.secret)).toBe(passwordText(name));
      expect(await pulumi.isSecret(robot.secret)).toBe(true);
    }
  });

  test("EF-005: the connection is a secret in each resource, and so is the login of the store", () => {
    for (const { name, secrets } of harbors(deployment)) {
      const more = name === "registry-garbage-collection" ? ["registryStore"] : [];
      expect({ name, secrets }).toMatchObject({ secrets: ["connection", ...more] });
    }
  });

  test("all is inside the component, and waits for what it depends on, then for the configuration", () => {
    const names = (given: Recorded): string[] =>
      [given.options.dependsOn ?? []]
        .flat()
        .map((each) => each as pulumi.Resource)
        .map(nameOf);
    const nameOf = (resource: pulumi.Resource): string =>
      deployment.resources.find((each) => each.resource === resource)?.name ?? "unknown";
    for (const each of harbors(deployment)) expect(each.options.parent).toBe(deployment.result);
    expect(Object.fromEntries(harbors(deployment).map((each) => [each.name, names(each)]))).toEqual({
      "registry-configuration": ["edge"],
      "registry-project": ["registry-configuration"],
      "registry-library": ["registry-configuration"],
      "registry-retention": ["registry-configuration"],
      "registry-garbage-collection": ["registry-retention"],
      "registry-scan": ["registry-configuration"],
      "registry-audit-purge": ["registry-configuration"],
      "registry-pull-robot": ["registry-configuration"],
      "registry-push-robot": ["registry-configuration"],
      "registry-findings-robot": ["registry-configuration"],
    });
  });
});

describe("the config", () => {
  test("decides on the project, what is kept, and when", async () => {
    const deployment = await contents({
      disk: "40 GiB",
      project: "media",
      quota: "20.5 GiB",
      keepTags: 3,
      schedule: { retention: "0 0 1 * * *", garbageCollection: "0 0 2 * * 6", scan: "0 0 5 * * *" },
      robotLifetime: "never",
    });
    expect(inputs(deployment, "Project", "registry-project")).toMatchObject({ name: "media", quota: "20.5 GiB" });
    expect(inputs(deployment, "Retention", "registry-retention")).toMatchObject({
      project: "media",
      cron: "0 0 1 * * *",
      rules: [{ lastPushed: 3 }, { pushedWithinDays: 1 }],
    });
    expect(inputs(deployment, "GarbageCollection", "registry-garbage-collection").cron).toBe("0 0 2 * * 6");
    expect(inputs(deployment, "ScanAll", "registry-scan").cron).toBe("0 0 5 * * *");
    for (const robot of deployment.ofType(type("RobotAccount"))) expect(robot.inputs.expires).toBe("never");
  });

  test("adds caches: private, with a quota each, and open to the robot that pulls and to no build", async () => {
    const deployment = await contents({ quota: "30 GiB", caches });
    expect(inputs(deployment, "RegistryEndpoint", "registry-cache-hub")).toEqual({
      name: "hub",
      type: "docker-hub",
      url: "https://hub.docker.com",
    });
    expect(inputs(deployment, "RegistryEndpoint", "registry-cache-k8s")).toEqual({
      name: "k8s",
      type: "docker-registry",
      url: "https://registry.k8s.io",
    });
    expect(inputs(deployment, "Project", "registry-cache-hub")).toEqual({
      name: "hub",
      registry: "hub",
      public: false,
      quota: "5 GiB",
      scanOnPush: true,
    });
    expect(inputs(deployment, "Project", "registry-cache-k8s")).toMatchObject({ registry: "k8s", quota: "2.5 GiB" });
    const placesOf = (robot: string) =>
      (inputs(deployment, "RobotAccount", robot).permissions as { project: string }[]).map(({ project }) => project);
    expect(placesOf("registry-pull-robot")).toEqual(["homelab", "hub", "k8s"]);
    expect(placesOf("registry-push-robot")).toEqual(["homelab"]);
  });
});

test("US2: Harbor takes all of it, has nothing to do a second time, and has nothing public left", async () => {
  const deployment = await contents({ quota: "30 GiB", caches });
  const api = await HarborApi.start();
  try {
    const stacks = harbors(deployment).map((resource) => ({
      ...resource,
      stack: new Stack(kindOf(resource), api.connection),
      args: { ...resource.inputs, connection: api.connection },
    }));
    for (const { stack, args } of stacks) expect(await stack.up(args)).toBe("create");
    api.writes();
    for (const { name, stack, args } of stacks) {
      expect({ name, found: await stack.refresh(), done: await stack.up(args) }).toEqual({
        name,
        found: true,
        done: "same",
      });
    }
    expect(api.writes()).toEqual([]);
    for (const { outs } of stacks.filter((each) => kindOf(each) === "Project").map(({ stack }) => stack)) {
      expect(outs).toMatchObject({ public: false, quota: expect.stringMatching(/ GiB$/) });
    }
  } finally {
    await api.stop();
  }
});

function accessOf(robot: Record<string, unknown>): string[] {
  return (robot.permissions as { access: string[] }[]).flatMap(({ access }) => access);
}
