import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { projectRoot } from "../../../tools/versions";
import { images } from "../../../versions";
import { grafanaPassword, token } from "../../helpers/unit/config-fixture";
import { operatorKey, runProgram, type Deployed } from "../../helpers/unit/program-run";
import {
  keyText,
  passwordText,
  resolved,
  rootCertificate,
  rootFingerprint,
  types,
} from "../../helpers/unit/pulumi-mocks";
import { site } from "../../../providers/host/folders";

let update: Deployed;
let preview: Deployed;

beforeAll(async () => {
  update = await runProgram({ preview: false });
  preview = await runProgram({ preview: true });
}, 60_000);

/** Texts inside a value; a resource is named, not entered. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  return Object.values(value).flatMap(texts);
}

test("one run makes the VM, its CA, its registry, its single sign-on and its edge, and nothing hangs outside a component (US5)", () => {
  const topLevel = update.resources.filter(({ options }) => options.parent === undefined);
  expect(topLevel.map(({ type, name }) => `${type} ${name}`)).toEqual([
    `${types.proxmoxProvider} proxmox`,
    "homelab:host:Inventory inventory",
    "homelab:host:ToolingVm tooling",
    "homelab:pki:Pki pki",
    "homelab:edge:Edge edge",
    "homelab:sso:Sso authentik",
    "homelab:sso:Ready authentik-ready",
    "homelab:sso:Access sso",
    "homelab:sso:People people",
    "homelab:sso:Applications applications",
    "homelab:sso:GrafanaLogin grafana-login",
    "homelab:registry:Registry harbor",
    "homelab:registry:Ready harbor-ready",
    "homelab:registry:Contents registry",
    "homelab:registry:FindingsExporter harbor-findings",
    "homelab:sso:RegistryLogin registry-login",
  ]);
});

test("EF-001: the inventory tells the policies what the house has: node, guests, network and domain", () => {
  const { inputs } = update.get("homelab:host:Inventory", "inventory");
  expect(inputs).toMatchObject({
    domain: "home.arpa",
    node: {
      name: "pve-mon",
      endpoint: "https://192.168.1.10:8006",
      address: "192.168.1.10",
      memory: 32 * 1024 ** 3,
      cores: 12,
    },
    network: { subnet: { cidr: "192.168.1.0/24", prefix: 24 }, gateway: "192.168.1.1" },
  });
  const guests = inputs.guests as { name: string; memory: number }[];
  expect(guests.map(({ name }) => name)).toEqual(["pihole", "home-assistant", "monitoring", "media"]);
  expect(guests.reduce((sum, { memory }) => sum + memory, 0)).toBe(16.5 * 1024 ** 3);
});

test("the preview before the first update shows every resource, although nothing exists yet (US5)", () => {
  expect(preview.ids()).toEqual(update.ids());
});

test("a resource is named after its component, so that two of a kind cannot clash", () => {
  const nameOf = new Map(update.resources.map(({ resource, name }) => [resource, name]));
  const strays = update.resources.filter(({ name, options }) => {
    const parent = options.parent && nameOf.get(options.parent);
    return parent !== undefined && !name.startsWith(parent);
  });
  expect(strays.map(({ name }) => name)).toEqual([]);
});

test("every service of the catalogue, and the CA itself, has a route and a certificate (US1, CS-001)", () => {
  const names = ["grafana", "prometheus", "alertmanager", "proxmox", "ca", "registry", "auth"];
  for (const [type, prefix] of [
    [types.hostFile, "edge-route-"],
    [types.command, "edge-certificate-"],
  ] as const) {
    const found = update.ofType(type).filter(({ name }) => name.startsWith(prefix));
    expect(found.map(({ name }) => name.slice(prefix.length))).toEqual(names);
  }
});

test.each([
  ["the root key (EF-005)", keyText("pki-authority-root-key")],
  ["the intermediate key (EF-005)", keyText("pki-authority-intermediate-key")],
  ["the machine's host key", keyText("tooling-host-key")],
  ["the Proxmox token", token],
  ["the password of Grafana's administrator (US3.1)", grafanaPassword],
  ["the password of Authentik's administrator", passwordText("authentik-secrets-admin")],
  ["the API token of Authentik", passwordText("authentik-secrets-token")],
  ["the password of Authentik's database", passwordText("authentik-secrets-database")],
  ["the key of Authentik's sessions", passwordText("authentik-secrets-key")],
  ["the key that logins are signed with", keyText("sso-signing")],
  ["Grafana's client secret", passwordText("applications-grafana-secret")],
  ["Harbor's client secret", passwordText("applications-registry-secret")],
  ["the password of Harbor's administrator (US2.4)", passwordText("harbor-secrets-admin")],
  ["the password of Harbor's database", passwordText("harbor-secrets-database")],
  ["the key of Harbor's stored credentials", passwordText("harbor-secrets-key")],
  ["the key of Harbor's tokens", keyText("harbor-secrets-token-key")],
])("%s is encrypted wherever the state has it", (_secret, text) => {
  const holders = update.resources.flatMap(({ name, inputs, secrets }) =>
    Object.entries(inputs)
      .filter(([, value]) => texts(value).some((found) => found.includes(text)))
      .map(([key]) => ({ input: `${name}: ${key}`, isSecret: secrets.includes(key) })),
  );
  expect(holders.length).toBeGreaterThan(0);
  expect(holders.filter(({ isSecret }) => !isSecret)).toEqual([]);
});

test("EF-005: the operator's key is an input of nothing, so that no state has it", () => {
  const holders = update.resources.filter(({ inputs }) => texts(inputs).some((text) => text.includes(operatorKey)));
  expect(holders.map(({ name }) => name)).toEqual([]);
});

test("the root key reaches the two certificates it signs and nothing else (EF-005)", () => {
  const rootKey = keyText("pki-authority-root-key");
  const holders = update.resources.filter(({ inputs }) => texts(inputs).some((text) => text.includes(rootKey)));
  expect(holders.map(({ name }) => name).sort()).toEqual(["pki-authority-intermediate", "pki-authority-root"]);
});

test("no secret stands in a command line, a label or an environment (EF-005)", () => {
  for (const { name, secrets } of update.ofType(types.command))
    expect({ name, secrets }).toEqual({ name, secrets: ["connection"] });
  for (const { name, secrets } of update.ofType(types.hostFile))
    expect({ name, secrets: secrets.filter((key) => key !== "content") }).toEqual({ name, secrets: [] });
  for (const { name, secrets } of update.ofType(types.container))
    expect({ name, secrets }).toEqual({ name, secrets: [] });
});

test("every container is read-only, checked, without privilege or the host's network; the edge alone is on the LAN", () => {
  const containers = update.ofType(types.container);
  expect(containers.length).toBe(15);
  for (const { name, inputs } of containers) {
    expect(inputs).not.toHaveProperty("privileged");
    expect(inputs).not.toHaveProperty("networkMode");
    const { readOnly, capabilities, securityOpts, wait, restart, healthcheck } = inputs;
    expect({ name, readOnly, capabilities, securityOpts, wait, restart }).toEqual({
      name,
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      wait: true,
      restart: "unless-stopped",
    });
    expect((healthcheck as { tests: string[] }).tests[0]).toMatch(/^CMD/);
    expect("ports" in inputs).toBe(name === "edge-traefik");
  }
});

test("what lives on the machine is made again on a rebuilt one, and is not removed from one that is gone (US5)", () => {
  const vm = update.get(types.vm, "tooling").resource;
  const onMachine = [
    ...[types.command, types.hostFile, types.hostDirectory, types.container, types.image, types.network],
  ].flatMap((type) => update.ofType(type));
  for (const { name, options, inputs } of onMachine) {
    expect({ name, deletedWith: options.deletedWith === vm }).toEqual({ name, deletedWith: true });
    if (name !== "tooling-first-boot") expect(texts(inputs)).toContain("0123456789abcdef0123456789abcdef");
  }
});

test("EF-005: every folder above a file is one that the file makes, below /srv, and nobody else's", () => {
  const at = (type: string): string[] =>
    update.resources.filter((each) => each.type === type).map(({ inputs }) => String(inputs.path));
  const files = at(types.hostFile);
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => !path.startsWith(`${site.root}/`))).toEqual([]);
  const folders = at(types.hostDirectory);
  expect(files.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))).toEqual([]);
});

test("every image is pinned: to a version, and to a digest where it is known", () => {
  for (const image of Object.values(images)) {
    expect(image).toMatch(/^[a-z./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?(@sha256:[0-9a-f]{64})?$/);
  }
  const used = new Set(update.ofType(types.image).map(({ inputs }) => inputs.name));
  expect([...used].sort()).toEqual(Object.values(images).sort());
});

test("US3.3: the links of new users, the clients and Authentik's administrator are outputs, and secret", async () => {
  const { ssoAdmin, ssoClients, ssoLinks } = update.result;
  for (const output of [ssoAdmin, ssoClients, ssoLinks]) {
    expect(await (output as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
  }
  expect(await resolved(ssoLinks)).toEqual({
    anna: "https://auth.home.arpa/link-of-people-anna-link",
    ben: "https://auth.home.arpa/link-of-people-ben-link",
  });
  expect(await resolved(ssoClients)).toEqual({});
  expect(await resolved(ssoAdmin)).toMatchObject({ username: "akadmin", url: "https://auth.home.arpa" });
});

test("the logins to the registry are outputs, and secret", async () => {
  const { registryAdmin, registryClient, registryPush } = update.result;
  for (const output of [registryAdmin, registryClient, registryPush]) {
    expect(await (output as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
  }
  expect(await resolved(registryAdmin)).toEqual({
    username: "admin",
    password: passwordText("harbor-secrets-admin"),
  });
  expect(await resolved(registryClient)).toEqual({
    host: "registry.home.arpa",
    address: "192.168.1.60",
    rootCertificate,
    username: "robot$registry-pull-robot",
    password: passwordText("registry-pull-robot"),
  });
  expect(await resolved(registryPush)).toMatchObject({ project: "registry.home.arpa/homelab" });
});

test("the stack says where its services are and what devices have to trust (EF-003)", async () => {
  const { services, rootCertificate: root, rootFingerprint: fingerprint, rootUrl } = update.result;
  expect((await resolved(services)).map(({ url }) => url)).toContain("https://grafana.home.arpa");
  expect(await resolved(root)).toBe(rootCertificate);
  expect(await resolved(fingerprint)).toBe(rootFingerprint);
  expect(rootUrl).toBe("https://ca.home.arpa/roots.pem");
});

test("docs/reference/outputs.md has every output of the program, and no other", () => {
  const page = readFileSync(join(projectRoot, "docs/reference/outputs.md"), "utf8");
  const told = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(told).toEqual(Object.keys(update.result));
});
