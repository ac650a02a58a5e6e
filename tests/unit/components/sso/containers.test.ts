import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { AuthentikContainers } from "../../../../components/sso/containers";
import { catalogueEntry } from "../../../../components/sso/catalogue";
import { memory } from "../../../../components/sso/workload";
import { gib, mib, sumSizes } from "../../../../config/size";
import { bootstrapKey } from "../../../../providers/authentik";
import { images } from "../../../../versions";
import { Sandbox, stubMachine } from "../../../helpers/unit/machine-stub";
import { deploy, Deployment, passwordText, resolved, rootCertificate, types } from "../../../helpers/unit/pulumi-mocks";
import { openHolders } from "../../../helpers/unit/sso-program";

jest.setTimeout(60_000);

/** Subnets of the edge's network; any other network has the mock's. */
const edgeSubnets = ["172.31.7.0/24", "fd00:7::/64"];

function program({ subnets = edgeSubnets, root = rootCertificate } = {}): AuthentikContainers {
  const network = new docker.Network("tooling", { name: "tooling" });
  Object.assign(network, { ipamConfigs: pulumi.output(subnets.map((subnet) => ({ subnet }))) });
  const machine = stubMachine();
  return new AuthentikContainers("authentik", {
    machine,
    network,
    domain: "home.arpa",
    images,
    rootCertificate: root,
    dns: ["192.168.1.1"],
  });
}

let deployed: Deployment<AuthentikContainers>;
beforeAll(async () => void (deployed = await deploy(program)));

const parts = ["database", "server", "worker"] as const;
const programs = ["server", "worker"] as const;
const container = (part: string, { get } = bound()) => get(types.container, `authentik-${part}`).inputs;
const file = (name: string) => deployed.get(types.hostFile, `authentik-${name}`);
const bound = (deployment: Deployment<unknown> = deployed) => ({ get: deployment.get.bind(deployment) });

test("US3: Authentik is three containers, none of them root's", () => {
  expect(
    deployed
      .ofType(types.container)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(parts.map((part) => `authentik-${part}`));
  for (const part of parts) {
    const { user, dns, healthcheck } = container(part);
    expect({ part, user }).toEqual({ part, user: part === "database" ? "70:70" : "1000:1000" });
    expect(dns).toEqual(["192.168.1.1"]);
    expect((healthcheck as { tests: string[] }).tests[0]).toBe("CMD");
  }
});

test("US3: all of Authentik keeps to 1.5 GiB", () => {
  const limits = Object.entries(memory);
  expect(limits.map(([name]) => name)).toEqual(parts.map((part) => `authentik-${part}`));
  expect(sumSizes(limits.map(([, size]) => size))).toBeLessThanOrEqual(gib(1.5));
  for (const part of parts) expect(container(part).memory).toBe(memory[`authentik-${part}`] / 2 ** 20);
});

test("K10: a check that starts a Python is made every half a minute, the database's more often", () => {
  const health = (part: string) => container(part).healthcheck as { startInterval: string; interval: string };
  const often = parts.map(health).map(({ startInterval, interval }) => `${startInterval}, then ${interval}`);
  expect(often).toEqual(["1s, then 5s", "5s, then 30s", "5s, then 30s"]);
});

test("K10: the worker has a third more than it takes at rest", () => {
  expect(memory["authentik-worker"]).toBeGreaterThanOrEqual(mib(436 * 1.33));
});

test("US3: server and worker run one image, and memory that they write to is bounded and runs nothing", () => {
  const image = (part: string) => deployed.get(types.image, `authentik-${part}`).inputs.name;
  expect(parts.map(image)).toEqual([images.authentikDatabase, images.authentikServer, images.authentikServer]);
  for (const part of parts) {
    for (const options of Object.values(container(part).tmpfs as Record<string, string>)) {
      expect(options).toMatch(/^rw,noexec,nosuid,nodev,size=\d+m/);
    }
  }
});

test("Security: the server alone is on the edge's network; nothing but Authentik reaches the database", () => {
  const own = (alias: string) => ({ name: "authentik", aliases: [alias] });
  expect(container("database").networksAdvanced).toEqual([own("postgresql")]);
  expect(container("worker").networksAdvanced).toEqual([own("worker")]);
  expect(container("server").networksAdvanced).toEqual([
    own("server"),
    { name: "tooling", aliases: ["authentik-server"] },
  ]);
});

test("US3.1: Authentik is in the catalogue, and does its own logins", () => {
  expect(catalogueEntry("home.arpa")).toEqual({
    name: "auth",
    host: "auth.home.arpa",
    description: "Logins, and what each may open",
    upstream: "http://authentik-server:9000",
    auth: "native",
  });
  expect(deployed.result.url).toBe("https://auth.home.arpa");
});

test.each(programs)(
  "US3, K2: the %s's environment: nothing is sent out, few workers that are never replaced, and the edge alone is believed",
  (part) => {
    expect(container(part).envs).toEqual([
      "AUTHENTIK_BOOTSTRAP_EMAIL=akadmin@home.arpa",
      "AUTHENTIK_DISABLE_STARTUP_ANALYTICS=true",
      "AUTHENTIK_DISABLE_UPDATE_CHECK=true",
      "AUTHENTIK_ERROR_REPORTING__ENABLED=false",
      "AUTHENTIK_LISTEN__HTTP=0.0.0.0:9000",
      "AUTHENTIK_LISTEN__METRICS=0.0.0.0:9300",
      "AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS=172.31.7.0/24,fd00:7::/64",
      "AUTHENTIK_LOG_LEVEL=info",
      "AUTHENTIK_OUTPOSTS__DISCOVER=false",
      "AUTHENTIK_POSTGRESQL__HOST=postgresql",
      "AUTHENTIK_POSTGRESQL__NAME=authentik",
      "AUTHENTIK_POSTGRESQL__PORT=5432",
      "AUTHENTIK_POSTGRESQL__USER=authentik",
      "AUTHENTIK_REPUTATION__EXPIRY=900",
      "AUTHENTIK_WEB__BASE_URL=https://auth.home.arpa",
      "AUTHENTIK_WEB__MAX_REQUESTS=0",
      "AUTHENTIK_WEB__THREADS=4",
      "AUTHENTIK_WEB__WORKERS=1",
      "AUTHENTIK_WORKER__PROCESSES=1",
      "AUTHENTIK_WORKER__THREADS=2",
      "MALLOC_ARENA_MAX=2",
      "MALLOC_TRIM_THRESHOLD_=131072",
      "REQUESTS_CA_BUNDLE=/etc/homelab/roots/root_ca.crt",
      "SSL_CERT_FILE=/etc/homelab/roots/root_ca.crt",
    ]);
  },
);

test("Security: where the edge's network has no known range, nobody's word is taken, rather than the default's", async () => {
  const { envs } = container("server", bound(await deploy(() => program({ subnets: [] }))));
  expect(envs).toContain("AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS=");
});

test("US3: the database is a household's, and finds its password in a file", () => {
  expect(container("database").envs).toEqual([
    "PGDATA=/var/lib/postgresql/data/pgdata",
    "POSTGRES_DB=authentik",
    "POSTGRES_PASSWORD_FILE=/run/homelab/password",
    "POSTGRES_USER=authentik",
  ]);
  expect(container("database")).toMatchObject({
    command: ["postgres", "-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c", "work_mem=4MB"],
    stopSignal: "SIGINT",
  });
  expect(container("database").entrypoints).toBeUndefined();
});

test("EF-005: what server and worker may not show is in a file that their user alone reads", () => {
  for (const part of programs) {
    const { inputs, secrets } = file(`${part}-secrets-env`);
    expect(secrets).toContain("content");
    expect(inputs.content).toBe(
      [
        `AUTHENTIK_BOOTSTRAP_PASSWORD=${passwordText("authentik-secrets-admin")}`,
        `AUTHENTIK_BOOTSTRAP_TOKEN=${bootstrapKey(passwordText("authentik-secrets-token"))}`,
        `AUTHENTIK_POSTGRESQL__PASSWORD=${passwordText("authentik-secrets-database")}`,
        `AUTHENTIK_SECRET_KEY=${passwordText("authentik-secrets-key")}`,
        "",
      ].join("\n"),
    );
    expect(inputs.content).not.toContain(passwordText("authentik-secrets-token"));
    expect(inputs).toMatchObject({ installation: "machine-1", path: secretsFile(part) });
    expect(inputs).toMatchObject({ owner: "1000:1000", mode: "0400" });
  }
});

const secretsFile = (part: string): string => `/srv/authentik/${part}/run/homelab/secrets.env`;

test("EF-005: the database's password is in a file that its user alone reads, and as the server has it", () => {
  const { inputs, secrets } = file("database-password");
  expect(secrets).toContain("content");
  expect(inputs.content).toBe(passwordText("authentik-secrets-database"));
  expect(inputs).toMatchObject({ owner: "70:70", mode: "0400" });
});

test("EF-005: no secret is in a container's inputs, or open anywhere in the state", () => {
  for (const { inputs } of deployed.ofType(types.container))
    expect(JSON.stringify(inputs)).not.toContain("password of");
  expect(openHolders(deployed, "password of")).toEqual([]);
});

test.each(programs)("EF-005: the %s starts with the secrets of its file in its environment", async (part) => {
  const sandbox = new Sandbox({ "dumb-init": 'echo "$*"; env | grep ^AUTHENTIK_ | sort' });
  try {
    const [shell, option, command = ""] = container(part).entrypoints as string[];
    expect([shell, option]).toEqual(["/bin/sh", "-c"]);
    const values = "AUTHENTIK_POSTGRESQL__PASSWORD=Db1\nAUTHENTIK_SECRET_KEY=Key1\n";
    const path = sandbox.path("secrets.env");
    const { stdout } = await sandbox.run(`cat >${path} && ${command.replace("/run/homelab/secrets.env", path)}`, {
      stdin: values,
    });
    expect(stdout).toBe(`-- ak ${part}\n${values}`);
  } finally {
    sandbox.remove();
  }
});

test("EF-005: secrets are letters and digits, long enough, and the one that cannot be replaced is protected", () => {
  const made = deployed.ofType(types.password).map(({ name, inputs, options }) => ({
    name,
    length: inputs.length,
    special: inputs.special,
    isProtected: options.protect === true,
  }));
  expect(made).toEqual([
    { name: "authentik-secrets-admin", length: 32, special: false, isProtected: false },
    { name: "authentik-secrets-token", length: 60, special: false, isProtected: false },
    { name: "authentik-secrets-database", length: 32, special: false, isProtected: false },
    { name: "authentik-secrets-key", length: 60, special: false, isProtected: true },
  ]);
});

test("EF-001: server and worker trust the private root and nothing else; the database needs none", () => {
  const { inputs } = file("root");
  expect(inputs.content).toBe(rootCertificate);
  expect(inputs).toMatchObject({ path: "/srv/authentik/roots/root_ca.crt", mode: "0444" });
  const root = { hostPath: "/srv/authentik/roots", containerPath: "/etc/homelab/roots", readOnly: true };
  for (const part of programs) {
    expect(container(part).volumes).toEqual([
      { hostPath: secretsFile(part), containerPath: "/run/homelab/secrets.env", readOnly: true },
      root,
      { hostPath: "/srv/authentik/data/data", containerPath: "/data", readOnly: false },
    ]);
  }
  expect(container("database").volumes).not.toContainEqual(root);
});

test("EF-001: with another root, server and worker start anew, and the database does not", async () => {
  const other = bound(await deploy(() => program({ root: "another root" })));
  const digest = (inputs: Record<string, unknown>) =>
    (inputs.labels as { label: string; value: string }[]).find(({ label }) => label === "arpa.home.configuration")
      ?.value;
  const anew = parts.filter((part) => digest(container(part)) !== digest(container(part, other)));
  expect(anew).toEqual(["server", "worker"]);
});

test("US3: each data folder belongs to the user of what writes to it", () => {
  const directory = (folder: string) => deployed.get(types.hostDirectory, `authentik-data-${folder}`).inputs;
  expect(directory("data")).toMatchObject({ path: "/srv/authentik/data/data", owner: "1000:1000", mode: "0700" });
  expect(directory("database")).toMatchObject({ path: "/srv/authentik/data/database", owner: "70:70", mode: "0700" });
  expect(container("database").volumes).toEqual([
    {
      hostPath: "/srv/authentik/database/run/homelab/password",
      containerPath: "/run/homelab/password",
      readOnly: true,
    },
    { hostPath: "/srv/authentik/data/database", containerPath: "/var/lib/postgresql/data", readOnly: false },
  ]);
});

test("US3: server and worker start after the database", () => {
  const needs = parts.map((part) => {
    const needed = (deployed.get("homelab:host:Part", `authentik-${part}`).options.dependsOn ?? []) as unknown[];
    const resourceOf = (each: string) => deployed.get("homelab:host:Part", `authentik-${each}`).resource;
    return [part, parts.filter((each) => needed.includes(resourceOf(each)))];
  });
  expect(Object.fromEntries(needs)).toEqual({ database: [], server: ["database"], worker: ["database"] });
});

test("EF-005: the administrator's connection and password are secrets, and go to the machine whatever DNS says", async () => {
  const { connection, adminPassword, containerIds } = deployed.result;
  expect(await pulumi.isSecret(connection)).toBe(true);
  expect(await resolved(connection)).toEqual({
    endpoint: "https://auth.home.arpa",
    address: "192.168.1.60",
    token: passwordText("authentik-secrets-token"),
    ca: rootCertificate,
  });
  expect(await pulumi.isSecret(adminPassword)).toBe(true);
  expect(await resolved(adminPassword)).toBe(passwordText("authentik-secrets-admin"));
  expect(await resolved(containerIds)).toEqual(parts.map((part) => `id-of-authentik-${part}`));
});

test("US5: the preview before the first update shows every resource", async () => {
  expect((await deploy(() => program(), { preview: true })).ids()).toEqual(deployed.ids());
});
