import { stringify } from "yaml";

import { Branch, Service } from "../../config/services";
import { closed, paths, resolver } from "./static-config";

/**
 * Traefik's dynamic configuration of one catalogue entry: a router and a service for it and for each of its branches and,
 * for an upstream that speaks TLS, the certificates it is checked with: the stack's root, or the entry's own `upstreamCa`.
 *
 * An entry that relies on the edge for its login (`auth: proxy`) stays closed while there is no single sign-on to ask.
 */
export function route(service: Service): string {
  const { name, host, upstream, branches = [] } = service;
  const overTls = upstream.startsWith("https:");
  const all = [
    { name, rule: `Host(\`${host}\`)`, upstream },
    ...branches.map((branch) => ({ ...branch, name: `${name}-${branch.name}`, rule: branchRule(host, branch) })),
  ];
  const routers = all.map((each) => [each.name, router(service, each)]);
  const services = all.map((each) => [each.name, loadBalancer(each.upstream, overTls ? name : undefined)]);
  return stringify(
    {
      http: {
        routers: Object.fromEntries(routers),
        services: Object.fromEntries(services),
        ...(overTls && { serversTransports: { [name]: { rootCAs: [service.upstreamCa ?? paths.root] } } }),
      },
    },
    { lineWidth: 0 },
  );
}

/** Traefik prefers the longer rule, which a branch's is. */
function branchRule(host: string, branch: Branch): string {
  const matchers = branch.paths.map((path) => (path.endsWith("/") ? `PathPrefix(\`${path}\`)` : `Path(\`${path}\`)`));
  return `Host(\`${host}\`) && (${matchers.join(" || ")})`;
}

const router = (service: Service, { name, rule }: { name: string; rule: string }) => ({
  rule,
  entryPoints: ["websecure"],
  service: name,
  ...(service.auth === "proxy" && { middlewares: [`${closed}@file`] }),
  tls: { certResolver: resolver },
});

const loadBalancer = (upstream: string, transport: string | undefined) => ({
  loadBalancer: {
    servers: [{ url: upstream }],
    passHostHeader: true,
    ...(transport !== undefined && { serversTransport: transport }),
  },
});
