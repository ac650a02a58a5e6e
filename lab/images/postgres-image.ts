import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../settings";
import { accounts, folder, imageOf, program, searchPath } from "./content";
import type { LayerFile } from "./layer";
import type { Image } from "./registry";

/** The user of the official image on Alpine; the one on Debian has another number. */
const postgres = 70;

/**
 * Debian's PostgreSQL with the paths, the user and the entry script of the official image on Alpine. It has no volume of its
 * own: what is to stay has to be mounted, one folder above the data.
 */
export function postgresImage(reference: string, base: LayerFile): Image {
  const entryScript = readFileSync(join(projectRoot, "lab", "images", "postgres", "docker-entrypoint.sh"), "utf8");
  const content = {
    entries: [
      ...accounts({ name: "postgres", id: postgres, home: "/var/lib/postgresql" }),
      program("usr/local/bin/docker-entrypoint.sh", entryScript),
      folder("var/lib/postgresql", postgres),
      folder("var/lib/postgresql/data", postgres, 0o700),
      folder("run/postgresql", postgres, 0o3775),
    ],
    config: {
      User: `${postgres}`,
      Env: [`PATH=${searchPath}`, "LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data"],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["postgres"],
      // Ends sessions; the usual signal waits for them.
      StopSignal: "SIGINT",
    },
  };
  return imageOf(reference, content, base);
}
