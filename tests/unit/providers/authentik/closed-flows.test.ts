import { keep, type Row } from "../../../../lab/kit/rows";
import { freshness } from "../../../../providers/authentik/memory";
import { AuthentikApi } from "../../../helpers/unit/authentik-api";
import { failure, hurry, Stack } from "../../../helpers/unit/provider-stack";

let api: AuthentikApi;
const { time: lasting } = freshness;
const open = ["homelab-login"];
const args = { group: "nobody", open };
const closed = [
  "default-authentication-flow",
  "default-source-authentication",
  "default-source-enrollment",
  "initial-setup",
];

beforeAll(() => {
  hurry();
  // What somebody does by hand is seen at once.
  freshness.time = 0;
});
afterAll(() => (freshness.time = lasting));

beforeEach(async () => {
  api = await AuthentikApi.start();
  const flow = { title: "Log in", designation: "authentication" };
  await stackOf("Group").up({ name: "nobody" });
  await stackOf("Flow").up({ ...flow, slug: "homelab-login" });
}, 30_000);
afterEach(() => api.stop());

const stackOf = (type: string): Stack => new Stack(type, api.connection, "authentik");
const closedFlows = (): Stack => stackOf("ClosedFlows");
const flowOf = (slug: string): Row => api.row("flows", "slug", slug);
const group = (): unknown => api.row("groups", "name", "nobody").pk;
const theirs = (): Row[] => api.objects.bindings.filter((row) => row.group === group());
/** The slugs of the flows that only somebody in the group may go through. */
const shut = (): string[] =>
  theirs()
    .filter(({ enabled, negate }) => enabled && !negate)
    .flatMap(({ target }) => api.objects.by("flows", "pk", target) ?? [])
    .filter(({ policy_engine_mode: mode }) => mode === "all")
    .map(({ slug }) => slug as string)
    .sort();

test("A2: every flow that logs in or makes users is closed, whatever it is for, and nothing is written twice", async () => {
  const stack = closedFlows();
  expect(await stack.up(args)).toBe("create");
  expect(stack.id).toBe("nobody");
  expect(shut()).toEqual(closed);
  api.writes();
  expect(await stack.up(args)).toBe("same");
  expect(await stack.refresh()).toBe(true);
  expect(await stack.up(args)).toBe("same");
  expect(api.writes()).toEqual([]);
});

test("A2: what is for who is logged in already stays as it is: their settings, passwords, devices and logout", async () => {
  await closedFlows().up(args);
  for (const slug of ["default-password-change", "default-user-settings-flow", "default-invalidation-flow"]) {
    expect(flowOf(slug).policy_engine_mode).toBe("any");
    expect(theirs().map(({ target }) => target as string)).not.toContain(flowOf(slug).pk);
  }
});

test.each<[string, () => void]>([
  ["a binding is removed", () => keep(api.objects.bindings, (row) => row.target !== flowOf("initial-setup").pk)],
  ["a binding is switched off", () => Object.assign(theirs()[3] ?? {}, { enabled: false })],
  ["a binding is turned round", () => Object.assign(theirs()[3] ?? {}, { negate: true })],
  ["one binding is to be enough", () => Object.assign(flowOf("initial-setup"), { policy_engine_mode: "any" })],
])("A2: %s: a refresh finds it, and the next update closes the flow again", async (_case, change) => {
  const stack = closedFlows();
  await stack.up(args);
  change();
  expect(shut()).toHaveLength(3);
  await stack.refresh();
  expect(stack.inputs.open).toHaveLength(2);
  expect(await stack.up(args)).toBe("update");
  expect(shut()).toEqual(closed);
});

test("A2: another start of Authentik closes what it brought, without a refresh", async () => {
  const stack = closedFlows();
  await stack.up({ ...args, startedAs: ["one"] });
  const later = ["authentication", "enrollment", "recovery", "unenrollment"];
  for (const designation of later)
    await stackOf("Flow").up({ slug: `later-${designation}`, title: "Later", designation });
  expect(await stack.up({ ...args, startedAs: ["one"] })).toBe("same");
  expect(await stack.up({ ...args, startedAs: ["two"] })).toBe("update");
  expect(shut()).toEqual([...closed, ...later.map((designation) => `later-${designation}`)].sort());
});

test("A2: deleting it opens the flows again, each as it was", async () => {
  Object.assign(flowOf("initial-setup"), { policy_engine_mode: "all" });
  const everything = (): unknown => JSON.parse(JSON.stringify({ ...api.objects, events: [], lastId: 0 }));
  const before = everything();
  const stack = closedFlows();
  await stack.up(args);
  await stack.refresh();
  await stack.destroy();
  expect(everything()).toEqual(before);
  expect(await closedFlows().lookUp("nobody")).toBe(false);
});

test("A2: a flow that is to stay open after all is opened", async () => {
  const stack = closedFlows();
  await stack.up(args);
  expect(await stack.up({ ...args, open: [...open, "initial-setup"] })).toBe("update");
  expect(shut()).toEqual(closed.filter((slug) => slug !== "initial-setup"));
  expect(flowOf("initial-setup").policy_engine_mode).toBe("any");
});

test("A2: without the group nothing is closed, and the message says so", async () => {
  const error = await failure(closedFlows().up({ ...args, group: "strangers" }));
  expect(error.message).toMatch(/there is no group "strangers".*make it first/s);
  expect(theirs()).toEqual([]);
});

test("A2: closing all of them is refused", async () => {
  expect(await closedFlows().refusals({ group: "nobody", open: [] })).toEqual([
    "open: is empty, so that nobody could log in; name the flow by which people log in",
  ]);
});
