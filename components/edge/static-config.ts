import { stringify } from "yaml";

import { Duration, toHours } from "../../config/duration";

/** Paths inside the Traefik container. */
export const paths = {
  staticConfig: "/etc/traefik/traefik.yml",
  routes: "/etc/traefik/routes",
  root: "/etc/traefik/root_ca.crt",
  acme: "/acme",
} as const;

/** Name of the certificate resolver, and of the middleware every response passes. */
export const resolver = "step-ca";
export const securityHeaders = "security-headers";

/** Middleware that asks the single sign-on before a request goes on to a service without a login of its own. */
export const singleSignOn = "single-sign-on";

/** Below this, on each host that {@link singleSignOn} guards, the single sign-on itself answers. */
export const outpostPath = "/outpost.goauthentik.io/";

/** What a guarded service is told of the user. Traefik takes these headers away from what a client sends. */
const userHeaders = ["username", "groups", "entitlements", "email", "name", "uid"].map((name) => `X-authentik-${name}`);

/** Traefik's own API and dashboard. */
export const dashboard = "api@internal";

/** What Traefik's static configuration is made from. */
export interface StaticConfigArgs {
  acmeDirectory: string;
  /** Life of the certificates step-ca issues: it sets how long ahead Traefik renews. */
  leafValidity: Duration;
}

/**
 * Static configuration of Traefik 3.7. Nothing listens but the two public entry points and, inside the container, the one of
 * the health check, where the dashboard is too: for an administrator of the machine, while single sign-on is down (EC-7).
 * Source: https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/
 */
export function staticConfig(args: StaticConfigArgs): string {
  return stringify({
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    entryPoints: {
      web: {
        address: ":80",
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
      },
      websecure: {
        address: ":443",
        // The default of 60 s covers a whole request body and would cut the push of a large image (EC-6).
        transport: { respondingTimeouts: { readTimeout: "0s" } },
        http: { middlewares: [`${securityHeaders}@file`], tls: { certResolver: resolver } },
      },
      ping: { address: "127.0.0.1:8082" },
    },
    ping: { entryPoint: "ping" },
    api: { dashboard: true, insecure: false },
    providers: {
      file: { directory: paths.routes, watch: true },
      // Default 2 s. A new route is answered, and its certificate asked for, that much sooner (CS-002).
      providersThrottleDuration: "50ms",
    },
    certificatesResolvers: {
      [resolver]: {
        acme: {
          caServer: args.acmeDirectory,
          caCertificates: [paths.root],
          certificatesDuration: toHours(args.leafValidity),
          keyType: "EC256",
          storage: `${paths.acme}/acme.json`,
          tlsChallenge: {},
        },
      },
    },
  });
}

/** Settings shared by all routes: TLS versions, response headers, and where the single sign-on is asked. */
export function commonConfig(args: { singleSignOn: string }): string {
  return stringify({
    tls: { options: { default: { minVersion: "VersionTLS12", sniStrict: true } } },
    http: {
      routers: {
        "local-dashboard": {
          rule: "PathPrefix(`/api`) || PathPrefix(`/dashboard`)",
          entryPoints: ["ping"],
          service: dashboard,
        },
      },
      middlewares: {
        [singleSignOn]: {
          forwardAuth: {
            address: `${args.singleSignOn}${outpostPath}auth/traefik`,
            authResponseHeaders: userHeaders,
          },
        },
        [securityHeaders]: {
          headers: {
            // One day: with a private CA a browser offers no way past a certificate error while this holds.
            stsSeconds: 86400,
            contentTypeNosniff: true,
            customFrameOptionsValue: "SAMEORIGIN",
            referrerPolicy: "strict-origin-when-cross-origin",
            customResponseHeaders: { Server: "", "X-Powered-By": "" },
          },
        },
      },
    },
  });
}
