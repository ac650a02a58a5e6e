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

/** Middleware that lets nobody pass: every address but the container's own is answered with 403. */
export const closed = "closed";

/** What Traefik's static configuration is made from. */
export interface StaticConfigArgs {
  acmeDirectory: string;
  /** Life of the certificates step-ca issues: it sets how long ahead Traefik renews. */
  leafValidity: Duration;
}

/**
 * Static configuration of Traefik 3.7. The API and the dashboard are off: nothing listens but the two public entry
 * points and the health check inside the container.
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

/** Settings shared by all routes: TLS versions and response headers. */
export function commonConfig(): string {
  return stringify({
    tls: { options: { default: { minVersion: "VersionTLS12", sniStrict: true } } },
    http: {
      middlewares: {
        [closed]: { ipAllowList: { sourceRange: ["127.0.0.1/32"] } },
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
