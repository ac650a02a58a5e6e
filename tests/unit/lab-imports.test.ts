import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { projectRoot } from "../../lab/settings";

const root = join(projectRoot, "lab");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".ts") && !path.includes("node_modules"),
);

/** What a file imports, types included: other files of the lab by their path in it, all else as it is written. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import|require\() ?\(?"([^"]+)"/g)].map(([, from = ""]) => {
    const path = from.startsWith(".") ? normalize(join(dirname(file), from)) : from;
    return [`${path}.ts`, join(path, "index.ts")].find((each) => files.includes(each)) ?? path;
  });
}

/** Files that are left when those that import nothing of what is left, or are not imported there, go again and again. */
function tangled(): string[] {
  let left = new Map(files.map((file) => [file, importsOf(file)]));
  for (let before = Infinity; left.size < before;) {
    before = left.size;
    const [known, imported] = [left, new Set([...left.values()].flat())];
    left = new Map([...left].filter(([file, from]) => imported.has(file) && from.some((each) => known.has(each))));
  }
  return [...left.keys()];
}

/** What the files of a folder import from outside of the folders that they may import from. */
const strangersIn = (folder: string, ...allowed: string[]): string[] =>
  files
    .filter((file) => file.startsWith(`${folder}/`))
    .flatMap(importsOf)
    .filter((each) => files.includes(each) || each.startsWith("."))
    .filter((each) => ![folder, ...allowed].some((other) => each.startsWith(`${other}/`)));

test("Maintainability: no file of the lab imports itself by way of others", () => {
  expect(files).toContain("kit/http.ts");
  expect(importsOf("kit/http.ts")).toEqual(["node:http", "node:https", "node:net", "kit/refusal.ts"]);
  expect(tangled()).toEqual([]);
});

test("Maintainability: the kit knows none of the stand-ins, which know it and no other", () => {
  for (const folder of ["kit", "openid"]) expect(strangersIn(folder)).toEqual([]);
  for (const folder of ["authentik", "grafana", "harbor", "proxmox"])
    expect(strangersIn(folder, "kit", "openid")).toEqual([]);
});
