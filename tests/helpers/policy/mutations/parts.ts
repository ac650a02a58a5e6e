import { types } from "../../../../policies/types";
import { urnOf } from "../harness";
import { find, placing, rows, setting, type Mutation, type Row } from "./mutation";

type Inputs = Record<string, unknown>;

const container = (name: string, inputs: Inputs): Mutation["change"] => setting(types.container, name, inputs);

/** A container that is told something else by a variable. */
const told = (name: string, entry: string): Row => {
  const [variable = ""] = entry.split("=");
  const change: Mutation["change"] = (stack) => {
    const envs = (find(stack, types.container, name).inputs?.envs ?? []) as string[];
    container(name, { envs: [...envs.filter((each) => !each.startsWith(`${variable}=`)), entry] })(stack);
  };
  return [`${name} with ${entry}`, change, `its \`envs\` have another ${variable}`];
};

interface Volume {
  readonly hostPath: string;
  readonly containerPath: string;
}

/** A container whose volumes are others. */
const mounting = (name: string, what: string, change: (all: Volume[]) => object[], message: string): Row => [
  `${name} ${what}`,
  (stack) => {
    const volumes = find(stack, types.container, name).inputs?.volumes as Volume[];
    container(name, { volumes: change(volumes) })(stack);
  },
  message,
];

/** A container that keeps nothing on the machine. */
const forgetting = (name: string, hostPath: string): Row =>
  mounting(
    name,
    `without ${hostPath}`,
    (all) => all.filter((each) => each.hostPath !== hostPath),
    `it doesn't mount ${hostPath} at`,
  );

const onNetworks = (name: string, ...networks: string[]): Row => [
  `${name} on the networks ${networks.join(", ")}`,
  container(name, { networksAdvanced: networks.map((each) => ({ name: each })) }),
  "its `networksAdvanced` are",
];

const opening = (what: string, ports: Inputs[]): Row => [
  `an edge with ${what}`,
  container("edge-traefik", { ports: ports.map((port) => ({ ip: "192.168.1.60", ...port })) }),
  "its `ports` are",
];
const http = { internal: 80, external: 80 };

/** A file of Harbor's with another text. */
const written = (name: string, path: string, content: string): Row => [
  `another text of ${path}`,
  setting(types.hostFile, name, { content }),
  `${path} is not what its component writes`,
];

/** Ways to have Harbor or Authentik, or the container of another, do something else, or keep nothing. */
export const partMutations: readonly Mutation[] = [
  ...rows(
    "ca-and-edge-files",
    told("authentik-server", "AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS=0.0.0.0/0"),
    told("authentik-server", "AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS=172.18.0.0/16,203.0.113.0/24"),
    told("authentik-server", "AUTHENTIK_POSTGRESQL__HOST=203.0.113.9"),
    told("authentik-worker", "HTTPS_PROXY=http://203.0.113.9:3128"),
    told("authentik-database", "POSTGRES_HOST_AUTH_METHOD=trust"),
    told("authentik-database", "PGDATA=/tmp/pgdata"),
    told("harbor-core", "REGISTRY_URL=http://203.0.113.9:5000"),
    told("harbor-core", "LD_PRELOAD=/data/x.so"),
    told("harbor-trivy", "SCANNER_TRIVY_INSECURE=true"),
    ["an Authentik that is told nothing", container("authentik-server", { envs: [] }), "its `envs` have no AUTHENTIK_"],
    [
      "another program in core",
      container("harbor-core", { entrypoints: ["/bin/sh", "-c", "exec /data/x"] }),
      "its `entrypoints` is",
    ],
    [
      "a database that doesn't wait for its disk",
      container("authentik-database", { command: ["postgres", "-c", "fsync=off"] }),
      "its `command` is",
    ],
    [
      "a health check of another port",
      container("harbor-core", {
        healthcheck: { tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9/"] },
      }),
      "its `healthcheck.tests` is",
    ],
    forgetting("harbor-database", "/srv/harbor/data/database"),
    forgetting("authentik-database", "/srv/authentik/data/database"),
    forgetting("harbor-registry", "/srv/harbor/data/storage"),
    forgetting("pki-step-ca", "/srv/pki/db"),
    forgetting("edge-traefik", "/srv/edge/acme"),
    mounting(
      "harbor-database",
      "with a new folder",
      (all) => all.map((each) => ({ ...each, hostPath: each.hostPath.replace("/data/database", "/data/new") })),
      "it mounts /srv/harbor/data/new at /var/lib/postgresql/data to write to, which its component doesn't",
    ),
    mounting(
      "harbor-portal",
      "with the database's folder",
      (all) => [...all, { hostPath: "/srv/harbor/data/database", containerPath: "/x" }],
      "it mounts /srv/harbor/data/database at /x to write to, which its component doesn't",
    ),
    mounting(
      "harbor-core",
      "that may change images",
      (all) => all.map((each) => ({ ...each, readOnly: false })),
      "it mounts /srv/harbor/data/storage at /data to write to, which its component doesn't",
    ),
    [
      "a database in memory",
      container("harbor-database", { tmpfs: { "/tmp": "rw", "/var/lib/postgresql/data": "rw" } }),
      "its `tmpfs` are",
    ],
    ["a database of another user", container("harbor-database", { user: "10000:10000" }), "its `user` is 10000:10000"],
    ["a core with no memory to speak of", container("harbor-core", { memory: 8 }), "its `memory` is 8; set it to 256"],
    ["a core that may write anywhere", container("harbor-core", { readOnly: false }), "its `readOnly` is false"],
    ["a core that nobody waits for", container("harbor-core", { wait: false }), "its `wait` is false"],
    ["a core that outlives its machine", container("harbor-core", { labels: [] }), "it has no label arpa.home.machine"],
    onNetworks("authentik-database", "authentik", "tooling"),
    onNetworks("harbor-core"),
    opening("no ports", []),
    opening("one port", [http]),
    opening("a port for another", [http, { internal: 8080, external: 443 }]),
    opening("a port for UDP", [http, { internal: 443, external: 443, protocol: "udp" }]),
    opening("a port for itself", [http, { internal: 443, external: 443, ip: "127.0.0.1" }]),
    written("harbor-core-app-conf", "/srv/harbor/core/etc/core/app.conf", "runmode = dev\n"),
    written("harbor-portal-nginx-nginx-conf", "/srv/harbor/portal/etc/nginx/nginx.conf", "events {}\n"),
    ...[
      ["a login that costs a tenth of a second", `harbor_registry_user:$2a$10$${"x".repeat(53)}\n`],
      ["another's login", `someone:$2a$05$${"x".repeat(53)}\n`],
      ["one more login", `harbor_registry_user:$2a$05$${"x".repeat(53)}\nsomeone:$2a$05$${"x".repeat(53)}\n`],
    ].map(([what = "", content]): Row => [
      what,
      setting(types.hostFile, "harbor-registry-passwd", { content }),
      "/srv/harbor/registry/etc/registry/passwd is not what its component writes",
    ]),
    [
      "a login whose password everybody may know",
      (stack) => void (find(stack, types.hostFile, "harbor-registry-passwd").dependencies = {}),
      "/srv/harbor/registry/etc/registry/passwd is not what its component writes",
    ],
    [
      "a key for everybody",
      placing("harbor-core-key", { mode: "0444" }),
      "others may read or change /srv/harbor/core/etc/core/key; give it the owner 10000:10000 and the mode 0400",
    ],
    [
      "a password that the database can't read",
      placing("authentik-database-password", { owner: "0:0" }),
      "give it the owner 70:70",
    ],
    [
      "one more file of core's",
      placing("harbor-core-app-conf", { path: "/srv/harbor/core/etc/core/x.conf" }),
      "it writes /srv/harbor/core/etc/core/x.conf, which is no file of its component's",
    ],
    [
      "a folder of another user's",
      setting(types.hostDirectory, "harbor-data-database", { owner: "10000:10000" }),
      "/srv/harbor/data/database is another user's; give it the owner 999:999",
    ],
    [
      "a folder that nobody uses",
      setting(types.hostDirectory, "harbor-data-database", { path: "/srv/harbor/data/other" }),
      "it makes /srv/harbor/data/other, which no container keeps its data in",
    ],
    [
      "the root's key on a machine",
      (stack) => {
        const key = urnOf(types.privateKey, "pki-authority-root-key");
        find(stack, types.hostFile, "pki-step-ca-intermediate-key").dependencies = { content: [key] };
      },
      "/srv/pki/secrets/intermediate_ca_key is not what its component writes",
    ],
  ),
  ...rows(
    "restart-policy",
    ["a container that isn't started", container("harbor-core", { start: false }), "its `start` is false"],
    ["a container that may end", container("harbor-core", { mustRun: false }), "its `mustRun` is false"],
    ["a container that goes", container("harbor-core", { rm: true }), "its `rm` is true"],
  ),
  ...rows(
    "address-plan",
    [
      "a container that is called like a machine",
      container("harbor-portal", { networksAdvanced: [{ name: "tooling", aliases: ["nas.home.arpa"] }] }),
      "is called nas.home.arpa on the network tooling, as a machine could be",
    ],
    [
      "a container with the host name of a machine",
      container("harbor-portal", { hostname: "nas.home.arpa" }),
      "is called nas.home.arpa on the network harbor",
    ],
  ),
  ...rows("own-machines", [
    "another folder for the database",
    setting(types.hostDirectory, "harbor-data-database", { path: "/srv/harbor/data/storage" }),
    "it changes /srv/harbor/data/storage, and",
  ]),
  ...rows(
    "no-privileged-containers",
    ...["internal", "ipv6", "attachable"].map((property): Row => [
      `a network with ${property}`,
      setting(types.network, "tooling", { [property]: true }),
      `it sets \`${property}\``,
    ]),
  ),
];
