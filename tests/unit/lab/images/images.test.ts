import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";

import { harborImages } from "../../../../lab/images/harbor-images";
import { digest, layerFile, type LayerFile } from "../../../../lab/images/layer";
import { push, type Image } from "../../../../lab/images/registry";
import { tar } from "../../../../lab/images/tar";
import { projectRoot } from "../../../../lab/settings";
import { images } from "../../../../versions";
import { pushedRegistry, type PushedRegistry } from "../../../helpers/unit/lab-registry";

let folder: string;
let base: LayerFile;
let programs: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "homelab-images-"));
  writeFileSync(join(folder, "base.tar"), tar([{ path: "bin", mode: 0o755 }]));
  base = await layerFile(join(folder, "base.tar"));
  programs = join(folder, "programs");
  mkdirSync(join(programs, "core"), { recursive: true });
  for (const [part, name] of [
    ["kit", "http.js"],
    ["openid", "client.js"],
  ] as const) {
    mkdirSync(join(folder, part));
    writeFileSync(join(folder, part, name), `// ${part}\n`);
  }
  for (const name of ["core.js", "core/server.js"]) writeFileSync(join(programs, name), `// ${name}\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const made = (): Record<string, Image> => harborImages(images, base, programs);

/** `<mode> <path>` of what an image has above the base, as tar lists it. */
function listing(image: Image | undefined): string[] {
  const layer = image?.layers[1];
  if (!Buffer.isBuffer(layer)) throw new Error("there is no layer above the base");
  const lines = execFileSync("tar", ["-tvf", "-", "--numeric-owner"], { input: layer }).toString().trim().split("\n");
  return lines.map((line) => line.replace(/^(\S+) +(\S+) +\d+ \S+ \S+ /, "$1 $2 "));
}

describe("the lab's images of Harbor", () => {
  it("have the names and tags of versions.ts, one for each image of Harbor's and Node.js", () => {
    const names = Object.fromEntries(Object.entries(made()).map(([key, { name, tag }]) => [key, `${name}:${tag}`]));
    const others = Object.entries(images).filter(([key]) => key.startsWith("harbor") || key === "node");
    expect(names).toEqual(
      Object.fromEntries(
        others.map(([key, reference]) => {
          const [tagged = ""] = reference.split("@");
          return [key, tagged.includes("/") ? tagged : `library/${tagged}`];
        }),
      ),
    );
  });

  it.each([
    ["harborDatabase", "-rwxr-xr-x 0/0 docker-entrypoint.sh"],
    ["harborDatabase", "drwx------ 999/999 var/lib/postgresql/data/"],
    ["harborValkey", "drwxr-xr-x 999/999 var/lib/redis/"],
    ["harborRegistry", "lrwxrwxrwx 0/0 usr/bin/registry_DO_NOT_USE_GC -> docker-registry"],
    ["harborRegistry", "drwxr-xr-x 10000/10000 storage/"],
    ["harborPortal", "-rw-r--r-- 0/0 usr/share/nginx/html/index.html"],
    ["harborCore", "-rwxr-xr-x 0/0 harbor/harbor_core"],
    ["harborCore", "-rw-r--r-- 0/0 opt/harbor/core/server.js"],
    ["harborCore", "-rw-r--r-- 0/0 opt/kit/http.js"],
    ["harborCore", "-rw-r--r-- 0/0 opt/openid/client.js"],
    ["harborJobservice", "-rwxr-xr-x 0/0 harbor/harbor_jobservice"],
    ["harborRegistryctl", "-rwxr-xr-x 0/0 home/harbor/harbor_registryctl"],
    ["harborTrivy", "-rwxr-xr-x 0/0 home/scanner/bin/scanner-trivy"],
    ["harborExporter", "-rwxr-xr-x 0/0 harbor/harbor_exporter"],
  ])("start what the official images start: %s has %s", (key, entry) => {
    expect(listing(made()[key]).map((line) => line.replace(/\/?$/, ""))).toContain(entry.replace(/\/$/, ""));
  });

  it("keep their content's bytes from build to build, so that an image changes only when its content does", () => {
    const layers = (): string[] => Object.values(made()).map(({ layers: [, top] }) => digest(top ?? Buffer.alloc(0)));
    const before = layers();
    expect(layers()).toEqual(before);
    writeFileSync(join(programs, "core.js"), "// changed\n");
    const changed = Object.keys(made()).filter((_, place) => layers()[place] !== before[place]);
    expect(changed).toEqual(["harborCore", "harborJobservice", "harborRegistryctl", "harborTrivy", "harborExporter"]);
  });

  it("ask for a build when the programs are missing", () => {
    expect(() => harborImages(images, base, join(folder, "none"))).toThrow("is missing. Run `npm run build`.");
  });

  it("hold all that their programs import: Node's own modules, and files beside them", () => {
    const root = join(projectRoot, "lab");
    const folders = ["harbor", "kit", "openid"];
    const files = folders
      .flatMap((each) =>
        readdirSync(join(root, each), { recursive: true, encoding: "utf8" }).map((path) => join(each, path)),
      )
      .filter((path) => path.endsWith(".ts"));
    const outside = files.flatMap((path) => {
      const text = readFileSync(join(root, path), "utf8");
      const imported = [...text.matchAll(/^(?:import|export)(?! type)[^;]*? from "([^"]+)";/gms)].map(
        ([, from = ""]) => from,
      );
      const isInside = (from: string): boolean =>
        from.startsWith(".") && folders.includes(normalize(join(dirname(path), from)).split("/")[0] ?? "");
      return imported.filter((from) => !from.startsWith("node:") && !isInside(from)).map((from) => `${path}: ${from}`);
    });
    expect(files.length).toBeGreaterThan(0);
    expect(outside).toEqual([]);
  });
});

describe("a push to the lab's registry", () => {
  let registry: PushedRegistry;
  beforeEach(async () => {
    registry = await pushedRegistry();
  });
  afterEach(() => registry.close());

  const image = (name: string, content: string): Image => ({
    name,
    tag: "v1",
    layers: [base, tar([{ path: "file", mode: 0o644, content: Buffer.from(content) }])],
    config: { Cmd: ["sh"] },
  });

  it("sends a shared layer once and mounts it in each image", async () => {
    await push(registry, image("a/one", "1"));
    await push(registry, image("a/two", "2"));
    expect(registry.sent.filter((each) => each === base.digest)).toHaveLength(1);
    expect(registry.content.get(base.digest)).toEqual(readFileSync(base.file));
    for (const name of ["a/one", "a/two"]) expect(registry.blobs.get(name)).toContain(base.digest);
  });

  it("names the layers from the lowest to the uppermost, in manifest and config", async () => {
    const pushed = image("a/one", "1");
    const reference = await push(registry, pushed);
    const manifest = registry.manifests.get("a/one:v1");
    const layers = pushed.layers.map((layer) => digest(layer));
    expect(manifest?.layers.map((layer) => layer.digest)).toEqual(layers);
    expect(manifest?.layers[0]?.size).toBe(base.size);
    const config = JSON.parse(registry.content.get(manifest?.config.digest ?? "")?.toString() ?? "{}") as object;
    expect(config).toMatchObject({ rootfs: { type: "layers", diff_ids: layers }, config: { Cmd: ["sh"] } });
    expect(reference).toMatch(new RegExp(`^${registry.address}/a/one:v1@sha256:[0-9a-f]{64}$`));
  });

  it("sends nothing a second time, and gives the same digest", async () => {
    const first = await push(registry, image("a/one", "1"));
    const sent = [...registry.sent];
    expect(await push(registry, image("a/one", "1"))).toBe(first);
    expect(registry.sent).toEqual(sent);
    expect(await push(registry, image("a/one", "other"))).not.toBe(first);
  });
});

describe("a layer in a file", () => {
  it("is read for its digest once", async () => {
    const kept = readFileSync(`${base.file}.sha256`, "utf8");
    expect(kept.trim()).toBe(digest(readFileSync(base.file)));
    writeFileSync(`${base.file}.sha256`, "sha256:known\n");
    expect((await layerFile(base.file)).digest).toBe("sha256:known");
  });
});
