import { SsoSetting } from "../../helpers/unit/sso-setting";

const type = "random:index/randomPassword:RandomPassword";
const urnOf = (name: string): string =>
  `urn:pulumi:homelab::homelab::homelab:sso:Applications$homelab:sso:OidcApplication$${type}::${name}`;
const [grafana, harbor] = ["grafana", "registry"].map((service) => urnOf(`applications-${service}-secret`)) as [
  string,
  string,
];

// The first answer of the stand-in waits for Authentik's description to be read.
jest.setTimeout(30_000);

let setting: SsoSetting;
beforeEach(async () => {
  setting = await SsoSetting.start();
  setting.resources.push(
    { urn: urnOf("applications-old-secret"), type, delete: true },
    { urn: `urn:pulumi:homelab::homelab::homelab:registry:Secrets$${type}::applications-harbor-secret`, type },
    { urn: harbor, type },
    { urn: grafana, type },
  );
});
afterEach(() => setting.stop());

test("a client secret is replaced by an update that replaces it and nothing else by itself", async () => {
  expect(await setting.run("rotate", "grafana")).toBe(0);
  expect(setting.updates).toEqual([["--replace", grafana]]);
  expect(setting.told).toBe("grafana has a new client secret, and the old one is refused.\n");
});

test("it asks before it changes anything, unless it is told not to", async () => {
  await setting.run("rotate", "registry", "--yes");
  expect(setting.updates).toEqual([["--replace", harbor, "--yes"]]);
});

test("Authentik need not be reachable to find out", async () => {
  setting.outage(503);
  await setting.run("rotate", "grafana");
  expect(setting.api.log).toEqual([]);
});

test("an update that fails leaves both secrets, and says what ends that", async () => {
  setting.updateEnds = 255;
  expect(await setting.run("rotate", "grafana")).toBe(255);
  expect(setting.told).toContain(
    "the old and the new secret of grafana may both be accepted until it does: npm run up",
  );
});

test.each(["wiki", "old", "grafana-secret"])(
  "%s has no client secret: those that have one are named",
  async (service) => {
    await expect(setting.run("rotate", service)).rejects.toThrow(
      `the service "${service}" has no client secret; those that have one: grafana, registry`,
    );
    expect(setting.updates).toEqual([]);
  },
);

test("a stack without single sign-on says so", async () => {
  setting.resources = [];
  await expect(setting.run("rotate", "grafana")).rejects.toThrow("no service of this stack has one");
});
