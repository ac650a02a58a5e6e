import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { capture, type Outcome } from "./run";
import { goVersion, projectRoot } from "./versions";

/** One `go build`: packages of one of our modules into one folder. */
export interface GoBuild {
  /** A folder of `tools/go`. */
  module: string;
  packages: readonly string[];
  /** Values for `-X`. */
  variables: Readonly<Record<string, string>>;
  tags?: readonly string[];
}

/** The folder of a module's sources. */
export function moduleFolder(module: string): string {
  return join(projectRoot, "tools", "go", module);
}

/** Twelve characters that change with anything that goes into the builds: sources (tests apart), settings, platform. */
export function buildKey(builds: readonly GoBuild[], folderOf = moduleFolder): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const build of builds) {
    hash.update(JSON.stringify(build));
    const folder = folderOf(build.module);
    for (const file of sourcesIn(folder)) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(\.go|go\.mod|go\.sum)$/.test(entry.name) && !entry.name.endsWith("_test.go"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/**
 * The same for all builds, so that they share what is compiled, without what debuggers read, which is a sixth of the
 * compiler's time. `variables` are values for `-X`.
 */
export function goFlags(variables: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  return ["-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", ["-s", "-w", ...values].join(" ")];
}

/** Builds into `folder`. */
export async function goBuild(build: GoBuild, folder: string): Promise<void> {
  const args = ["build", ...goFlags(build.variables)];
  if (build.tags !== undefined) args.push("-tags", build.tags.join(","));
  const outcome = await go([...args, "-o", folder + "/", ...build.packages], moduleFolder(build.module));
  if (outcome.code !== 0) throw new Error(`go build of tools/go/${build.module} failed:\n${outcome.stderr.trim()}`);
}

/** Throws, naming the remedy, unless there is a Go that is new enough or can fetch itself newer. */
export async function requireGo(run: typeof go = go): Promise<void> {
  const remedy = `Install Go ${goVersion} or newer from https://go.dev/dl/ and run this again.`;
  const outcome = await run(["env", "GOVERSION"], moduleFolder("pulumi")).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(`Go is needed to build Pulumi and its plugins, which cannot be downloaded here. ${remedy}`);
  });
  const found = /^go(\d+)\.(\d+)/.exec(outcome.stdout.trim());
  const [major = 0, minor = 0] = goVersion.split(".").map(Number);
  if (outcome.code !== 0 || found === null || Number(found[1]) < major || Number(found[2]) < minor) {
    const detail = outcome.code === 0 ? outcome.stdout : outcome.stderr;
    throw new Error(`Go is too old to build Pulumi and its plugins (${detail.trim()}). ${remedy}`);
  }
}

function go(args: readonly string[], cwd: string): Promise<Outcome> {
  // Nothing that is built needs C, and whether there is a compiler for it must not decide what is shared.
  return capture("go", args, { cwd, env: { ...process.env, CGO_ENABLED: "0" } });
}
