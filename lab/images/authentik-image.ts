import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../settings";
import { accounts, file, folder, imageOf, program, searchPath } from "./content";
import type { LayerFile } from "./layer";
import type { Image } from "./registry";

/** What the image is made from. */
export interface AuthentikSources {
  /** The folder with the programs of `lab/authentik`, each in one file: `authentik-server.mjs` and so on. */
  bundles: string;
  /** Authentik's description of its API, YAML. */
  description: string;
}

/** Where the build puts the programs, and where the official client has the description. */
const built: AuthentikSources = {
  bundles: join(projectRoot, "dist", "bundles"),
  description: join(projectRoot, "node_modules", "@goauthentik", "api", "schema.yml"),
};

const user = { name: "authentik", id: 1000, home: "/authentik" };
const home = "opt/authentik";

/** Mebibytes of each program's heap: Node.js would take what it may. */
const heaps = { server: 320, worker: 96, ak: 64 };

/** Authentik, played by `lab/authentik`, with the user, the folders and the commands of the official image. */
export function authentikImage(reference: string, base: LayerFile, sources = built): Image {
  const content = {
    entries: [
      ...accounts(user),
      ...Object.keys(heaps).map((name) => file(`${home}/${name}.mjs`, bundle(sources, name))),
      file(`${home}/schema.yml`, readFileSync(sources.description, "utf8")),
      program("usr/bin/dumb-init", dumbInit),
      program("lifecycle/ak", ak),
      ...["authentik", "certs", "data", "templates"].map((path) => folder(path, user.id)),
    ],
    config: {
      User: `${user.id}`,
      Env: [`PATH=/lifecycle:${searchPath}`, "TMPDIR=/dev/shm/"],
      Entrypoint: ["dumb-init", "--", "ak"],
    },
  };
  return imageOf(reference, content, base);
}

function bundle({ bundles }: AuthentikSources, name: string): string {
  const path = join(bundles, `authentik-${name}.mjs`);
  if (!existsSync(path)) throw new Error(`${path} is missing. Run \`npm run build\`.`);
  return readFileSync(path, "utf8");
}

/** The real one hands signals on and collects orphans. The programs here listen to signals themselves and have no children. */
const dumbInit = `#!/bin/sh
[ "\${1:-}" != -- ] || shift
exec "$@"
`;

/** `ak server` and `ak worker` are programs of their own; whatever else is a command of the third. */
const ak = `#!/bin/sh
case "\${1:-}" in
  server) shift && exec node --max-old-space-size=${heaps.server} /${home}/server.mjs "$@" ;;
  worker) shift && exec node --max-old-space-size=${heaps.worker} /${home}/worker.mjs "$@" ;;
  *) exec node --max-old-space-size=${heaps.ak} /${home}/ak.mjs "$@" ;;
esac
`;
