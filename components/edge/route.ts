import { stringify } from "yaml";

import { Service } from "../../config/services";
import { closed, paths, resolver } from "./static-config";

/**
 * Traefik's dynamic configuration of one catalogue entry: router, service and, for an upstream that speaks TLS, the
 * certificates it is checked with: the stack's root, or the entry's own `upstreamCa`.
 *
 * An entry that relies on the edge for its login (`auth: proxy`) stays closed while there is no single sign-on to ask.
 */
export function route(service: Service): string {
  const { name, host, upstream } = service;
  const overTls = upstream.startsWith("https:");
  return stringify(
    {
      http: {
        routers: {
          [name]: {
            rule: `Host(\`${host}\`)`,
            entryPoints: ["websecure"],
            service: name,
            ...(service.auth === "proxy" && { middlewares: [`${closed}@file`] }),
            tls: { certResolver: resolver },
          },
        },
        services: {
          [name]: {
            loadBalancer: {
              servers: [{ url: upstream }],
              passHostHeader: true,
              ...(overTls && { serversTransport: name }),
            },
          },
        },
        ...(overTls && { serversTransports: { [name]: { rootCAs: [service.upstreamCa ?? paths.root] } } }),
      },
    },
    { lineWidth: 0 },
  );
}
