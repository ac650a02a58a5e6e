import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { projectRoot } from "../../../tools/versions";

jest.setTimeout(240_000);

/** The change that CONTRIBUTING gives as an example. */
const [, example = ""] = /```diff\n(.*?)```/s.exec(readFileSync(join(projectRoot, "CONTRIBUTING.md"), "utf8")) ?? [];

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "homelab-example-"));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: projectRoot, encoding: "utf8" });
  const files = git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0").filter(Boolean);
  for (const file of files) cpSync(join(projectRoot, file), join(copy, file), { recursive: true });
  symlinkSync(join(projectRoot, "node_modules"), join(copy, "node_modules"));
  execFileSync("git", ["apply"], { cwd: copy, input: example, env: outsideOfGit() });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The copy is no repository, whatever is above it. */
const outsideOfGit = () => ({ ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) });

/** What a program prints, also where it fails. */
function run(...args: string[]): { status: number; output: string } {
  try {
    return { status: 0, output: execFileSync(process.execPath, args, { cwd: copy, encoding: "utf8", stdio: "pipe" }) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { status, output: `${stdout}${stderr}` };
  }
}

test("a feature is its folder, its images and a line in the list: CONTRIBUTING's example changes nothing else", () => {
  const changed = [...example.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, path]) => path);
  expect(changed.filter((path) => !path?.startsWith("components/hello/"))).toEqual([
    "components/features.ts",
    "tests/unit/components/hello.test.ts",
    "versions.ts",
  ]);
});

test("CONTRIBUTING's example of a feature is well-typed and well-formed", () => {
  expect(run("node_modules/typescript/bin/tsc", "-p", ".", "--noEmit")).toEqual({ status: 0, output: "" });
  const formatted = run("node_modules/prettier/bin/prettier.cjs", "--check", "components", "versions.ts", "tests/unit");
  expect(formatted).toMatchObject({ status: 0 });
});

test("CONTRIBUTING's example of a feature is built, and its own test passes", () => {
  cpSync(join(projectRoot, "dist/exporters"), join(copy, "dist/exporters"), { recursive: true });
  const args = ["--selectProjects", "unit", "--runTestsByPath", "tests/unit/components/hello.test.ts"];
  const tested = run("node_modules/jest/bin/jest.js", ...args);
  expect(tested).toMatchObject({ status: 0 });
});
