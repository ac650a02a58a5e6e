import { problems } from "../../helpers/unit/config-fixture";
import { runProgram, type Deployed } from "../../helpers/unit/program-run";
import { resolved, types } from "../../helpers/unit/pulumi-mocks";

const withoutLogins = {
  features: ["pki", "edge", "registry"],
  services: [{ name: "wiki", upstream: "http://192.168.1.70:8080", auth: "native" }],
};

const topLevel = ({ resources }: Deployed): string[] =>
  resources.filter(({ options }) => options.parent === undefined).map(({ name }) => name);

describe("a stack with certificates only", () => {
  let deployed: Deployed;
  beforeAll(async () => {
    deployed = await runProgram({ preview: false }, { ...withoutLogins, features: ["pki", "edge"] });
  }, 60_000);

  test("US1: has the CA and the edge, and nothing of the other features", () => {
    expect(topLevel(deployed)).toEqual(["proxmox", "inventory", "tooling", "pki", "edge"]);
    expect(deployed.ofType(types.container).map(({ name }) => name)).toEqual(["pki-step-ca", "edge-traefik"]);
  });

  test("CS-001: serves its catalogue, and asks nobody for logins", async () => {
    expect((await resolved(deployed.result.services)).map(({ url }) => url)).toEqual([
      "https://wiki.home.arpa",
      "https://ca.home.arpa",
    ]);
    const common = deployed.get(types.hostFile, "edge-common").inputs.content as string;
    expect(common).not.toContain("forwardAuth");
    expect(common).toContain("security-headers");
  });

  test("has the outputs of its features alone", () => {
    expect(Object.keys(deployed.result)).toEqual(["rootCertificate", "rootFingerprint", "rootUrl", "services"]);
  });
});

describe("a registry without single sign-on", () => {
  test("US2: has its own accounts log in, and no login set up", async () => {
    const deployed = await runProgram({ preview: false }, withoutLogins);
    expect(topLevel(deployed)).toEqual([
      ...["proxmox", "inventory", "tooling", "pki", "edge"],
      ...["harbor", "harbor-ready", "registry", "harbor-findings"],
    ]);
    const { services } = deployed.get("homelab:edge:Edge", "edge").inputs as { services: object[] };
    const entry = services.find((each) => "name" in each && each.name === "registry");
    expect(entry).toMatchObject({ auth: "native" });
    expect(entry).not.toHaveProperty("groups");
  }, 60_000);
});

describe("the config refuses", () => {
  test("a feature without one that it needs", () => {
    expect(problems({ ...withoutLogins, features: ["pki", "registry"] })).toEqual([
      'homelab:features: ["pki","registry"] is without edge, which registry needs; add what is missing, or remove registry',
    ]);
    expect(problems({ features: [], services: [] })).toEqual([]);
  });

  test("one that there isn't", () => {
    expect(problems({ ...withoutLogins, features: ["pki", "egde"] })).toEqual([
      'homelab:features[1]: "egde" is not one of pki, edge, sso, registry; write it like pki',
    ]);
  });

  test("US1: a catalogue that nobody serves", () => {
    expect(problems({ ...withoutLogins, features: ["pki"] })).toEqual([
      "homelab:services: served by nobody without the edge; add edge to homelab:features, or set it to []",
    ]);
    expect(problems({ features: ["pki"], services: [] })).toEqual([]);
  });

  test("US3: a service that asks for logins where nothing answers them", () => {
    const wiki = { name: "wiki", upstream: "http://192.168.1.70:8080", auth: "proxy", groups: ["family"] };
    expect(problems({ ...withoutLogins, services: [wiki] })).toEqual([
      'homelab:services[0].auth: "proxy" needs single sign-on; add sso to homelab:features, or use native or none',
    ]);
  });

  test("EF-001: less memory than the chosen features need, and no more than that", () => {
    expect(problems({ ...withoutLogins, features: ["pki", "edge"], "toolingVm.memory": "1 GiB" })).toEqual([]);
    expect(problems({ ...withoutLogins, features: ["pki", "edge"], "toolingVm.memory": "1023 MiB" })).toEqual([
      'homelab:toolingVm.memory: "1023 MiB" is less than the 1 GiB that its containers need (Docker 512 MiB, ' +
        "pki-step-ca 256 MiB, edge-traefik 256 MiB); give the VM more memory",
    ]);
  });

  test("names of the stack's own services, as long as it has them", () => {
    const auth = { name: "auth", upstream: "http://192.168.1.70:8080", auth: "native" };
    expect(problems({ ...withoutLogins, services: [auth] })).toEqual([]);
    expect(problems({ services: [auth] })).toContain(
      'homelab:services[0].name: "auth" is kept for the stack\'s own services (auth, ca, registry, traefik); choose another',
    );
  });
});
