import { parse, stringify } from "yaml";

import { types } from "../../../../policies/types";
import { find, placing, rows, setting, type Mutation, type Row } from "./mutation";

/** Puts a value at a path of a document. */
function put(document: unknown, path: string, value: unknown): void {
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  const holder = steps.reduce(
    (at, step) => (at[step] ??= {}) as Record<string, unknown>,
    document as Record<string, unknown>,
  );
  holder[last] = value;
}

const row = (name: string, file: string, path: string, value: unknown, write: (document: unknown) => string): Row => [
  `${path} ${JSON.stringify(value)} in ${file}`,
  (stack) => {
    const resource = find(stack, types.hostFile, name);
    const document: unknown = parse(String(resource.inputs?.content));
    put(document, path, value);
    resource.inputs = { ...resource.inputs, content: write(document) };
  },
  `${file} is not what its component writes`,
];

const authority = (path: string, value: unknown): Row =>
  row("pki-step-ca-ca-json", "/srv/pki/config/ca.json", path, value, (each) => `${JSON.stringify(each, null, 2)}\n`);
const edge = (path: string, value: unknown): Row => row("edge-static", "/srv/edge/traefik.yml", path, value, stringify);
const common = (path: string, value: unknown): Row =>
  row("edge-common", "/srv/edge/routes/_common.yml", path, value, stringify);
const grafana = (path: string, value: unknown): Row =>
  row("edge-route-grafana", "/srv/edge/routes/grafana.yml", path, value, stringify);

const registry = (path: string, value: unknown): Row =>
  row("edge-route-registry", "/srv/edge/routes/registry.yml", path, value, stringify);

/** A key or certificate with another content than the stack's own. */
const made = (name: string, path: string): Row => [
  `another content of ${path}`,
  (stack) => void (find(stack, types.hostFile, name).dependencies = {}),
  `${path} is not what its component writes`,
];

const authorityRuns = (inputs: Record<string, unknown>, message: string): Row => [
  `a step-ca with ${JSON.stringify(inputs)}`,
  setting(types.container, "pki-step-ca", inputs),
  message,
];

const intermediate = (inputs: Record<string, unknown>): Mutation["change"] =>
  setting(types.locallySignedCert, "pki-authority-intermediate", inputs);
const root = (inputs: Record<string, unknown>): Mutation["change"] =>
  setting(types.selfSignedCert, "pki-authority-root", inputs);

/** Adds a volume to a container. */
const mounting = (name: string, volume: object, message: string): Row => [
  `${name} with ${JSON.stringify(volume)}`,
  (stack) => {
    const container = find(stack, types.container, name);
    const volumes = [...(container.inputs?.volumes as object[]), volume];
    container.inputs = { ...container.inputs, volumes };
  },
  message,
];

/** Ways to have step-ca or Traefik do something else. */
export const fileMutations: readonly Mutation[] = rows(
  "ca-and-edge-files",
  authority("authority.provisioners.0.challenges", ["http-01", "dns-01"]),
  authority("authority.provisioners.0.challenges", []),
  authority("authority.Provisioners", [{ type: "JWK", name: "x" }]),
  authority("Authority", { policy: {} }),
  authority("authority.EnableAdmin", true),
  authority("authority.claims", { allowRenewalAfterExpiry: true }),
  authority("authority.type", "stepcas"),
  authority("insecureAddress", ":80"),
  authority("dnsNames", ["ca.home.arpa", "localhost"]),
  edge("api.insecure", true),
  edge("providers.http", { endpoint: "https://example.org/routes" }),
  edge("providers.docker", {}),
  edge("serversTransport", { insecureSkipVerify: true }),
  edge("experimental", { plugins: { x: { moduleName: "example.org/x", version: "v1.0.0" } } }),
  edge("certificatesResolvers.step-ca.acme.caServer", "https://example.org/directory"),
  edge("entryPoints.websecure.http", {}),
  edge("entryPoints.websecure.forwardedHeaders", { insecure: true }),
  common("http.middlewares.single-sign-on.forwardAuth.address", "https://example.org/ok"),
  common("http.middlewares.single-sign-on.forwardAuth.trustForwardHeader", true),
  common("tls.options.default.minVersion", "VersionTLS10"),
  common("tls.options.default.alpnProtocols", ["h2", "http/1.1"]),
  common("tls.options.http1.minVersion", "VersionTLS10"),
  common("tls.options.http1.sniStrict", false),
  registry("http.routers.registry-core.tls.options", "default@file"),
  registry("http.routers.registry_loop.tls", { certResolver: "step-ca" }),
  grafana("http.routers.grafana.rule", "Host(`auth.home.arpa`)"),
  grafana("http.routers.grafana.service", "api@internal"),
  grafana("http.services.grafana.loadBalancer.servers", [{ url: "http://203.0.113.9" }]),
  grafana("HTTP", { Routers: { x: { Rule: "PathPrefix(`/`)", Service: "api@internal" } } }),
  grafana("udp", { routers: { x: { entryPoints: ["web"], service: "x" } } }),
  grafana("tls", { stores: { default: { defaultCertificate: { certFile: "/acme/x", keyFile: "/acme/y" } } } }),
  [
    "a template among the routes",
    placing("edge-common", { path: "/srv/edge/routes/x.toml" }),
    "it writes /srv/edge/routes/x.toml, which is no file of its component's",
  ],
  [
    "a second folder of routes",
    placing("edge-common", { path: "/srv/edge/other/_common.yml" }),
    "it writes /srv/edge/other/_common.yml, which is no file of its component's",
  ],
  [
    "a route without an entry of the catalogue",
    placing("edge-route-grafana", { path: "/srv/edge/routes/other.yml" }),
    "it writes /srv/edge/routes/other.yml",
  ],
  [
    "the CA's key for everybody",
    placing("pki-step-ca-intermediate-key", { mode: "0444" }),
    "others may read or change /srv/pki/secrets/intermediate_ca_key",
  ],
  [
    "the CA's key as another's",
    placing("pki-step-ca-intermediate-key", { owner: "65532:65532" }),
    "others may read or change /srv/pki/secrets/intermediate_ca_key",
  ],
  [
    "another key beside the CA's",
    placing("pki-step-ca-intermediate-key", { path: "/srv/pki/secrets/other" }),
    "it writes /srv/pki/secrets/other, which is no file",
  ],
  made("pki-step-ca-intermediate-key", "/srv/pki/secrets/intermediate_ca_key"),
  made("pki-step-ca-intermediate-ca-crt", "/srv/pki/certs/intermediate_ca.crt"),
  made("edge-root", "/srv/edge/root_ca.crt"),
  made("harbor-root", "/srv/harbor/roots/root_ca.crt"),
  [
    "a second root that Harbor trusts",
    placing("harbor-root", { path: "/srv/harbor/roots/other.crt" }),
    "it writes /srv/harbor/roots/other.crt, which is no file",
  ],
  authorityRuns({ command: ["/usr/local/bin/step-ca", "/home/step/db/ca.json"] }, "its `command` is"),
  authorityRuns({ command: undefined }, "its `command` is []"),
  authorityRuns({ entrypoints: ["/bin/sh", "-c"] }, "its `entrypoints` is"),
  authorityRuns({ envs: ["STEPPATH=/home/step/db"] }, "its `envs` have another STEPPATH"),
  authorityRuns({ healthcheck: { tests: ["CMD", "sh", "-c", "step ca health"] } }, "its `healthcheck.tests` is"),
  authorityRuns({ mounts: [{ type: "bind", source: "/srv/pki/x", target: "/home/step/config" }] }, "it sets `mounts`"),
  mounting("pki-step-ca", { hostPath: "/srv/pki/db", containerPath: "/home/step/config" }, "it mounts /srv/pki/db at"),
  mounting("pki-step-ca", { volumeName: "pki-config", containerPath: "/home/step/config" }, "it mounts pki-config at"),
  mounting(
    "edge-traefik",
    { hostPath: "/srv/edge/acme", containerPath: "/etc/traefik/routes" },
    "it mounts /srv/edge/acme at /etc/traefik/routes",
  ),
  mounting(
    "edge-traefik",
    { hostPath: "/srv/edge/routes", containerPath: "/etc/traefik/routes" },
    "it mounts /srv/edge/routes at /etc/traefik/routes to write to",
  ),
  ["an intermediate that ends today", intermediate({ validityPeriodHours: 12 }), "it lives for 12 h"],
  ["an intermediate that nobody renews", intermediate({ earlyRenewalHours: undefined }), "it isn't renewed in time"],
  ["an intermediate that serves", intermediate({ allowedUses: ["server_auth"] }), "it may be used for server_auth too"],
  ["a root that renews itself", root({ earlyRenewalHours: 175_199 }), "a new root has to reach every device"],
  [
    "one more intermediate",
    (stack) => {
      const own = find(stack, types.locallySignedCert, "pki-authority-intermediate");
      stack.push({ ...own, name: "added" });
    },
    "it is one more certificate authority",
  ],
  [
    "a login that is asked for elsewhere",
    setting(types.edge, "edge", { signOn: "https://example.org" }),
    "it asks for logins at https://example.org",
  ],
);
