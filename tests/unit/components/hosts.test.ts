import { createHash } from "node:crypto";

import { parse } from "yaml";

import { runProgram, type Deployed } from "../../helpers/unit/program-run";
import { resolved, types } from "../../helpers/unit/pulumi-mocks";

const key = `ssh-ed25519 ${"A".repeat(68)}`;
const nas = { name: "nas", address: "192.168.1.54", user: "admin", hostKey: key, memory: "8 GiB" };
const hosts = [nas];

const names = (deployed: Deployed, type: string): string[] => deployed.ofType(type).map(({ name }) => name);

/** What is on a machine: by the address that it is reached at, or the provider of its Docker. */
function on(deployed: Deployed, address: string): string[] {
  const provider = deployed.ofType(types.dockerProvider).find(({ inputs }) => String(inputs.host).includes(address));
  const isThere = ({ inputs, options }: Deployed["resources"][number]): boolean =>
    (inputs.connection as { host?: string } | undefined)?.host === address || options.provider === provider?.resource;
  return deployed.resources.filter(isThere).map(({ name }) => name);
}

const route = (deployed: Deployed, name: string): { rule: string }[] => {
  const { content } = deployed.get(types.hostFile, name).inputs as { content: string };
  return Object.values((parse(content) as { http: { routers: Record<string, { rule: string }> } }).http.routers);
};

describe("the registry on a machine that exists", () => {
  let deployed: Deployed;
  let before: Deployed;
  beforeAll(async () => {
    deployed = await runProgram({ preview: false }, { hosts, "registry.host": "nas" });
    before = await runProgram({ preview: false });
  }, 60_000);

  test("US2: is there with all that it has, and nothing of it is on the VM", () => {
    const isRegistry = (name: string): boolean => name.startsWith("harbor-");
    const there = on(deployed, nas.address);
    expect(there.filter(isRegistry).sort()).toEqual(on(before, "192.168.1.60").filter(isRegistry).sort());
    expect(on(deployed, "192.168.1.60").filter(isRegistry)).toEqual([]);
    expect(there.filter((name) => !isRegistry(name)).sort()).toEqual([
      ...["edge-nas-acme", "edge-nas-certificate-registry", "edge-nas-common", "edge-nas-root"],
      ...[
        "edge-nas-route-registry",
        "edge-nas-static",
        "edge-nas-traefik",
        "edge-nas-traefik",
        "harbor",
        "nas-prepare",
      ],
      "nas-tooling",
    ]);
  });

  test("US1: is served there alone, and its edge is not on the CA's network", () => {
    const { inputs } = deployed.get(types.container, "edge-nas-traefik");
    expect(inputs).toMatchObject({ name: "edge-traefik", networksAdvanced: [{ name: "tooling" }] });
    expect((inputs.ports as { ip: string }[]).map(({ ip }) => ip)).toEqual([nas.address, nas.address]);
    expect(names(deployed, types.hostFile).filter((name) => name.endsWith("-route-registry"))).toEqual([
      "edge-nas-route-registry",
    ]);
  });

  test("EF-001: gets its certificate through the first edge, which lets the CA be asked by that machine alone", async () => {
    const { content } = deployed.get(types.hostFile, "edge-nas-static").inputs as { content: string };
    expect(content).toContain("caServer: https://ca.home.arpa/acme/acme/directory");
    const rules = route(deployed, "edge-route-ca").map(({ rule }) => rule);
    expect(rules.filter((rule) => rule.includes("/acme/"))).toEqual([
      "Host(`ca.home.arpa`) && (PathPrefix(`/acme/acme/`)) && (ClientIP(`192.168.1.54`))",
    ]);
    expect(route(before, "edge-route-ca").map(({ rule }) => rule)).toEqual([
      "Host(`ca.home.arpa`) && (Path(`/roots.pem`) || Path(`/health`))",
      "Host(`ca.home.arpa`) && Header(`X-Edge-Passed-ca`, `192.168.1.60`)",
    ]);
    const sources = await deployed.get("homelab:edge:Edge", "edge-nas").options.dependsOn;
    expect(sources).toEqual([deployed.get("homelab:edge:Edge", "edge").resource]);
  });

  test("EF-005: is reached by the key of the config, and goes with no VM", () => {
    const file = deployed.get(types.hostFile, "edge-nas-common");
    expect(file.inputs.connection).toEqual({ host: nas.address, user: "admin", hostKey: key });
    // Of its machine-id and its key: machines that were cloned have one machine-id.
    const id = createHash("sha256").update(`0123456789abcdef0123456789abcdef ${key}`).digest("hex");
    expect(file.inputs.installation).toBe(id.slice(0, 32));
    expect(file.options.deletedWith).toBeUndefined();
    expect(deployed.get(types.command, "nas-prepare").inputs.triggers).toEqual([key]);
    const { host, sshOpts } = deployed.get(types.dockerProvider, "nas-docker").inputs as Record<string, unknown>;
    expect(host).toBe("ssh://admin@192.168.1.54");
    expect(sshOpts).toContain(`KnownHostsCommand=/bin/echo 192.168.1.54 ${key}`);
  });

  test("tells clients, and the program itself, where it is", async () => {
    expect(await resolved(deployed.result.registryClient)).toMatchObject({ address: nas.address });
    const served = (await resolved(deployed.result.services)).map(({ url }) => url);
    expect(served).toEqual([
      ...(await resolved(before.result.services)).map(({ url }) => url).filter((url) => !url.includes("registry.")),
      "https://registry.home.arpa",
    ]);
  });

  test("the policies are told of the machine, and only where something runs on it", async () => {
    expect(deployed.get("homelab:host:Inventory", "inventory").inputs.hosts).toEqual([
      { ...nas, port: 22, memory: 8 * 1024 ** 3 },
    ]);
    const idle = await runProgram({ preview: false }, { hosts });
    expect(idle.ids()).toEqual(before.ids());
    expect(idle.get("homelab:host:Inventory", "inventory").inputs).not.toHaveProperty("hosts");
  });
});

test("a machine with another SSH port is reached, and known, by it", async () => {
  const deployed = await runProgram({ preview: false }, { hosts: [{ ...nas, port: 2222 }], "registry.host": "nas" });
  expect(deployed.get(types.hostFile, "edge-nas-common").inputs.connection).toMatchObject({ port: 2222 });
  const { host, sshOpts } = deployed.get(types.dockerProvider, "nas-docker").inputs as Record<string, unknown>;
  expect(host).toBe("ssh://admin@192.168.1.54:2222");
  expect(sshOpts).toContain(`KnownHostsCommand=/bin/echo [192.168.1.54]:2222 ${key}`);
}, 60_000);

describe("the single sign-on on another machine than what it guards", () => {
  let deployed: Deployed;
  beforeAll(async () => {
    deployed = await runProgram({ preview: false }, { hosts, "sso.host": "nas" });
  }, 60_000);
  const content = (name: string): unknown => parse(String(deployed.get(types.hostFile, name).inputs.content));

  test("US3: is asked through the edge there, which the root vouches for, by its own name", () => {
    expect(content("edge-common")).toMatchObject({
      http: {
        middlewares: {
          "single-sign-on": {
            forwardAuth: {
              address: "https://auth.home.arpa/outpost.goauthentik.io/auth/traefik",
              tls: { ca: "/etc/traefik/root_ca.crt" },
            },
          },
        },
      },
    });
    expect(content("edge-route-prometheus")).toMatchObject({
      http: {
        services: {
          "prometheus-sign-on": {
            loadBalancer: {
              servers: [{ url: "https://auth.home.arpa" }],
              passHostHeader: false,
              serversTransport: "prometheus-sign-on",
            },
          },
        },
        serversTransports: { "prometheus-sign-on": { rootCAs: ["/etc/traefik/root_ca.crt"] } },
      },
    });
  });

  test("US3: sets Grafana up through the edge that serves it", () => {
    const { connection } = deployed.get("pulumi-nodejs:dynamic/grafana:SsoSettings", "grafana-login").inputs;
    expect(connection).toMatchObject({ endpoint: "https://grafana.home.arpa", address: "192.168.1.60" });
  });

  test("US3: believes that edge, and nobody else, whose request it asks about", () => {
    const forwardedHeaders = { trustedIPs: ["192.168.1.60"] };
    expect(content("edge-nas-static")).toMatchObject({ entryPoints: { websecure: { forwardedHeaders } } });
    expect(content("edge-static")).not.toHaveProperty("entryPoints.websecure.forwardedHeaders");
  });
});

test("EF-002: the CA on another machine lets the VM's edge ask, whose certificates then come through the edge there", async () => {
  const deployed = await runProgram({ preview: false }, { hosts, "pki.host": "nas" });
  const rules = route(deployed, "edge-nas-route-ca").map(({ rule }) => rule);
  expect(rules).toContain("Host(`ca.home.arpa`) && (PathPrefix(`/acme/acme/`)) && (ClientIP(`192.168.1.60`))");
  expect(String(deployed.get(types.hostFile, "edge-static").inputs.content)).toContain("https://ca.home.arpa/acme/");
  expect(deployed.get("homelab:edge:Edge", "edge").options.dependsOn).toEqual([
    deployed.get("homelab:edge:Edge", "edge-nas").resource,
  ]);
}, 60_000);

test("a stack without a VM has everything on the first machine that exists, and nothing of Proxmox", async () => {
  const changes = { proxmox: undefined, proxmoxApiToken: undefined, toolingVm: undefined, guests: undefined, hosts };
  const deployed = await runProgram({ preview: false }, { ...changes, network: { dns: ["192.168.1.1"] } });
  expect(deployed.ids().filter((id) => /proxmox(ve|:)/.test(id) || id.includes("ToolingVm"))).toEqual([]);
  expect(on(deployed, nas.address)).toEqual(expect.arrayContaining(["edge-nas-traefik", "pki-step-ca", "harbor-core"]));
  // It stays what it is called when another machine comes before it.
  expect(names(deployed, "homelab:edge:Edge")).toEqual(["edge-nas"]);
  expect(route(deployed, "edge-nas-route-ca").some(({ rule }) => rule.includes("ClientIP"))).toBe(false);
}, 60_000);
