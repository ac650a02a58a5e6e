import { stringify } from "yaml";

import { Duration, toHours } from "../../config/duration";
import { mib } from "../../config/size";
import { identityHeaders, identityPattern, originHeader, tokenHeader } from "./identity-headers";

/** Paths inside the Traefik container. */
export const paths = {
  staticConfig: "/etc/traefik/traefik.yml",
  routes: "/etc/traefik/routes",
  root: "/etc/traefik/root_ca.crt",
  acme: "/acme",
} as const;

/** Traefik's files on the machine. */
export const filesRoot = "/srv/edge";

/** An unprivileged user without a name; Docker lets it bind ports below 1024. */
export const traefikUser = "65532:65532";

/** What Traefik may use of the machine's memory. */
export const memory = { "edge-traefik": mib(256) } as const;

/** What runs in Traefik's container. */
export const traefikRuns = {
  command: [`--configFile=${paths.staticConfig}`],
  healthcheck: ["CMD", "traefik", "healthcheck", `--configFile=${paths.staticConfig}`],
};

/** Name of the certificate resolver, and of the middleware every response passes. */
export const resolver = "step-ca";
export const securityHeaders = "security-headers";

/** TLS options of a host that is served over HTTP/1.1 alone. */
export const overHttp1 = "http1";

/** Middleware that asks the single sign-on before a request goes on to a service without a login of its own. */
export const singleSignOn = "single-sign-on";

/** Middleware that keeps the user's token from the services behind {@link singleSignOn}. */
export const withoutToken = "without-token";

/** Middleware that answers 508, loop detected. */
export const loop = "loop";

/** Below this, on each host that {@link singleSignOn} guards, the single sign-on itself answers. */
export const outpostPath = "/outpost.goauthentik.io/";

/** What a guarded service is told of the user. */
const userHeaders = ["username", "groups", "entitlements", "email", "name", "uid"].map((name) => `X-authentik-${name}`);

/** Traefik's own API and dashboard. */
export const dashboard = "api@internal";

/** The entry point of the health check and of the dashboard, inside the container. */
const local = { host: "127.0.0.1", port: 8082 };

/**
 * `X_Remote_User` and `X.Remote.User` are headers that WSGI, CGI and PHP take for `X-Remote-User`: a request loses every
 * header whose name has another character than letters, digits and hyphens. From Traefik 3.7.12 on (CVE-2026-54763,
 * CVE-2026-88011).
 */
const withoutAliases = { aliasHeadersStrategy: "delete" };

/** What Traefik's static configuration is made from. */
export interface StaticConfigArgs {
  /** URL of the ACME directory that certificates come from. */
  acmeDirectory: string;
  /** Life of the certificates step-ca issues, in seconds: it sets how long ahead Traefik renews. */
  leafValidity: Duration;
  /** IPv4 addresses from which `X-Forwarded-*` are believed. Default: none. */
  passesOn?: string[];
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
        http: {
          ...withoutAliases,
          redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } },
        },
      },
      websecure: {
        address: ":443",
        // The default of 60 s covers a whole request body and would cut the push of a large image (EC-6).
        transport: { respondingTimeouts: { readTimeout: "0s" } },
        ...(args.passesOn && { forwardedHeaders: { trustedIPs: args.passesOn } }),
        http: { ...withoutAliases, middlewares: [`${securityHeaders}@file`], tls: { certResolver: resolver } },
      },
      ping: { address: `${local.host}:${local.port}`, http: withoutAliases },
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

/** Whether the single sign-on is on another machine, behind the edge there. */
export const isElsewhere = (signOn?: string): boolean => signOn?.startsWith("https:") ?? false;

/** Asks the single sign-on about a request. */
const forwardAuth = (signOn: string) => ({
  address: `${signOn}${outpostPath}auth/traefik`,
  ...(isElsewhere(signOn) && { tls: { ca: paths.root } }),
  trustForwardHeader: false,
  // What matches is taken from the request before the answer's own is put in.
  authResponseHeaders: userHeaders,
  authResponseHeadersRegex: identityPattern,
  // Its pages are small; the default has no bound.
  maxResponseBodySize: 1_048_576,
});

const tls = { minVersion: "VersionTLS12", sniStrict: true };

/**
 * Settings shared by all routes: TLS versions, headers that go and come, and where the single sign-on is asked, if the stack has one.
 *
 * The dashboard answers under the address of the container's loopback alone: a request that was led there under another name
 * gets 404.
 */
export function commonConfig({ signOn }: { signOn: string | undefined }): string {
  return stringify({
    tls: {
      options: {
        // Traefik meets challenges for certificates with these, whichever options a host has.
        default: tls,
        [overHttp1]: { ...tls, alpnProtocols: ["http/1.1"] },
      },
    },
    http: {
      routers: {
        "local-dashboard": {
          rule: `Host(\`${local.host}\`) && (PathPrefix(\`/api\`) || PathPrefix(\`/dashboard\`))`,
          entryPoints: ["ping"],
          service: dashboard,
        },
      },
      middlewares: {
        ...(signOn !== undefined && { [singleSignOn]: { forwardAuth: forwardAuth(signOn) } }),
        [withoutToken]: { headers: { customRequestHeaders: { [tokenHeader]: "" } } },
        // Traefik has no answer of a given status; this is one for whoever is not in an empty range.
        [loop]: { ipAllowList: { sourceRange: ["0.0.0.0/32"], rejectStatusCode: 508 } },
        [securityHeaders]: {
          headers: {
            // One day: with a private CA a browser offers no way past a certificate error while this holds.
            stsSeconds: 86400,
            contentTypeNosniff: true,
            customFrameOptionsValue: "SAMEORIGIN",
            referrerPolicy: "strict-origin-when-cross-origin",
            customRequestHeaders: Object.fromEntries([...identityHeaders, originHeader].map((name) => [name, ""])),
            customResponseHeaders: { Server: "", "X-Powered-By": "" },
          },
        },
      },
    },
  });
}
