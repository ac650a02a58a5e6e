import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram, follow } from "../process";
import type { Report } from "../progress";
import { cacheHome, projectRoot } from "../settings";

/** A program of one of the Go modules here, and the variable in which it keeps the version it tells. */
export interface Program {
  module: "step-ca" | "traefik";
  goPackage: string;
  versionVariable: string;
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
  const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", flagsOf(program), "-o", temporary, program.goPackage];
  try {
    const env = { ...process.env, CGO_ENABLED: "0" };
    const cwd = join(modulesFolder, program.module);
    await follow(go, args, (line) => report(`${name}: ${line.slice(0, 60)}`), { cwd, env });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return { name, file };
}

/** Where {@link binary} puts a program, which may not be there yet. */
export function binaryOf(program: Program): Binary {
  const name = program.goPackage.split("/").pop() ?? program.goPackage;
  return { name, file: join(cacheHome, "images", `${name}-${fingerprint(program.module, flagsOf(program))}`) };
}

const flagsOf = (program: Program): string =>
  `-s -w -X ${program.versionVariable}=${requiredVersion(program).slice(1)}`;

const modulesFolder = join(projectRoot, "lab", "images");

/** Of everything a build depends on: module files, sources, flags, processor. */
function fingerprint(module: string, flags: string): string {
  const root = join(modulesFolder, module);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(go|mod|sum)$/.test(path))
    .sort();
  const hash = createHash("sha256").update(`${process.arch}\0${flags}`);
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
