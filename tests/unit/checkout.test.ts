import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../tools/versions";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** The scripts that a text runs by `npm run`, or by npm's own word for one. */
const named = (text: string): string[] =>
  [...text.matchAll(/npm (?:run (?:--silent )?([a-z][\w:-]*)|(start|test)\b)/g)].flatMap(
    ([, one, other]) => one ?? other ?? [],
  );

const folders = ["docs", "lab", "policies", ".github"].map((folder) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
);
const pages = [...readdirSync(projectRoot), ...folders.flat()]
  .filter((path) => path.endsWith(".md"))
  .map((path) => ({ path, names: named(read(path)) }));

describe("the scripts of npm", () => {
  it("are all in a document, but for those that npm or another one runs", () => {
    const inDocuments = new Set(pages.flatMap(({ names }) => names));
    const used = named(Object.values(scripts).join("\n"));
    const hidden = Object.keys(scripts).filter(
      (name) => !["prepare", "pretest"].includes(name) && !used.includes(name),
    );
    expect(hidden.filter((name) => !inDocuments.has(name))).toEqual([]);
  });

  it("that documents name are there", () => {
    const missing = pages.flatMap(({ path, names }) =>
      names.filter((name) => !(name in scripts)).map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

it.each([
  ["Pulumi.homelab.yaml", true],
  ["Pulumi.cabin.yaml", true],
  ["Pulumi.lab.yaml", false],
  ["Pulumi.yaml", false],
])("the form of %s is Pulumi's own: %p", (file, isPulumis) => {
  const prettier = join(projectRoot, "node_modules/prettier/bin/prettier.cjs");
  const told = execFileSync(process.execPath, [prettier, "--file-info", file], { cwd: projectRoot, encoding: "utf8" });
  expect((JSON.parse(told) as { ignored: boolean }).ignored).toBe(isPulumis);
});
