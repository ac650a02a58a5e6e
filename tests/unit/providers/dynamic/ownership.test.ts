import { ApiError } from "../../../../providers/dynamic/http";
import type { Kind } from "../../../../providers/dynamic/kind";
import { lifecycle } from "../../../../providers/dynamic/lifecycle";
import { ownership } from "../../../../providers/dynamic/ownership";
import { type Properties, unknownValue } from "../../../../providers/dynamic/values";
import { authentikService } from "../../../../providers/authentik/connection";
import { endpointOf } from "../../../../providers/dynamic/connection";
import { grafanaService } from "../../../../providers/grafana/connection";
import { harborService } from "../../../../providers/harbor/connection";
import { hostService } from "../../../../providers/host/connection";

interface Values {
  readonly name: string;
  readonly owner?: string;
}

/** A service that makes nothing twice. */
const there = new Map<string, Values>();
const kind: Kind<typeof there, Values> = {
  token: "test:Thing",
  noun: "thing",
  identity: ["name"],
  replace: ["owner"],
  check: () => undefined,
  create(api, args) {
    const subject = { action: "create", object: "thing", name: args.name };
    if (api.has(args.name)) return Promise.reject(new ApiError("Test", 409, subject, ""));
    api.set(args.name, args);
    return Promise.resolve({});
  },
  adopt: (api, { name }) => Promise.resolve(api.has(name) ? {} : undefined),
  sync(api, args) {
    api.set(args.name, args);
    return Promise.resolve({});
  },
  read: (api, { name = "" }) => {
    const args = api.get(name);
    return Promise.resolve(args && { args, outs: {} });
  },
  delete: (api, { name }) => Promise.resolve(void api.delete(name)),
};
const life = lifecycle({ connect: () => there, check: () => undefined, place: endpointOf }, kind);

const connection = { endpoint: "https://one.home.arpa", password: "Correct-Horse-1" };
const state = (name: string, more: object = {}): Properties => ({ __provider: "a text", connection, name, ...more });

/** The engine's calls for a resource of the program. */
const make = async (args: Properties): Promise<void> => {
  await life.check({}, args);
  await life.create(args);
};
const compare = async (before: Properties, args: Properties) => {
  await life.check(before, args);
  return life.diff(String(before.name), before, args);
};
const remove = (before: Properties): Promise<void> => life.delete(String(before.name), before);

const said = jest.spyOn(console, "error").mockImplementation(() => undefined);
beforeEach(() => {
  ownership.forget();
  there.clear();
  for (const name of ["a", "b"]) there.set(name, { name });
  said.mockClear();
});
afterAll(() => said.mockRestore());

test("made again on demand (--replace), or by a resource of another name, an object stays, and what helps is said", async () => {
  await make(state("a"));
  await remove(state("a", { connection: { ...connection, password: "Old-Password-0" } }));
  expect([...there.keys()]).toEqual(["a", "b"]);
  expect(said.mock.calls).toEqual([
    [
      'warning: thing "a" is not deleted: a resource of this update has it. What should be made anew, has to be removed there ' +
        "before `up --refresh`.",
    ],
  ]);
});

test("two resources that swap the names of their objects keep both", async () => {
  for (const [from, to] of [
    ["a", "b"],
    ["b", "a"],
  ] as const) {
    expect(await compare(state(from), state(to))).toMatchObject({ replaces: ["name"], deleteBeforeReplace: false });
    await life.create(state(to));
  }
  await remove(state("a"));
  await remove(state("b"));
  expect(there.size).toBe(2);
});

test("Reliability: it stays too where a run was killed between making the new resource and deleting the old one", async () => {
  expect(await compare(state("a"), state("a"))).toMatchObject({ changes: false });
  await remove(state("a"));
  expect(there.has("a")).toBe(true);
});

test("it stays where its resource was updated only", async () => {
  await life.update("a", state("a"), state("a", { installation: "two" }));
  await remove(state("a"));
  expect(there.has("a")).toBe(true);
});

test("it goes with the last resource that has it, also where a refresh has compared it before", async () => {
  await life.read("a", state("a"));
  await life.diff("a", state("a"), state("a"));
  await make(state("c"));
  await remove(state("a"));
  expect([...there.keys()]).toEqual(["b", "c"]);
});

test("it goes before it is replaced by one of the same name, so that it is a new one", async () => {
  expect(await compare(state("a"), state("a", { owner: "me" }))).toMatchObject({ deleteBeforeReplace: true });
  await remove(state("a"));
  expect(there.has("a")).toBe(false);
});

test("one of that name elsewhere is another", async () => {
  await make(state("a", { connection: { endpoint: "https://two.home.arpa" } }));
  await remove(state("a"));
  expect(there.has("a")).toBe(false);
});

test.each(["https://ONE.home.arpa", "https://one.home.arpa/", "https://one.home.arpa:443"])(
  "Reliability: it stays where its connection is written otherwise, and leads to the same place (%s)",
  async (endpoint) => {
    await make(state("a", { connection: { endpoint } }));
    await remove(state("a"));
    expect(there.has("a")).toBe(true);
  },
);

test("Reliability: a machine is the same with port 22 and without a port, in capitals or not; another port is another", () => {
  const host = "tooling.home.arpa";
  expect(hostService.place({ host: "Tooling.home.arpa", user: "ops" })).toEqual({ host, port: 22 });
  expect(hostService.place({ host, port: 22, hostKey: "ssh-ed25519 AAAA" })).toEqual({ host, port: 22 });
  expect(hostService.place({ host, port: 2222 })).toEqual({ host, port: 2222 });
});

test.each([
  ["Authentik", authentikService],
  ["Grafana", grafanaService],
  ["Harbor", harborService],
])(
  "Reliability: %s is the same with the port of its scheme and without; a place that is not known yet is none",
  (_name, service) => {
    const place = (endpoint: string) => service.place({ endpoint, password: "Correct-Horse-1" });
    expect(place("https://One.home.arpa:443/")).toBe("https://one.home.arpa");
    expect(place("https://one.home.arpa:8443")).toBe("https://one.home.arpa:8443");
    expect([place(unknownValue), service.place(unknownValue), service.place(undefined)]).toEqual([
      unknownValue,
      undefined,
      undefined,
    ]);
  },
);
