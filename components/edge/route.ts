import { stringify } from "yaml";

import { Branch, Service } from "../../config/services";
import { outpostPath, paths, resolver, singleSignOn } from "./static-config";

/**
 * Traefik's dynamic configuration of one catalogue entry: a router and a service for it and for each of its branches and,
 * for an upstream that speaks TLS, the certificates it is checked with: the stack's root, or the entry's own `upstreamCa`.
 *
 * An entry with `auth: proxy` is guarded by the single sign-on at `signOn`, which also answers a path of its own there:
 * browsers keep no cookie for all of `home.arpa`, so each host has one.
 */
export function route(service: Service, signOn: string): string {
  const { name, host, upstream, branches = [], auth } = service;
  const guard = auth === "proxy" ? [`${singleSignOn}@file`] : undefined;
  const branch = (each: Branch, middlewares: string[] | undefined): Routed => ({
    name: `${name}-${each.name}`,
    rule: branchRule(host, each),
    upstream: each.upstream,
    middlewares,
  });
  const signIn: Branch = { name: "sign-on", upstream: signOn, paths: [outpostPath] };
  const all: Routed[] = [
    { name, rule: `Host(\`${host}\`)`, upstream, middlewares: guard },
    ...branches.map((each) => branch(each, guard)),
    ...(guard ? [branch(signIn, undefined)] : []),
  ];
  const served = all.filter((each) => !isInternal(each.upstream));
  const overTls = upstream.startsWith("https:");
  const transport = (each: Routed): string | undefined => (overTls && each.upstream !== signOn ? name : undefined);
  return stringify(
    {
      http: {
        routers: Object.fromEntries(all.map((each) => [each.name, router(each)])),
        ...(served.length > 0 && {
          services: Object.fromEntries(served.map((each) => [each.name, loadBalancer(each.upstream, transport(each))])),
        }),
        ...(overTls && { serversTransports: { [name]: { rootCAs: [service.upstreamCa ?? paths.root] } } }),
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
  readonly middlewares?: string[];
}

/** A service of Traefik's own. */
const isInternal = (upstream: string): boolean => upstream.endsWith("@internal");

/** Traefik prefers the longer rule, which a branch's is. */
function branchRule(host: string, branch: Branch): string {
  const matchers = branch.paths.map((path) => (path.endsWith("/") ? `PathPrefix(\`${path}\`)` : `Path(\`${path}\`)`));
  return `Host(\`${host}\`) && (${matchers.join(" || ")})`;
}

const router = ({ name, rule, upstream, middlewares }: Routed) => ({
  rule,
  entryPoints: ["websecure"],
  service: isInternal(upstream) ? upstream : name,
  ...(middlewares && { middlewares }),
  tls: { certResolver: resolver },
});

const loadBalancer = (upstream: string, transport: string | undefined) => ({
  loadBalancer: {
    servers: [{ url: upstream }],
    passHostHeader: true,
    ...(transport !== undefined && { serversTransport: transport }),
  },
});
