import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { projectRoot } from "../../../tools/versions";

const requirements = "docs/reference/requirements.md";

const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: projectRoot,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => /\.(c?js|mjs|json|md|sh|ts|ya?ml)$|^\.ci\//.test(path) && existsSync(join(projectRoot, path)))
  .filter((path) => !/^(package-lock|tests\/unit\/fixtures\/)/.test(path))
  .map((path) => ({ path, text: readFileSync(join(projectRoot, path), "utf8") }));
const documents = files.filter(({ path }) => path.endsWith(".md"));

/** A document without its blocks of code. */
const prose = (text: string): string => text.replace(/^ *```.*?^ *```$/gms, "");

/** The anchors that GitHub gives to the headings of a document. */
function anchors(text: string): string[] {
  const headings = [...prose(text).matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) => heading);
  const slugs = headings.map((heading) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/(^|\W)_(.*?)_(?=\W|$)/g, "$1$2")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
  return slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((each) => each === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

test("every link of a document to this repository leads to a file, and to a heading of it", () => {
  const links = documents.flatMap(({ path, text }) =>
    [...prose(text).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, target = ""]) => ({ path, target })),
  );
  expect(links.length).toBeGreaterThan(200);
  const broken = links.filter(({ path, target }) => {
    const [file = "", anchor] = target.split("#");
    const aim = file === "" ? path : join(dirname(path), file);
    if (!existsSync(join(projectRoot, aim))) return true;
    return anchor !== undefined && !anchors(readFileSync(join(projectRoot, aim), "utf8")).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test("every page of docs is reached from the README", () => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const { text } = documents.find((document) => document.path === path) ?? { text: "" };
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)\s#]+)/g)) follow(join(dirname(path), target));
  };
  follow("README.md");
  expect(documents.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test("every document that code, a message or a workflow names is there", () => {
  const named = files.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<![\w/.-])docs\/[\w/-]+\.md/g)].map(([name]) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => !existsSync(join(projectRoot, name)))).toEqual([]);
});

test("the README is a beginning: less than 250 lines", () => {
  const readme = documents.find(({ path }) => path === "README.md")?.text ?? "";
  expect(readme.split("\n").length).toBeLessThan(250);
});

/** The numbers of requirements in a text: EF-005, US3.1; those of one letter are the labels of tests (`A1:`). */
const numbers = (text: string): string[] =>
  [...text.matchAll(/\b(?:(?:EF|CS)-\d{3}|EC-\d|US\d(?:\.\d)?(?!\d)|[AHK]\d{1,2}(?=(?:, [AHK]\d{1,2})*: ))/g)].map(
    ([number]) => number,
  );

describe("the numbers of requirements", () => {
  const page = documents.find(({ path }) => path === requirements)?.text ?? "";
  const listed = [...page.matchAll(/^\| ((?:EF|CS)-\d{3}|EC-\d|US\d(?:\.\d)?|[AHK]\d{1,2}) /gm)].map(([, one]) => one);
  const isCode = /\.(ts|mjs|cjs|js)$/;
  const others = files.filter(({ path }) => path !== requirements && !path.endsWith("documents.test.ts"));
  const used = new Set(
    others.flatMap(({ path, text }) => numbers(text).filter((one) => isCode.test(path) || !/^[AHK]/.test(one))),
  );

  it("that are used are listed, each once, and those that are listed are used", () => {
    expect([...listed].sort()).toEqual([...used].sort());
  });

  it("lead to tests and documents that are there, and that have the number", () => {
    const rows = page.split("\n").filter((line) => /^\| [A-Z]+-?\d/.test(line));
    const wrong = rows.flatMap((row) => {
      const [, number = ""] = /^\| (\S+)/.exec(row) ?? [];
      return [...row.matchAll(/`([\w-]+\/[\w/-]+(?:\.\w+)+)`/g)]
        .map(([, path = ""]) => path)
        .filter((path) => !files.some((file) => file.path === path && new RegExp(`\\b${number}\\b`).test(file.text)))
        .map((path) => `${number}: ${path}`);
    });
    expect(wrong).toEqual([]);
  });
});
