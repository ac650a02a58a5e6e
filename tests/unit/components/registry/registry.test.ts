import * as docker from "@pulumi/docker";
import { hashSync } from "bcryptjs";
import { parse } from "yaml";

import { HarborContainers } from "../../../../components/registry/containers";
import { dataFolders, memory } from "../../../../components/registry/workload";
import { trivyEnvironment } from "../../../../components/registry/workloads/trivy";
import { RegistrySecrets } from "../../../../components/registry/secrets";
import { gib, sumSizes } from "../../../../config/size";
import { images } from "../../../../versions";
import { stubMachine } from "../../../helpers/unit/machine-stub";
import {
  deploy,
  Deployment,
  hashSalt,
  keyText,
  passwordText,
  resolved,
  rootCertificate,
  types,
} from "../../../helpers/unit/pulumi-mocks";

let deployed: Deployment<HarborContainers>;

beforeAll(async () => {
  deployed = await deploy(
    () =>
      new HarborContainers("harbor", {
        machine: stubMachine(),
        network: new docker.Network("tooling", { name: "tooling" }),
        domain: "home.arpa",
        images,
        groups: ["admins", "family"],
        rootCertificate,
        dns: ["192.168.1.1"],
      }),
  );
});

const parts = ["core", "database", "exporter", "jobservice", "portal", "registry", "registryctl", "trivy", "valkey"];
const container = (part: string) => deployed.get(types.container, `harbor-${part}`).inputs;
const file = (name: string) => deployed.get(types.hostFile, `harbor-${name}`);

test("EF-006, EF-007, EF-008: Harbor is nine containers, none of them root's", () => {
  expect(
    deployed
      .ofType(types.container)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(parts.map((part) => `harbor-${part}`));
  for (const part of parts) {
    const { user } = container(part);
    expect({ part, user }).toEqual({ part, user: ["database", "valkey"].includes(part) ? "999:999" : "10000:10000" });
  }
});

test("EF-001: all of Harbor, with its findings exporter, keeps to 2 GiB", () => {
  const limits = Object.entries(memory);
  expect(sumSizes(limits.map(([, size]) => size))).toBeLessThanOrEqual(gib(2));
  for (const part of parts) expect(container(part).memory).toBe(memory[`harbor-${part}` as "harbor-core"] / 2 ** 20);
});

test("each part starts after those it would give up on", () => {
  const order = parts.map((part) => {
    const { dependsOn } = deployed.get("homelab:host:Part", `harbor-${part}`).options;
    const needed = (dependsOn ?? []) as unknown[];
    return [
      part,
      parts.filter((each) => needed.includes(deployed.get("homelab:host:Part", `harbor-${each}`).resource)),
    ];
  });
  expect(Object.fromEntries(order)).toEqual({
    core: ["database", "registry", "registryctl", "valkey"],
    database: [],
    exporter: ["core", "jobservice"],
    jobservice: ["core"],
    portal: [],
    registry: ["valkey"],
    registryctl: ["valkey"],
    trivy: ["valkey"],
    valkey: [],
  });
});

test("Security: core and portal alone share a network with the edge; database and store are on Harbor's own", () => {
  for (const part of parts) {
    const names = (container(part).networksAdvanced as { name: string }[]).map(({ name }) => name);
    expect({ part, names }).toEqual({
      part,
      names: ["core", "portal"].includes(part) ? ["harbor", "tooling"] : ["harbor"],
    });
  }
});

test("US2.4, EF-006: the edge sends clients and API to core, everything else to the portal; notifications of jobs are not public", () => {
  expect(deployed.result.service).toEqual({
    name: "registry",
    host: "registry.home.arpa",
    description: "Container images",
    upstream: "http://harbor-portal:8080",
    branches: [
      { name: "core", upstream: "http://harbor-core:8080", paths: ["/api/", "/c/", "/service/token", "/v2/"] },
    ],
    isBulk: true,
    auth: "oidc",
    groups: ["admins", "family"],
  });
});

test("Security: what core may not show is in a file that core alone reads", () => {
  const { inputs, secrets } = file("core-secrets-env");
  expect(secrets).toContain("content");
  expect(inputs.content).toBe(
    [
      `CORE_SECRET=${passwordText("harbor-secrets-core")}`,
      `CSRF_KEY=${passwordText("harbor-secrets-csrf")}`,
      `HARBOR_ADMIN_PASSWORD=${passwordText("harbor-secrets-admin")}`,
      `JOBSERVICE_SECRET=${passwordText("harbor-secrets-jobservice")}`,
      `POSTGRESQL_PASSWORD=${passwordText("harbor-secrets-database")}`,
      `REGISTRY_CREDENTIAL_PASSWORD=${passwordText("harbor-secrets-registry")}`,
      "ROBOT_SCANNER_NAME_PREFIX=text of harbor-secrets-scanner-prefix",
      "TOKEN_SERVICE_URL=http://core:8080/service/token",
      `_REDIS_URL_CORE=redis://:${passwordText("harbor-secrets-store")}@redis:6379/0?idle_timeout_seconds=30`,
      `_REDIS_URL_REG=redis://:${passwordText("harbor-secrets-store")}@redis:6379/1?idle_timeout_seconds=30`,
      "",
    ].join("\n"),
  );
  expect(inputs).toMatchObject({ mode: "0400", owner: "10000:10000" });
  for (const part of parts) expect(JSON.stringify(container(part).envs ?? [])).not.toContain("password of");
});

test("Security: the store lets nobody in without a password, and Trivy to its own entries alone", async () => {
  const [own, scanner] = ["store", "scanner-store"].map((name) => passwordText(`harbor-secrets-${name}`));
  const said = (name: string) => {
    const { inputs, secrets } = file(name);
    expect(secrets).toContain("content");
    expect(inputs.mode).toBe("0400");
    return String(inputs.content);
  };
  expect(said("valkey-redis-conf").split("\n")).toEqual(
    expect.arrayContaining([
      `requirepass ${own}`,
      `user trivy on >${scanner} resetchannels ~harbor.scanner.trivy:* &harbor.scanner.trivy:* ` +
        "+@string +del +exists +expire +ttl +@pubsub +@connection -@admin -@dangerous",
    ]),
  );
  const { SCANNER_JOB_QUEUE_REDIS_NAMESPACE: queue, SCANNER_STORE_REDIS_NAMESPACE: store } = trivyEnvironment;
  for (const namespace of [queue, store]) expect(namespace).toMatch(/^harbor\.scanner\.trivy:/);
  expect(said("trivy-secrets-env")).toBe(
    `SCANNER_REDIS_URL=redis://trivy:${scanner}@redis:6379/5?idle_timeout_seconds=30\n`,
  );
  const cache = `redis://:${own}@redis:6379/1?idle_timeout_seconds=30`;
  expect(said("core-secrets-env")).toContain(`\n_REDIS_URL_REG=${cache}\n`);
  expect(await resolved(deployed.result.registryStore)).toBe(cache);
  const jobs = `redis://:${own}@redis:6379/2?idle_timeout_seconds=30`;
  expect(said("jobservice-config-yml")).toContain(`redis_url: ${jobs}\n`);
  expect(said("exporter-secrets-env")).toContain(`\nHARBOR_REDIS_URL=${jobs}\n`);
  for (const part of ["registry", "registryctl"]) {
    const name = part === "registry" ? "registry-config-yml" : "registryctl-registry-config-yml";
    expect(parse(said(name))).toMatchObject({ redis: { addr: "redis:6379", db: 1, password: own } });
  }
  expect(said("valkey-store-login-env")).toBe(`export REDISCLI_AUTH=${own}\n`);
  for (const part of parts) expect(JSON.stringify(container(part))).not.toContain("password of");
});

test("keys reach core as Harbor reads them: 16 bytes without a line's end, RSA in PKCS#1", () => {
  expect(file("core-key").inputs.content).toBe(passwordText("harbor-secrets-key"));
  expect(deployed.get(types.password, "harbor-secrets-key").inputs).toMatchObject({ length: 16, special: false });
  expect(deployed.get(types.password, "harbor-secrets-key").options.protect).toBe(true);
  expect(deployed.get(types.password, "harbor-secrets-csrf").inputs).toMatchObject({ length: 32 });
  expect(deployed.get(types.key, "harbor-secrets-token-key").inputs).toEqual({ algorithm: "RSA", rsaBits: 4096 });
  expect(file("core-private-key-pem").inputs.content).toBe(keyText("harbor-secrets-token-key"));
});

test("the registry's password costs it 3 ms, and its file is the same on each run: the salt is that in the state", async () => {
  const { inputs, secrets } = file("registry-passwd");
  expect(inputs.content).toBe(
    `harbor_registry_user:${hashSync(passwordText("harbor-secrets-registry"), `$2a$05$${hashSalt}`)}\n`,
  );
  expect(secrets).toContain("content");
  const preview = await deploy(() => new RegistrySecrets("harbor-secrets"), { preview: true });
  expect(await (preview.result.registryLine as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
});

test("EF-001: every part that speaks TLS trusts the private root", () => {
  const trusting = parts.filter((part) =>
    JSON.stringify(container(part).envs ?? []).includes("SSL_CERT_DIR=/etc/homelab/roots"),
  );
  expect(trusting).toEqual(["core", "exporter", "jobservice", "registry", "registryctl", "trivy"]);
  for (const part of trusting) {
    expect(container(part).volumes).toContainEqual({
      hostPath: "/srv/harbor/roots",
      containerPath: "/etc/homelab/roots",
      readOnly: true,
    });
  }
  expect(file("root").inputs.content).toBe(rootCertificate);
});

test("data is on the machine's disk, owned by the user that writes it; core only looks at the size of the store", () => {
  const owners = {
    database: ["database"],
    valkey: ["valkey"],
    jobs: ["jobservice"],
    storage: ["registry", "registryctl"],
  };
  for (const [folder, writers] of Object.entries(owners)) {
    const owner = dataFolders[folder as keyof typeof dataFolders].split(":")[0];
    expect(deployed.get(types.hostDirectory, `harbor-data-${folder}`).inputs).toMatchObject({
      path: `/srv/harbor/data/${folder}`,
      owner: `${owner}:${owner}`,
      mode: "0700",
    });
    for (const part of parts) {
      const volumes = container(part).volumes as { hostPath: string; readOnly: boolean }[];
      const writes = volumes.some(({ hostPath, readOnly }) => hostPath === `/srv/harbor/data/${folder}` && !readOnly);
      expect({ folder, part, writes }).toEqual({ folder, part, writes: writers.includes(part) });
    }
  }
  expect(container("core").volumes).toContainEqual({
    hostPath: "/srv/harbor/data/storage",
    containerPath: "/data",
    readOnly: true,
  });
});

test("the administrator's connection is a secret, and goes to the machine whatever DNS says", async () => {
  const { connection } = deployed.result;
  expect(await (connection as unknown as { isSecret: Promise<boolean> }).isSecret).toBe(true);
  expect(await resolved(connection)).toEqual({
    endpoint: "https://registry.home.arpa",
    address: "192.168.1.60",
    password: passwordText("harbor-secrets-admin"),
    ca: rootCertificate,
  });
});
