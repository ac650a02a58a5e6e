import { parse } from "yaml";

import { identityHeaders, identityPattern } from "../../../../components/edge/identity-headers";
import { route } from "../../../../components/edge/route";
import { commonConfig } from "../../../../components/edge/static-config";
import type { Service } from "../../../../config/services";

const grafana: Service = {
  name: "grafana",
  host: "grafana.home.arpa",
  upstream: "http://192.168.1.53:3000",
  auth: "oidc",
};
const signOn = "http://authentik-server:9000";
const args = { signOn, address: "192.168.1.60" };

/** What marks a request of a service, and answers one that comes back with it. */
const circle = (name: string) => ({
  rule: `Host(\`${name}.home.arpa\`) && Header(\`X-Edge-Passed-${name}\`, \`192.168.1.60\`)`,
  priority: 1_000_000,
  entryPoints: ["websecure"],
  service: "noop@internal",
  middlewares: ["loop@file"],
  tls: { certResolver: "step-ca" },
});

test("A5: Traefik's dashboard answers under the container's loopback address alone", () => {
  expect(parse(commonConfig({ signOn: signOn })).http.routers).toEqual({
    "local-dashboard": {
      rule: "Host(`127.0.0.1`) && (PathPrefix(`/api`) || PathPrefix(`/dashboard`))",
      entryPoints: ["ping"],
      service: "api@internal",
    },
  });
});

test("A3: the single sign-on is asked without what the client claims, and its word replaces the client's", () => {
  const { middlewares } = parse(commonConfig({ signOn: signOn })).http;
  expect(middlewares["single-sign-on"]).toEqual({
    forwardAuth: {
      address: "http://authentik-server:9000/outpost.goauthentik.io/auth/traefik",
      trustForwardHeader: false,
      authResponseHeaders: ["username", "groups", "entitlements", "email", "name", "uid"].map(
        (name) => `X-authentik-${name}`,
      ),
      authResponseHeadersRegex: identityPattern,
      maxResponseBodySize: 1048576,
    },
  });
  expect(middlewares["without-token"]).toEqual({ headers: { customRequestHeaders: { "X-Authentik-Jwt": "" } } });
});

describe("A3: what spells an identity", () => {
  const pattern = new RegExp(identityPattern.replace("(?i)", ""), "i");
  const spellings = ["X-Authentik-Username", "X_authentik_username", "X.authentik.username", "x-authentik_groups"];

  test.each([
    ...spellings,
    "X-Authentik-Anything",
    "Remote-User",
    "REMOTE_USER",
    "X-Forwarded-Email",
    "X_Webauth_User",
  ])("%s is one", (name) => expect(name).toMatch(pattern));

  test.each([
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "Authorization",
    "Cookie",
    "X-Auth-Token",
    "X-Authentikus",
    "Remoteuser",
  ])("%s is none", (name) => expect(name).not.toMatch(pattern));

  test("each name that no client may send is one, and Authentik's own pages keep their protection against forged requests", () => {
    expect(identityHeaders.filter((name) => !pattern.test(name))).toEqual([]);
    expect(identityHeaders.map((name) => name.toLowerCase())).not.toContain("x-authentik-csrf");
  });
});

test("A6: serves some paths alone where the entry says so; elsewhere nothing answers", () => {
  const { http } = parse(route({ ...grafana, paths: ["/roots.pem", "/health"] }, args));
  expect(http.routers.grafana.rule).toBe("Host(`grafana.home.arpa`) && (Path(`/roots.pem`) || Path(`/health`))");
  expect(http.routers.grafana_loop).toEqual(circle("grafana"));
  expect(Object.keys(http.routers)).toEqual(["grafana", "grafana_loop"]);
});

test("A5: answers a request that comes back with the entry's own mark, above every other rule", () => {
  const { http } = parse(route({ ...grafana, auth: "proxy" }, args));
  expect(http.routers.grafana_loop).toEqual(circle("grafana"));
  expect(http.middlewares).toEqual({
    grafana_mark: { headers: { customRequestHeaders: { "X-Edge-Passed-grafana": "192.168.1.60" } } },
  });
  expect(parse(commonConfig({ signOn: signOn })).http.middlewares.loop).toEqual({
    ipAllowList: { sourceRange: ["0.0.0.0/32"], rejectStatusCode: 508 },
  });
});
