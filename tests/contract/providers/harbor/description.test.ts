import { harbor } from "../../../../providers/harbor/kinds";
import type { Exchange } from "../../../helpers/unit/faulty-api";
import { HarborApi } from "../../../helpers/unit/harbor-api";
import { lives } from "../../../helpers/unit/harbor-lives";
import { hurry, Stack } from "../../../helpers/unit/provider-stack";
import { HarborDescription, officialTest } from "../../../helpers/contract/harbor-description";

let api: HarborApi;
let description: HarborDescription;
beforeAll(() => {
  hurry();
  description = HarborDescription.load();
}, 120_000);
beforeEach(async () => {
  api = await HarborApi.start();
  api.objects.configuration.auth_mode = "oidc_auth";
  await new Stack("Project", api.connection).up({ name: "media" });
});
afterEach(() => api.stop());

const problems = (exchanges: Exchange[]): string[] => [
  ...new Set(exchanges.flatMap((exchange) => description.problems(exchange))),
];

officialTest.each(Object.keys(harbor))(
  "%s sends what Harbor describes, and the stand-in answers what Harbor describes",
  async (type) => {
    const life = lives[type];
    const stack = new Stack(type, api.connection);
    for (const args of [life?.args, life?.change, life?.replace, life?.args]) {
      if (!args) continue;
      await stack.up(args);
      await stack.refresh();
    }
    await new Stack(type, api.connection).up(life?.change ?? {}); // takes over what is there
    await stack.lookUp(life?.id ?? "");
    if (life?.remove) {
      life.remove(api.objects);
      await stack.refresh();
    }
    expect(api.exchanges.length).toBeGreaterThan(3);
    expect(problems(api.exchanges)).toEqual([]);
  },
);

officialTest("deleting anything is described", async () => {
  for (const [type, { args }] of Object.entries(lives)) {
    const stack = new Stack(type, api.connection);
    await stack.up(args);
    await stack.destroy();
  }
  expect(api.exchanges.filter(({ method }) => method === "DELETE").length).toBeGreaterThan(6);
  expect(problems(api.exchanges)).toEqual([]);
});

describe("what is not described is found", () => {
  const call = { method: "POST", url: new URL("http://harbor/api/v2.0/labels"), status: 201, body: { name: "a" } };
  officialTest.each([
    ["another path", { url: new URL("http://harbor/api/v2.0/label") }, "POST /api/v2.0/label: is not described"],
    ["another property", { body: { nam: "a" } }, "POST /api/v2.0/labels: body.nam is not described"],
    ["another type", { body: { name: 1 } }, "POST /api/v2.0/labels: body.name is no string: 1"],
    ["another status", { status: 200 }, "POST /api/v2.0/labels: answers 200, which is not described"],
    ["a missing body", { body: undefined }, "POST /api/v2.0/labels: needs a body"],
    ["a parameter", { url: new URL("http://harbor/api/v2.0/labels?a=b") }, "POST /api/v2.0/labels: has no parameter a"],
  ])("%s", (_, change, problem) => {
    expect(description.problems(call)).toEqual([]);
    expect(description.problems({ ...call, ...change })).toEqual([problem]);
  });
});
