import * as sdk from "@pulumi/policy";

import { services } from "../../../providers/provider";
import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, secret, type TestResource } from "../../helpers/policy/harness";
import { programStack } from "../../helpers/policy/program";

const isObject = ({ type }: TestResource): boolean => type.startsWith(`${types.dynamic}/`);
const judged = (stack: readonly TestResource[]) => messages("service-access", stack);

let program: TestResource[];

beforeAll(async () => {
  program = await programStack();
}, 180_000);

test("service-access: before the first update, what comes from other resources is not known, and passes", async () => {
  const stack = program.map((resource): TestResource => {
    if (!isObject(resource)) return resource;
    const made = Object.entries(resource.dependencies ?? {}).filter(([, origins]) => origins.length > 0);
    const unknowns = Object.fromEntries(made.map(([property]) => [property, notYetKnown]));
    return { ...resource, inputs: { ...resource.inputs, ...unknowns } };
  });
  expect(stack.filter(isObject).every(({ inputs }) => inputs?.connection === notYetKnown)).toBe(true);
  expect(await judged(stack)).toEqual([]);
});

test("service-access: what Pulumi has let the providers complete passes as what the program wrote", async () => {
  const stack = await Promise.all(
    program.map(async (resource) => (isObject(resource) ? completed(resource) : resource)),
  );
  const stage = stack.find(({ name }) => name === "sso-login-second-factor");
  expect(stage?.inputs).toMatchObject({ deviceClasses: ["totp", "static", "webauthn"] });
  expect(await judged(stack)).toEqual([]);
});

/** A resource with the inputs that its provider makes of it. */
async function completed(resource: TestResource): Promise<TestResource> {
  const [, module = "", kind = ""] = /\/(\w+):(\w+)$/.exec(resource.type) ?? [];
  const plain = Object.fromEntries(
    Object.entries(resource.inputs ?? {}).map(([key, value]) => [
      key,
      value instanceof sdk.Secret ? (value.value as unknown) : value,
    ]),
  );
  const checked = await services[module]?.[kind]?.check({}, plain);
  return { ...resource, inputs: { ...checked?.inputs, connection: secret(checked?.inputs.connection) } };
}

const app = { name: "wiki", upstream: "http://192.168.1.54:80", auth: "oidc" };

test.each<[string, Record<string, unknown>]>([
  [
    "little",
    {
      "sso.phase": 1,
      "sso.secondFactor": { groups: [] },
      "sso.users": [],
      "sso.grafana": undefined,
      "sso.registry": {},
      services: [{ name: "whoami", upstream: "http://192.168.1.54:80", auth: "proxy", groups: [] }],
    },
  ],
  [
    "much",
    {
      "sso.adminGroup": "owners",
      "sso.groups": ["owners", "family"],
      "sso.secondFactor": { everyone: true, groups: [] },
      "sso.linkValidity": "1 day",
      "sso.users": [{ username: "eve", name: "Eve", email: "eve@home.arpa", groups: ["owners", "family"] }],
      "sso.registry": { roles: [{ group: "family", role: "maintainer" }] },
      "sso.grafana": { service: "wiki", user: "root", roles: [{ group: "family", role: "Editor" }] },
      "registry.project": "images",
      "registry.robotLifetime": "1 days",
      "registry.caches": [
        { name: "hub", source: "docker-hub", quota: "1 GiB" },
        { name: "quay", source: "quay", quota: "1 GiB" },
      ],
      services: [
        { ...app, groups: ["family"], redirectUris: ["https://wiki.home.arpa/z", "https://wiki.home.arpa/a"] },
        { name: "proxmox", upstream: "https://192.168.1.10:8006", auth: "oidc", host: "pve.home.arpa", groups: [] },
        { name: "open", upstream: "http://192.168.1.54:81", auth: "none" },
      ],
    },
  ],
])(
  "service-access: a config that asks for %s passes",
  async (_what, changes) => {
    const stack = await programStack({ "registry.quota": "20 GiB", ...changes });
    const { violations } = await judge(stack, {}, { only: "service-access" });
    expect(violations).toEqual([]);
  },
  180_000,
);

test("service-access: without the services, nothing is needed", async () => {
  expect(await judged([{ type: types.inventory, name: "inventory", inputs: { domain: "home.arpa" } }])).toEqual([]);
});

test("service-access: a service whose objects are all gone lacks those that keep others out", async () => {
  const found = await judged(program.filter((each) => !isObject(each)));
  expect(found).toContainEqual(expect.stringContaining('there is no authentik:ClosedFlows with group "nobody"'));
  expect(found).toContainEqual(expect.stringContaining('there is no harbor:Project with name "library"'));
});
