import * as pulumi from "@pulumi/pulumi";

import { dispatcher, resourceType } from "../../../../providers/dynamic/dispatcher";
import { hasUnknown, joinId, same, splitId, unknownValue } from "../../../../providers/dynamic/values";
import { RobotAccount } from "../../../../providers/harbor";
import { harbor } from "../../../../providers/harbor/kinds";
import { provider } from "../../../../providers/provider";

const kinds = Object.keys(harbor);
const connection = { endpoint: "https://registry.home.arpa", password: "Correct-Horse-1" };

describe("the provider in the state", () => {
  test.each(kinds)("of %s is one line, and finds the code of today", (type) => {
    const text = dispatcher(`harbor:${type}`);
    expect(text.length).toBeLessThan(120);
    const exported: { handler?: () => unknown } = {};
    const required: string[] = [];
    const load = (name: string): object => {
      required.push(name);
      return { provider };
    };
    new Function("exports", "require", text)(exported, load);
    expect(exported.handler?.()).toBe(harbor[type]);
    expect(required).toEqual(["homelab-providers"]);
  });

  test("says what to do about a type that the code no longer has", () => {
    expect(() => provider("harbor", "Old")).toThrow(
      /no harbor:Old, which the state still has.*npm run pulumi -- state delete/s,
    );
  });

  test("takes no other text in than a type", () => {
    expect(() => dispatcher('a:b");evil("')).toThrow("is no type");
    expect(resourceType("harbor:Project")).toBe("pulumi-nodejs:dynamic/harbor:Project");
  });
});

describe("what a preview does not know yet", () => {
  const life = provider("harbor", "RobotAccount");
  const news = {
    connection: { ...connection, password: unknownValue },
    name: "ci",
    project: unknownValue,
    expires: "1 days",
    permissions: [{ project: unknownValue, access: ["repository:pull"] }],
  };

  test("is not refused, and what is known is checked and put in order", async () => {
    const { inputs, failures } = await life.check({}, news);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ project: unknownValue, expires: "1 day", description: "" });
    const bad = await life.check({}, { ...news, connection: unknownValue, name: "CI" });
    expect(bad.failures.map(({ property }) => property)).toEqual(["name"]);
  });

  test("counts as a change, and replaces before it could collide", async () => {
    const __provider = dispatcher("harbor:RobotAccount");
    const olds = { ...news, __provider, connection, project: "media", permissions: [] };
    expect(await life.diff("media/ci", olds, news)).toEqual({
      changes: true,
      replaces: ["project"],
      deleteBeforeReplace: true,
    });
  });
});

describe("a diff", () => {
  const diff = (olds: object, news: object) =>
    provider("harbor", "Project").diff(
      "a",
      { __provider: dispatcher("harbor:Project"), connection, name: "a", ...olds },
      { connection, name: "a", ...news },
    );

  test("ignores the order of keys, the provider's text and what is not managed", async () => {
    const result = await diff(
      { connection: { password: "p", endpoint: "e" }, __provider: "old", quota: "1 GiB" },
      {
        connection: { endpoint: "e", password: "p" },
        __provider: "new",
      },
    );
    expect(result).toMatchObject({ changes: false, replaces: [] });
  });

  test("of a connection alone replaces nothing", async () => {
    expect(await diff({}, { connection: { ...connection, password: "New-Password-2" } })).toMatchObject({
      changes: true,
      replaces: [],
    });
  });

  test("makes the new one first where the name differs, and deletes first where it is the same", async () => {
    expect(await diff({}, { name: "b" })).toEqual({ changes: true, replaces: ["name"], deleteBeforeReplace: false });
    expect(await diff({ registry: "x" }, { registry: "y" })).toMatchObject({
      replaces: ["registry"],
      deleteBeforeReplace: true,
    });
  });
});

test("a resource makes its connection and its secrets secret, whatever the program passes", async () => {
  const registered: { type: string; inputs: Record<string, unknown> }[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs }) => {
      registered.push({ type, inputs: inputs as Record<string, unknown> });
      return { id: "ci", state: inputs as object };
    },
    call: () => ({}),
  });
  const permissions = [{ access: ["project:list"] }];
  const args = { connection, name: "ci", expires: "never", permissions, chosenSecret: "Chosen-Secret-1" };
  const robot = new RobotAccount("ci", args);
  await new Promise((done) => robot.urn.apply(done));
  expect(registered[0]?.type).toBe("pulumi-nodejs:dynamic/harbor:RobotAccount");
  const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "value" in value;
  const secret = Object.entries(registered[0]?.inputs ?? {}).filter(([, value]) => isSecret(value));
  expect(secret.map(([key]) => key).sort()).toEqual(["chosenSecret", "connection"]);
});

test("ids keep a slash inside a part, and values compare by what they are", () => {
  expect(splitId(joinId(["media", "a/**", "50%2F"]))).toEqual(["media", "a/**", "50%2F"]);
  expect(same({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect([hasUnknown({ a: [unknownValue] }), hasUnknown({ a: null })]).toEqual([true, false]);
});
