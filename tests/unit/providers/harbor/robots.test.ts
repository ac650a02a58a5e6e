import { HarborApi } from "../../../helpers/unit/harbor-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

const args = {
  name: "ci",
  project: "media",
  expires: "365 days",
  permissions: [{ project: "media", access: ["repository:push", "repository:pull"] }],
};

let api: HarborApi;
let robot: Stack;
beforeAll(hurry);
beforeEach(async () => {
  api = await HarborApi.start();
  await new Stack("Project", api.connection).up({ name: "media" });
  robot = new Stack("RobotAccount", api.connection);
  api.writes();
});
afterEach(() => api.stop());

const secret = (): unknown => api.objects.robots[0]?.secret;

test("a robot has its login, and the secret that Harbor tells once", async () => {
  await robot.up(args);
  expect(robot.outs).toMatchObject({ login: "robot$media+ci", secret: secret(), expiresAt: 1_831_536_000 });
  await robot.refresh();
  expect(robot.outs.secret).toBe(secret());
});

test("a create whose answer was lost is found, and the robot has a secret that is known", async () => {
  api.fail({ match: "POST /robots", as: "reset" });
  await robot.up(args);
  expect(api.objects.robots).toHaveLength(1);
  expect(robot.outs).toMatchObject({ secret: "Generated-Secret-2", login: "robot$media+ci" });
  expect(secret()).toBe("Generated-Secret-2");
});

test("a create that broke off after the robot was made is finished by the next", async () => {
  api.fail({ match: "PATCH /robots", as: 403 });
  const chosen = { ...args, disabled: true, chosenSecret: "Chosen-Secret-1" };
  expect(await failure(robot.up(chosen))).toMatchObject({ status: 403, action: "set the secret of" });
  await robot.up(chosen);
  expect(api.objects.robots).toHaveLength(1);
  expect(api.objects.robots[0]).toMatchObject({ disable: true, secret: "Chosen-Secret-1" });
  expect(robot.outs.secret).toBe("Chosen-Secret-1");
});

test("a chosen secret is set, changed in place, and not touched otherwise", async () => {
  await robot.up({ ...args, chosenSecret: "Chosen-Secret-1" });
  expect([robot.outs.secret, secret()]).toEqual(["Chosen-Secret-1", "Chosen-Secret-1"]);
  await robot.up({ ...args, chosenSecret: "Chosen-Secret-1", description: "builds" });
  expect(api.writes().filter((line) => line.startsWith("PATCH"))).toHaveLength(1);
  expect(await robot.up({ ...args, chosenSecret: "Chosen-Secret-2" })).toBe("update");
  expect([robot.outs.secret, secret()]).toEqual(["Chosen-Secret-2", "Chosen-Secret-2"]);
});

test("an update keeps the secret", async () => {
  await robot.up(args);
  const before = secret();
  expect(await robot.up({ ...args, expires: "730 days" })).toBe("update");
  expect([robot.outs.secret, secret()]).toEqual([before, before]);
  expect(robot.outs.expiresAt).toBe(1_863_072_000);
});

test("another robot made by hand under the same name is no longer ours: it gets a new secret", async () => {
  await robot.up(args);
  Object.assign(api.objects.robots[0] ?? {}, { id: 999, secret: "by hand" });
  expect(await robot.refresh()).toBe(false);
  expect(await robot.up(args)).toBe("create");
  expect(robot.outs).toMatchObject({ robotId: 999, secret: secret() });
  expect(secret()).not.toBe("by hand");
});

test("the same is noticed by an update without a refresh", async () => {
  await robot.up(args);
  Object.assign(api.objects.robots[0] ?? {}, { id: 999, secret: "by hand" });
  expect(await robot.up({ ...args, description: "new" })).toBe("update");
  expect(robot.outs).toMatchObject({ robotId: 999, secret: secret() });
});

test("the order of rights means nothing", async () => {
  await robot.up(args);
  const permissions = [{ project: "media", access: ["repository:pull", "repository:push", "repository:pull"] }];
  expect(await robot.up({ ...args, permissions })).toBe("same");
});

test("a changed prefix of logins is no other robot", async () => {
  await robot.up(args);
  await new Stack("Configuration", api.connection).up({ robotNamePrefix: "bot-" });
  Object.assign(api.objects.robots[0] ?? {}, { name: "bot-media+ci" });
  expect(await robot.refresh()).toBe(true);
  expect(robot.outs.login).toBe("bot-media+ci");
  expect(await robot.up(args)).toBe("same");
});

test("robots of the system and of a project do not mix", async () => {
  await robot.up(args);
  const system = new Stack("RobotAccount", api.connection);
  await system.up({ name: "ci", expires: "never", permissions: [{ project: "*", access: ["repository:pull"] }] });
  expect([robot.id, system.id]).toEqual(["media/ci", "ci"]);
  expect(api.objects.robots.map(({ name }) => name as string)).toEqual(["robot$media+ci", "robot$ci"]);
  await system.destroy();
  expect(await robot.refresh()).toBe(true);
});

test("a new password of the administrator changes the state and nothing in Harbor", async () => {
  await robot.up(args);
  api.objects.password = "New-Password-2";
  api.log.splice(0);
  expect(await robot.up({ ...args, connection: api.connection })).toBe("update");
  expect(api.log).toEqual([]);
  expect(await robot.refresh()).toBe(true);
  expect(robot.outs.secret).toBe(secret());
});
