import { findingsPermissions } from "../../../../components/registry/contents-access";
import type { Row } from "../../../../lab/kit/rows";
import { digestOf } from "../../../helpers/contract/lab-harbor-client";
import { accessOf, errorOf, image, robot } from "../../../helpers/contract/lab-harbor-steps";
import { hasRegistry, World } from "../../../helpers/contract/lab-harbor-world";

jest.setTimeout(60_000);
const test = hasRegistry ? it : it.skip;

let world: World;
beforeEach(async () => {
  world = await World.start();
  await world.admin.api("POST", "/projects", { project_name: "media", metadata: {}, storage_limit: 2 ** 20 });
});
afterEach(() => world.stop());

test("EF-006: a push robot pushes an image, and a pull robot pulls the same", async () => {
  const push = await robot(world, "push", "repository:pull", "repository:push");
  const pushed = await push.push("media/team/app", "v1", image("a"));
  expect(pushed).toMatchObject({ status: 201 });
  const pull = await robot(world, "pull", "repository:pull");
  const { answer, layers } = await pull.pull("media/team/app", "v1");
  expect(answer.headers.get("docker-content-digest")).toBe(pushed.digest);
  expect(digestOf(layers[0] ?? "")).toBe(digestOf(Buffer.alloc(1000, "a")));
  const repository = await world.admin.api("GET", "/projects/media/repositories/team%252Fapp");
  expect(repository.body).toMatchObject({ name: "media/team/app", artifact_count: 1, pull_count: 1 });
  expect((await pull.registry("GET", "media/team/app/tags/list")).text).toBe('{"name":"media/team/app","tags":["v1"]}');
});

test("EF-006: without a login nothing goes in or out, and the answer names the token service", async () => {
  await world.admin.push("media/app", "v1", image("a"));
  const nobody = world.client();
  const pull = await nobody.registry("GET", "media/app/manifests/v1");
  expect(pull.status).toBe(401);
  expect(pull.headers.get("www-authenticate")).toMatch(
    /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/service\/token",service="harbor-registry",scope="repository:media\/app:pull"$/,
  );
  expect(await nobody.push("media/app", "v2", image("b"))).toMatchObject({ status: 401 });
  expect((await world.client("admin:wrong").registry("GET", "")).status).toBe(401);
  expect((await world.client("admin:wrong").api("GET", "/users/current")).status).toBe(401);
  expect((await world.admin.registry("GET", "")).status).toBe(200);
});

test("EF-006: a robot has only the rights it was given, here and in the API", async () => {
  await world.admin.push("media/app", "v1", image("a"));
  const pull = await robot(world, "pull", "repository:pull");
  const refused = await pull.push("media/app", "v2", image("b"));
  expect(refused.status).toBe(401);
  const text = "unauthorized to access repository: media/app, action: push";
  expect(errorOf(refused)).toEqual({ code: "UNAUTHORIZED", message: `${text}: ${text}` });
  expect((await pull.registry("GET", "library/app/manifests/v1")).status).toBe(404); // a public project
  expect((await pull.api("GET", "/projects/media/artifacts")).status).toBe(403);
  expect((await pull.api("PUT", "/configurations", { read_only: true })).status).toBe(403);
  const reader = await robot(world, "reader", "artifact:list", "artifact:read");
  expect((await reader.api("GET", "/projects/media/artifacts")).status).toBe(200);
  const path = "/projects/media/repositories/app/artifacts/v1";
  expect([(await reader.api("GET", path)).status, (await reader.api("DELETE", path)).status]).toEqual([200, 403]);
  expect((await reader.registry("GET", "media/app/manifests/v1")).status).toBe(401);
  await world.admin.api("POST", "/projects", { project_name: "private", metadata: {} });
  const { body } = await reader.api("GET", "/projects");
  expect((body as Row[]).map(({ name }) => name as string)).toEqual(["library", "media"]);
  expect((await reader.api("GET", "/robots?q=Level=project,ProjectID=1")).status).toBe(403);
});

test("EF-006: the robot of the findings exporter reads what it needs", async () => {
  await world.admin.push("media/app", "v1", image("a"));
  const permissions = findingsPermissions.map(({ project, access }) => ({
    ...(project ? { kind: "project", namespace: project } : { kind: "system", namespace: "/" }),
    access: accessOf(access),
  }));
  const made = await world.admin.api("POST", "/robots", {
    name: "findings",
    level: "system",
    duration: -1,
    permissions,
  });
  const client = world.client(`${made.body.name}:${made.body.secret}`);
  const vulnerabilities = "/projects/media/repositories/app/artifacts/v1/additions/vulnerabilities";
  for (const path of [
    ..."/projects?with_detail=false /projects/media/artifacts /system/gc /systeminfo/volumes /quotas".split(" "),
    ...["/robots", "/robots?q=Level=project,ProjectID=1", vulnerabilities],
  ]) {
    expect([path, (await client.api("GET", path)).status]).toEqual([path, 200]);
  }
  expect((await client.registry("GET", "media/app/manifests/v1")).status).toBe(401);
  expect((await client.api("PUT", "/quotas/2", { hard: { storage: -1 } })).status).toBe(403);
});

test("EF-006: clients that ask for a token by POST are told to use GET", async () => {
  const answer = await world.client().registry("POST", new URL("/service/token", world.url).href);
  expect(answer.status).toBe(405);
});

test("EF-006: a disabled robot, a missing project and a missing image are told apart", async () => {
  const pull = await robot(world, "pull", "repository:pull");
  const missing = await pull.registry("GET", "media/app/manifests/v1");
  expect([missing.status, errorOf(missing).message]).toEqual([404, "artifact media/app:v1 not found"]);
  const nowhere = await world.admin.registry("POST", "nowhere/app/blobs/uploads/");
  expect([nowhere.status, errorOf(nowhere).message]).toEqual([401, "project nowhere not found"]);
  Object.assign(world.core.objects.robots[0] ?? {}, { disable: true });
  expect((await pull.registry("GET", "media/app/manifests/v1")).status).toBe(401);
});

test("EF-006: a public project is pulled from without a login, and not pushed to", async () => {
  await world.admin.push("library/app", "v1", image("a"));
  expect((await world.client().pull("library/app", "v1")).answer.status).toBe(200);
  expect((await world.client().push("library/app", "v2", image("b"))).status).toBe(401);
});

test("EF-006: in read-only mode everything can be pulled and nothing pushed", async () => {
  await world.admin.push("media/app", "v1", image("a"));
  await world.admin.api("PUT", "/configurations", { read_only: true });
  expect(await world.admin.push("media/app", "v2", image("b"))).toMatchObject({ status: 403 });
  expect((await world.admin.pull("media/app", "v1")).answer.status).toBe(200);
  const collection = await world.admin.api("POST", "/system/gc/schedule", { schedule: { type: "Manual" } });
  expect([collection.status, errorOf(collection).code]).toEqual([403, "DENIED"]);
  expect((await world.admin.api("PUT", "/configurations", { read_only: false })).status).toBe(200);
});
