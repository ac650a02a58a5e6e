import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImageName } from "../../versions";
import { projectRoot } from "../settings";
import { file, folder, imageOf, program, searchPath, type Content } from "./content";
import type { LayerFile } from "./layer";
import type { Image } from "./registry";
import type { TarEntry } from "./tar";

/** Harbor's images, and Node.js for the program beside it. */
export type HarborImage = Extract<ImageName, `harbor${string}` | "node">;

/** Where the build puts the programs of `lab/harbor`; what they need of `lab/kit` and `lab/openid` is beside it. */
const builtPrograms = join(projectRoot, "dist", "lab", "harbor");

/** The lab's own images, under the names and tags of `references`. */
export function harborImages(
  references: Readonly<Record<HarborImage, string>>,
  base: LayerFile,
  programs = builtPrograms,
): Record<HarborImage, Image> {
  const made = Object.entries(contents(programs)).map(([key, content]) => [
    key,
    harborImage(references[key as HarborImage], content, base),
  ]);
  return Object.fromEntries(made) as Record<HarborImage, Image>;
}

/** With the users and the path of the official images. */
function harborImage(reference: string, { entries, config }: Content, base: LayerFile): Image {
  const environment = [`PATH=${searchPath}`, ...((config.Env as string[] | undefined) ?? [])];
  return imageOf(reference, { entries: [...users, ...entries], config: { ...config, Env: environment } }, base);
}

const harbor = 10000;
const database = 999;

const link = (path: string, target: string): TarEntry => ({ path, mode: 0o777, link: target });
const ownFile = (name: string): string => readFileSync(join(projectRoot, "lab", "images", "harbor", name), "utf8");

/** The users of the official images, in place of those that Debian's packages made. */
const users = [
  file(
    "etc/passwd",
    `root:x:0:0:root:/root:/bin/sh
postgres:x:${database}:${database}:PostgreSQL and Valkey:/var/lib/postgresql:/bin/sh
harbor:x:${harbor}:${harbor}:Harbor:/home/harbor:/bin/sh
nonroot:x:65532:65532:nonroot:/home/nonroot:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`,
  ),
  file("etc/group", `root:x:0:\npostgres:x:${database}:\nharbor:x:${harbor}:\nnonroot:x:65532:\nnogroup:x:65534:\n`),
];

function contents(programs: string): Record<HarborImage, Content> {
  const standIn = standIns(programs);
  return {
    harborDatabase: {
      entries: [
        program("docker-entrypoint.sh", ownFile("docker-entrypoint.sh")),
        folder("var/lib/postgresql", database),
        folder("var/lib/postgresql/data", database, 0o700),
        folder("run/postgresql", database),
      ],
      config: {
        User: "postgres",
        Env: ["PGDATA=/var/lib/postgresql/data"],
        Entrypoint: ["/docker-entrypoint.sh", "15", "18"],
      },
    },
    harborValkey: {
      entries: [folder("var/lib/redis", database)],
      config: { User: `${database}`, Cmd: ["valkey-server", "/etc/redis.conf"], WorkingDir: "/var/lib/redis" },
    },
    harborRegistry: {
      entries: [link("usr/bin/registry_DO_NOT_USE_GC", "docker-registry"), folder("storage", harbor)],
      config: {
        User: `${harbor}`,
        Entrypoint: ["/usr/bin/registry_DO_NOT_USE_GC", "serve", "/etc/registry/config.yml"],
      },
    },
    harborPortal: {
      entries: [
        file("usr/share/nginx/html/index.html", ownFile("index.html")),
        link("var/log/nginx/error.log", "/dev/stderr"),
      ],
      config: { User: `${harbor}`, Cmd: ["nginx", "-g", "daemon off;"], StopSignal: "SIGQUIT" },
    },
    harborCore: standIn("/harbor/harbor_core", "core.js"),
    harborJobservice: standIn("/harbor/harbor_jobservice", "jobservice.js"),
    harborRegistryctl: standIn("/home/harbor/harbor_registryctl", "registryctl.js"),
    harborTrivy: standIn("/home/scanner/bin/scanner-trivy", "trivy-adapter.js"),
    harborExporter: standIn("/harbor/harbor_exporter", "exporter.js"),
    node: { entries: [], config: { Entrypoint: ["node"] } },
  };
}

/** Mebibytes of a stand-in's heap. */
const heap: Readonly<Record<string, number>> = { "core.js": 160 };

/** Parts of Harbor that the lab plays: under the path of the real program, one of `lab/harbor`. */
function standIns(programs: string): (path: string, script: string) => Content {
  if (!existsSync(programs)) throw new Error(`${programs} is missing. Run \`npm run build\`.`);
  const beside = ["kit", "openid"].flatMap((part) => scriptsIn(join(dirname(programs), part), `opt/${part}`));
  const scripts = [...scriptsIn(programs, "opt/harbor"), ...beside];
  return (path, script) => ({
    entries: [...scripts, program(path.slice(1), `#!/bin/sh\nexec node /opt/harbor/${script} "$@"\n`)],
    // What Harbor's programs need is less than what Node.js takes if it may.
    config: { User: `${harbor}`, Entrypoint: [path], Env: [`NODE_OPTIONS=--max-old-space-size=${heap[script] ?? 24}`] },
  });
}

/** The compiled files of a folder, and where the image has them. */
function scriptsIn(folder: string, target: string): TarEntry[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js"));
  return names.sort().map((path) => file(`${target}/${path}`, readFileSync(join(folder, path), "utf8")));
}
