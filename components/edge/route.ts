import { stringify } from "yaml";

import { Branch, Service } from "../../config/services";
import {
  isElsewhere,
  loop,
  outpostPath,
  overHttp1,
  paths,
  resolver,
  singleSignOn,
  withoutToken,
} from "./static-config";

/** What a route depends on besides its catalogue entry. */
export interface RouteArgs {
  /** Where the single sign-on is asked about a request to a service with `auth: proxy`; without one there is no such service. */
  signOn: string | undefined;
  /** The edge's IPv4 address, by which it knows a request that it has passed on itself. */
  address: string;
}

/**
 * Traefik's dynamic configuration of one catalogue entry: a router and a service for it and for each of its branches and,
 * for an upstream that speaks TLS, the certificates it is checked with: the stack's root, or the entry's own `upstreamCa`.
 *
 * An entry with `auth: proxy` is guarded by the single sign-on, which also answers a path of its own there: browsers keep no
 * cookie for all of `home.arpa`, so each host has one.
 *
 * Each request gets a mark of its entry. One that comes back with it was led in a circle and is answered 508; without, Traefik
 * asks itself until it is out of memory. The mark is the entry's own, for one service may well ask another through the edge.
 */
export function route(service: Service, { signOn, address }: RouteArgs): string {
  const { name, host, upstream, branches = [], auth, isBulk } = service;
  const mark = `X-Edge-Passed-${name}`;
  const marked = `${name}_mark`;
  const guard = auth === "proxy" ? [singleSignOn, withoutToken].map((each) => `${each}@file`) : [];
  const branch = (each: Branch, middlewares: string[]): Routed => ({
    name: `${name}-${each.name}`,
    rule: [rule(host, each.paths), ...(each.clients ? [anyOf("ClientIP", each.clients)] : [])].join(" && "),
    upstream: each.upstream,
    middlewares: [marked, ...middlewares],
  });
  const signIn: Branch[] = signOn === undefined ? [] : [{ name: "sign-on", upstream: signOn, paths: [outpostPath] }];
  const circle: Routed = {
    name: `${name}_loop`,
    rule: `${rule(host)} && Header(\`${mark}\`, \`${address}\`)`,
    upstream: "noop@internal",
    middlewares: [`${loop}@file`],
    // Above every length of a rule, which is what the others have.
    priority: 1_000_000,
  };
  const all: Routed[] = [
    { name, rule: rule(host, service.paths), upstream, middlewares: [marked, ...guard] },
    ...branches.map((each) => branch(each, guard)),
    ...(guard.length > 0 ? signIn.map((each) => branch(each, [])) : []),
    circle,
  ];
  const served = all
    .filter((each) => !isInternal(each.upstream))
    .map((each) => ({ ...each, transport: transportOf(each, service, signOn) }));
  const transports = Object.fromEntries(
    served.flatMap((each) => (each.transport ? [[each.transport.name, { rootCAs: each.transport.rootCAs }]] : [])),
  );
  return stringify(
    {
      http: {
        routers: Object.fromEntries(all.map((each) => [each.name, router(each, isBulk)])),
        middlewares: { [marked]: { headers: { customRequestHeaders: { [mark]: address } } } },
        ...(served.length > 0 && {
          services: Object.fromEntries(served.map((each) => [each.name, loadBalancer(each, signOn)])),
        }),
        ...(Object.keys(transports).length > 0 && { serversTransports: transports }),
      },
    },
    { lineWidth: 0 },
  );
}

/** A rule, and where what it matches goes. */
interface Routed {
  readonly name: string;
  readonly rule: string;
  readonly upstream: string;
  readonly middlewares: string[];
  readonly priority?: number;
}

/** Roots that an upstream's certificate is checked with. */
interface Transport {
  readonly name: string;
  readonly rootCAs: string[];
}

/** A service of Traefik's own. */
const isInternal = (upstream: string): boolean => upstream.endsWith("@internal");

/** All of a host, or some of its paths. Traefik prefers the longer rule, which is the one with paths. */
function rule(host: string, only?: readonly string[]): string {
  const whole = `Host(\`${host}\`)`;
  if (!only) return whole;
  const matchers = only.map((path) => (path.endsWith("/") ? `PathPrefix(\`${path}\`)` : `Path(\`${path}\`)`));
  return `${whole} && (${matchers.join(" || ")})`;
}

/** A rule that one of several values meets. */
const anyOf = (matcher: string, values: readonly string[]): string =>
  `(${values.map((value) => `${matcher}(\`${value}\`)`).join(" || ")})`;

const router = ({ name, rule: matching, upstream, middlewares, priority }: Routed, isBulk = false) => ({
  rule: matching,
  ...(priority !== undefined && { priority }),
  entryPoints: ["websecure"],
  service: isInternal(upstream) ? upstream : name,
  middlewares,
  // One host has the same options in all its routers: Traefik knows no more than the host when it needs them.
  tls: { certResolver: resolver, ...(isBulk && { options: `${overHttp1}@file` }) },
});

/** What an upstream that speaks TLS is checked with: another machine's edge with the stack's root. */
function transportOf({ name, upstream }: Routed, service: Service, signOn?: string): Transport | undefined {
  if (upstream === signOn) return isElsewhere(signOn) ? { name, rootCAs: [paths.root] } : undefined;
  return service.upstream.startsWith("https:")
    ? { name: service.name, rootCAs: [service.upstreamCa ?? paths.root] }
    : undefined;
}

/** The edge before another machine's single sign-on knows it by its own name; whose the request was is in `X-Forwarded-Host`. */
const loadBalancer = ({ upstream, transport }: Routed & { transport?: Transport }, signOn?: string) => ({
  loadBalancer: {
    servers: [{ url: upstream }],
    passHostHeader: !(upstream === signOn && isElsewhere(signOn)),
    ...(transport && { serversTransport: transport.name }),
  },
});
