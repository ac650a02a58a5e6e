import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { authentikImage } from "../../../../lab/images/authentik-image";
import { allAnswer, registriesOf } from "../../../../lab/images/build";
import { layerFile, type LayerFile } from "../../../../lab/images/layer";
import { postgresImage } from "../../../../lab/images/postgres-image";
import type { Image } from "../../../../lab/images/registry";
import { tar } from "../../../../lab/images/tar";
import { images } from "../../../../versions";

let folder: string;
let base: LayerFile;
let sources: { bundles: string; description: string };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "homelab-images-authentik-"));
  writeFileSync(join(folder, "base.tar"), tar([{ path: "bin", mode: 0o755 }]));
  base = await layerFile(join(folder, "base.tar"));
  sources = { bundles: join(folder, "bundles"), description: join(folder, "schema.yml") };
  mkdirSync(sources.bundles);
  for (const name of ["server", "worker", "ak"]) {
    const prints = `console.log(["${name}", process.execArgv[0], ...process.argv.slice(2)].join(" "));\n`;
    writeFileSync(join(sources.bundles, `authentik-${name}.mjs`), prints);
  }
  writeFileSync(sources.description, "openapi: 3.0.3\ninfo: { title: authentik, version: 2026.8.3 }\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const authentik = (): Image => authentikImage(images.authentikServer, base, sources);
const database = (): Image => postgresImage(images.authentikDatabase, base);

/** What an image has above the base. */
function top({ layers }: Image): Buffer {
  const layer = layers[1];
  if (!Buffer.isBuffer(layer)) throw new Error("there is no layer above the base");
  return layer;
}

/** `<mode> <owner> <path>` of what an image has above the base, as tar lists it. */
function listing(image: Image): string[] {
  const lines = execFileSync("tar", ["-tvf", "-", "--numeric-owner"], { input: top(image) })
    .toString()
    .trim();
  return lines.split("\n").map((line) => line.replace(/^(\S+) +(\S+) +\d+ \S+ \S+ /, "$1 $2 "));
}

/** One file of what an image has above the base. */
const content = (image: Image, path: string): string =>
  execFileSync("tar", ["-xOf", "-", path], { input: top(image) }).toString();

describe("the lab's image of Authentik", () => {
  it("has the name and tag of versions.ts, without its registry", () => {
    expect(`ghcr.io/${authentik().name}:${authentik().tag}`).toBe(images.authentikServer.split("@")[0]);
  });

  it.each([
    "-rwxr-xr-x 0/0 usr/bin/dumb-init",
    "-rwxr-xr-x 0/0 lifecycle/ak",
    "-rw-r--r-- 0/0 opt/authentik/server.mjs",
    "-rw-r--r-- 0/0 opt/authentik/worker.mjs",
    "-rw-r--r-- 0/0 opt/authentik/ak.mjs",
    "-rw-r--r-- 0/0 opt/authentik/schema.yml",
    "drwxr-xr-x 1000/1000 data",
  ])("has %s", (entry) => {
    expect(listing(authentik())).toContain(entry);
  });

  it("starts as the official one: its user, `ak` behind dumb-init on the path, no health check of its own", () => {
    const { config } = authentik();
    expect(config).toMatchObject({ User: "1000", Entrypoint: ["dumb-init", "--", "ak"] });
    expect(config.Env).toContainEqual(expect.stringMatching(/^PATH=\/lifecycle:.*:\/usr\/bin:/));
    expect(config).not.toHaveProperty("Healthcheck");
    expect(content(authentik(), "etc/passwd")).toContain("authentik:x:1000:1000:");
  });

  it("has Authentik's description of its API", () => {
    expect(content(authentik(), "opt/authentik/schema.yml")).toBe(readFileSync(sources.description, "utf8"));
  });

  it.each([
    [["server"], "server --max-old-space-size=320"],
    [["worker", "--verbose"], "worker --max-old-space-size=96 --verbose"],
    [["healthcheck"], "ak --max-old-space-size=64 healthcheck"],
    [["create_recovery_key", "10", "a b"], "ak --max-old-space-size=64 create_recovery_key 10 a b"],
  ])("runs `dumb-init -- ak` with %j as %s", (args, expected) => {
    const root = join(folder, "root");
    mkdirSync(root);
    execFileSync("tar", ["-xf", "-", "-C", root, "--no-same-owner"], { input: top(authentik()) });
    const ak = join(root, "lifecycle/ak");
    writeFileSync(ak, readFileSync(ak, "utf8").replaceAll(" /opt/", ` ${root}/opt/`));
    const output = execFileSync(join(root, "usr/bin/dumb-init"), ["--", ak, ...args], { encoding: "utf8" });
    expect(output.trim()).toBe(expected);
  });

  it("asks for a build when a program is missing", () => {
    rmSync(join(sources.bundles, "authentik-worker.mjs"));
    expect(authentik).toThrow("authentik-worker.mjs is missing. Run `npm run build`.");
  });
});

describe("the lab's image of PostgreSQL", () => {
  it("has the name and tag of versions.ts, as Docker Hub knows them", () => {
    const { name, tag } = database();
    expect(`${name}:${tag}`).toBe(`library/${images.authentikDatabase.split("@")[0]}`);
  });

  it.each([
    "-rwxr-xr-x 0/0 usr/local/bin/docker-entrypoint.sh",
    "drwx------ 70/70 var/lib/postgresql/data",
    "drwxrwsr-t 70/70 run/postgresql",
  ])("has %s", (entry) => {
    expect(listing(database())).toContain(entry);
  });

  it("starts as the official one on Alpine: its user, its entry script, a stop that ends sessions", () => {
    expect(database().config).toMatchObject({
      User: "70",
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["postgres"],
      StopSignal: "SIGINT",
    });
    expect(database().config.Env).toContain("PGDATA=/var/lib/postgresql/data");
    expect(content(database(), "etc/passwd")).toContain("postgres:x:70:70:");
  });
});

describe("the choice between official images and the lab's own", () => {
  const answers = (status: Record<string, number | Error>): typeof fetch =>
    ((url: string) => {
      const answer = status[new URL(url).host] ?? new Error("no such host");
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(new Response("", { status: answer }));
    }) as typeof fetch;

  it("looks at every registry that versions.ts names, once", () => {
    expect(registriesOf(Object.values(images)).sort()).toEqual(["ghcr.io", "registry-1.docker.io"]);
  });

  it.each<[string, boolean, Record<string, number | Error>]>([
    ["both ask for a log-in", true, { "ghcr.io": 401, "registry-1.docker.io": 401 }],
    ["one is open, one asks for a log-in", true, { "ghcr.io": 200, "registry-1.docker.io": 401 }],
    ["one cannot be reached", false, { "ghcr.io": new Error("ENOTFOUND"), "registry-1.docker.io": 401 }],
    ["a proxy answers for one", false, { "ghcr.io": 403, "registry-1.docker.io": 401 }],
  ])("where %s: official %s", async (_case, official, status) => {
    expect(await allAnswer(["ghcr.io", "registry-1.docker.io"], answers(status))).toBe(official);
  });
});
