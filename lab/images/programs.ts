import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { goFlags } from "../../tools/go-build";
import { findProgram, follow } from "../process";
import type { Report } from "../progress";
import { cacheHome, projectRoot } from "../settings";
import { withoutPackages, type LeftOut } from "./left-out";

/** A program of one of the Go modules here, and the variable in which it keeps the version it tells. */
export interface Program {
  module: "step-ca" | "traefik";
  goPackage: string;
  versionVariable: string;
  leftOut?: readonly LeftOut[];
}

export const stepCa: Program = {
  module: "step-ca",
  goPackage: "github.com/smallstep/certificates/cmd/step-ca",
  versionVariable: "main.Version",
};
export const step: Program = {
  module: "step-ca",
  goPackage: "github.com/smallstep/cli/cmd/step",
  versionVariable: "main.Version",
};
export const traefik: Program = {
  module: "traefik",
  goPackage: "github.com/traefik/traefik/v3/cmd/traefik",
  versionVariable: "github.com/traefik/traefik/v3/pkg/version.Version",
  leftOut: [
    { module: "github.com/go-acme/lego/v5", folder: "providers/dns" },
    { module: "github.com/traefik/traefik/v3", folder: "pkg/provider/ecs" },
  ],
};

/** A program that was built. */
export interface Binary {
  name: string;
  file: string;
}

/** Builds a static program at its pinned version, unless the cache has it. */
export async function binary(program: Program, report: Report): Promise<Binary> {
  const { name, file } = binaryOf(program);
  if (existsSync(file)) return { name, file };
  const go = findProgram("go");
  if (!go) {
    throw new Error(
      `No image registry can be reached and Go is not installed, so the lab has no ${name}. ` +
        "Connect to the internet, or install Go 1.21 or newer (it fetches the version it needs), and run `npm start` again.",
    );
  }
  report(`Go builds ${name}, some minutes the first time`);
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.new`;
  const sources = mkdtempSync(join(tmpdir(), "homelab-sources-"));
  try {
    const cwd = join(modulesFolder, program.module);
    const { leftOut } = program;
    const modfile = leftOut ? [`-modfile=${await withoutPackages(go, cwd, leftOut, sources)}`] : [];
    const args = ["build", "-mod=readonly", ...modfile, ...flagsOf(program), "-o", temporary, program.goPackage];
    const env = { ...process.env, CGO_ENABLED: "0" };
    await follow(go, args, (line) => report(`${name}: ${line.slice(0, 60)}`), { cwd, env });
    renameSync(temporary, file);
  } finally {
    for (const each of [temporary, sources]) rmSync(each, { recursive: true, force: true });
  }
  return { name, file };
}

/** Where {@link binary} puts a program, which may not be there yet. */
export function binaryOf(program: Program): Binary {
  const name = program.goPackage.split("/").pop() ?? program.goPackage;
  return { name, file: join(cacheHome, "images", `${name}-${fingerprint(program)}`) };
}

const flagsOf = (program: Program): string[] =>
  goFlags({ [program.versionVariable]: requiredVersion(program).slice(1) });

const modulesFolder = join(projectRoot, "lab", "images");

/** Of everything a build depends on: module files, sources, flags, processor. */
function fingerprint(program: Program): string {
  const root = join(modulesFolder, program.module);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(go|mod|sum)$/.test(path))
    .sort();
  const settings = JSON.stringify([flagsOf(program), program.leftOut]);
  const hash = createHash("sha256").update(`${process.arch}\0${settings}`);
  for (const path of files) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest("hex").slice(0, 16);
}

/** The version go.mod pins the program's module at. */
export function pinnedVersion(program: Program): string | undefined {
  const dependency = program.goPackage.split("/cmd/")[0] ?? "";
  const goMod = readFileSync(join(modulesFolder, program.module, "go.mod"), "utf8");
  return new RegExp(`\\b${dependency.replaceAll(".", "\\.")} (v\\S+)`).exec(goMod)?.[1];
}

export function requiredVersion(program: Program): string {
  const version = pinnedVersion(program);
  if (!version) throw new Error(`lab/images/${program.module}/go.mod does not pin ${program.goPackage}.`);
  return version;
}
