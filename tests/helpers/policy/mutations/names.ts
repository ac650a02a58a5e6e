import { stringify } from "yaml";

import { types } from "../../../../policies/types";
import type { TestResource } from "../harness";
import { find, setting, type Mutation } from "./mutation";

const policy = "home-arpa-names";

const row = (what: string, change: Mutation["change"], message: string): Mutation => ({
  policy,
  what,
  change,
  message,
});

const route = (rule: unknown, message: string, protocol = "http"): Mutation =>
  row(
    `the ${protocol} rule ${String(rule)}`,
    setting(types.hostFile, "edge-route-grafana", {
      content: stringify({ [protocol]: { routers: { grafana: { rule, entryPoints: ["websecure"] } } } }),
    }),
    message,
  );

const open = "which takes names of others; begin it with Host(`<name>`)";

const file = (content: string, message: string): Mutation =>
  row(
    `a route file ${JSON.stringify(content.slice(0, 40))}`,
    setting(types.hostFile, "edge-route-grafana", { content }),
    message,
  );

interface Ca {
  authority: { policy?: { x509?: object }; provisioners: object[] };
}

const ca = (what: string, change: (config: Ca) => void, message: string): Mutation =>
  row(
    `a ca.json with ${what}`,
    (stack) => {
      const resource = find(stack, types.hostFile, "pki-step-ca-ca-json");
      const config = JSON.parse(String(resource.inputs?.content)) as Ca;
      change(config);
      resource.inputs = { ...resource.inputs, content: JSON.stringify(config) };
    },
    message,
  );

const allowing =
  (allow: object, others: object = {}) =>
  ({ authority }: Ca): void =>
    void (authority.policy = { x509: { allow, ...others } });

/** Changes an object of one of the project's own providers. */
const object = (type: string, inputs: Record<string, unknown>, message: string): Mutation =>
  row(
    `${type} with ${JSON.stringify(inputs)}`,
    (stack: TestResource[]) => {
      const found = stack.find((each) => each.type === `pulumi-nodejs:dynamic/${type}`);
      if (!found) throw new Error(`the program has no ${type}`);
      found.inputs = { ...found.inputs, ...inputs };
    },
    message,
  );

const traefik = (inputs: Record<string, unknown>, message: string): Mutation =>
  row(`a Traefik with ${JSON.stringify(inputs)}`, setting(types.container, "edge-traefik", inputs), message);

const outside = "which is not under home.arpa";

/** Ways to serve or certify names that are not the house's. */
export const nameMutations: readonly Mutation[] = [
  route("PathPrefix(`/`)", open),
  route("Host(`grafana.home.arpa`) || PathPrefix(`/`)", open),
  route("Host(`grafana.home.arpa`) && PathPrefix(`/a`) || PathPrefix(`/`)", open),
  route("!Host(`grafana.home.arpa`)", open),
  route("PathPrefix(`/Host(`)", open),
  route("ClientIP(`0.0.0.0/0`)", open),
  route("Host(`grafana.example.org`)", outside),
  route("HostRegexp(`.*`)", "a wildcard"),
  route("HostSNI(`*`)", "a wildcard", "tcp"),
  route("ALPN(`h2`)", open, "tcp"),
  file(
    stringify({ tls: { stores: { default: { defaultGeneratedCert: { domain: { main: "evil.org" } } } } } }),
    outside,
  ),
  file(
    stringify({
      tls: {
        stores: { default: { defaultGeneratedCert: { domain: { main: "a.home.arpa", sans: ["*.home.arpa"] } } } },
      },
    }),
    "a wildcard",
  ),
  file('[http.routers.web]\n  rule = "PathPrefix(`/`)"\n', "is not plain YAML or JSON"),
  file("{{ range $i := until 9 }}\nhttp: {}\n{{ end }}\n", "is not plain YAML or JSON"),
  file("http: [\n", "is not plain YAML or JSON"),
  row(
    "a route file of TOML",
    setting(types.hostFile, "edge-route-grafana", { path: "/srv/edge/routes/grafana.toml", content: "http = {}" }),
    "is not plain YAML or JSON",
  ),
  traefik({ envs: ["TRAEFIK_PROVIDERS_DOCKER=true"] }, "is a setting of Traefik's outside its file"),
  traefik({ envs: ["traefik_api_insecure=true"] }, "is a setting of Traefik's outside its file"),
  traefik({ command: ["--providers.docker=true"] }, "is a setting of Traefik's outside its file"),
  traefik({ command: ["--entryPoints.x.address=:81"] }, "is a setting of Traefik's outside its file"),
  traefik({ labels: [{ label: "traefik.http.routers.x.rule", value: "PathPrefix(`/`)" }] }, open),
  ca("no policy", ({ authority }) => void delete authority.policy, "so any name is certified"),
  ca("an empty policy", allowing({}), "so any name is certified"),
  ca("names of others", allowing({ dns: ["*.example.org"] }), outside),
  ca("every name", allowing({ dns: ["*"] }), "a wildcard"),
  ca("addresses", allowing({ dns: ["*.home.arpa"], ip: ["0.0.0.0/0"] }), "`authority.policy.x509.allow.ip`"),
  ca("e-mail addresses", allowing({ dns: ["*.home.arpa"], email: ["@x"] }), "`authority.policy.x509.allow.email`"),
  ca("wildcards", allowing({ dns: ["*.home.arpa"] }, { allowWildcardNames: true }), "lets it certify wildcards"),
  ca("SCEP", ({ authority }) => void authority.provisioners.push({ type: "SCEP", name: "x" }), "is of type SCEP"),
  ca("JWK", ({ authority }) => void authority.provisioners.push({ type: "JWK", name: "x" }), "is of type JWK"),
  ca(
    "a template",
    ({ authority }) => void Object.assign(authority.provisioners[0] ?? {}, { options: { x509: { template: "{}" } } }),
    "can put other names into a certificate",
  ),
  ca(
    "remote administration",
    ({ authority }) => void Object.assign(authority, { enableAdmin: true }),
    "lets others add",
  ),
  object("harbor:Configuration", { oidcEndpoint: "https://evil.example/" }, outside),
  object("authentik:EmbeddedOutpost", { authentikHost: "https://evil.example" }, outside),
  object("authentik:Settings", { baseUrl: "https://evil.example" }, outside),
  object("authentik:ProxyProvider", { externalHost: "https://evil.example" }, outside),
  object("grafana:SsoSettings", { authUrl: "https://evil.example/a" }, outside),
  object("grafana:SsoSettings", { tokenUrl: "https://evil.example/t" }, outside),
  object("grafana:SsoSettings", { apiUrl: "https://evil.example/u" }, outside),
  object("grafana:SsoSettings", { signoutRedirectUrl: "https://evil.example/o" }, outside),
  object("grafana:SsoSettings", { connection: { endpoint: "https://evil.example" } }, outside),
  object("authentik:OAuthProvider", { redirectUris: ["https://203.0.113.9/cb"] }, outside),
];
