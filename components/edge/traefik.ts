import type { Input } from "@pulumi/pulumi";

import { rootOrigin, type Workload } from "../host/workload";
import { memory, paths, traefikRuns, traefikUser } from "./static-config";

/** What Traefik's container is made from. */
export interface TraefikArgs {
  /** What the names of its files' resources begin with. Default `edge`. */
  name?: string;
  /** Traefik image, pinned by digest. */
  image: string;
  /** Text of its static configuration. */
  configuration: Input<string>;
  /** PEM. */
  rootCertificate: Input<string>;
}

/** Traefik. It watches the folder of routes, so none of them starts it again. */
export function traefik({
  name = "edge",
  image,
  configuration,
  rootCertificate,
}: TraefikArgs): Workload<"routes" | "acme"> {
  return {
    ...traefikRuns,
    name: "traefik",
    image,
    memory: memory["edge-traefik"],
    user: traefikUser,
    files: {
      [paths.staticConfig]: { ...own, path: "traefik.yml", resource: `${name}-static`, content: configuration },
      [paths.root]: {
        ...own,
        path: "root_ca.crt",
        resource: `${name}-root`,
        content: rootCertificate,
        origin: rootOrigin,
      },
    },
    folders: { [paths.routes]: { folder: "routes", readOnly: true }, [paths.acme]: "acme" },
    ports: [80, 443],
  };
}

const own = { owner: "0:0" } as const;
