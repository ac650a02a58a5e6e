import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProgram, follow } from "../process";
import type { Report } from "../progress";
import { cacheHome, projectRoot } from "../settings";
import { push, type Image, type Registry } from "./registry";
import { tar, type TarEntry } from "./tar";

/** Full references, with digest, of the images the lab serves in place of the official ones. */
export interface LabImages {
  stepCa: string;
  traefik: string;
}

/**
 * Where Docker Hub can be reached the official images are used and there is nothing to do: undefined.
 * Elsewhere the same programs are built from their Go modules and pushed to the lab's registry.
 */
export async function ensureImages(registry: Registry, report: Report): Promise<LabImages | undefined> {
  if (await dockerHubAnswers()) return undefined;
  const stepCa = await push(registry, await stepCaImage(report));
  const traefik = await push(registry, await traefikImage(report));
  return { stepCa, traefik };
}

/** Builds the programs of the images without making images, so that tests can run them and a later start is quick. */
export async function buildPrograms(report: Report): Promise<void> {
  for (const program of [stepCa, step, traefik]) await binary(program, report);
}

async function dockerHubAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(3000);
    const { status } = await fetch("https://registry-1.docker.io/v2/", { method: "HEAD", signal });
    return status === 200 || status === 401; // 401: "log in", which an image pull does by itself
  } catch {
    return false;
  }
}

/** A program of one of the Go modules here, and the variable in which it keeps the version it tells. */
interface Program {
  module: "step-ca" | "traefik";
  goPackage: string;
  versionVariable: string;
}

const stepCa: Program = {
  module: "step-ca",
  goPackage: "github.com/smallstep/certificates/cmd/step-ca",
  versionVariable: "main.Version",
};
const step: Program = { module: "step-ca", goPackage: "github.com/smallstep/cli/cmd/step", versionVariable: "main.Version" };
const traefik: Program = {
  module: "traefik",
  goPackage: "github.com/traefik/traefik/v3/cmd/traefik",
  versionVariable: "github.com/traefik/traefik/v3/pkg/version.Version",
};

async function stepCaImage(report: Report): Promise<Image> {
  const binaries = [await binary(stepCa, report)];
  // The command `step` is part of the official image; ours has it where the module pins it.
  if (pinnedVersion(step)) binaries.push(await binary(step, report));
  const home = ["home/step", ...["certs", "config", "db", "secrets", "templates"].map((name) => `home/step/${name}`)];
  return {
    name: "smallstep/step-ca",
    tag: requiredVersion(stepCa).slice(1), // its tags have no leading "v"
    layer: tar([...baseFiles(), ...programs(binaries), ...home.map((path) => ({ path, mode: 0o700, owner: 1000 }))]),
    config: {
      User: "1000",
      Env: [searchPath, "STEPPATH=/home/step", "CONFIGPATH=/home/step/config/ca.json", "PWDPATH=/home/step/secrets/password"],
      Cmd: ["/bin/sh", "-c", "exec /usr/local/bin/step-ca --password-file $PWDPATH $CONFIGPATH"],
      WorkingDir: "/home/step",
      Volumes: { "/home/step": {} },
      StopSignal: "SIGTERM",
    },
  };
}

async function traefikImage(report: Report): Promise<Image> {
  return {
    name: "library/traefik",
    tag: requiredVersion(traefik),
    layer: tar([...baseFiles(), ...programs([await binary(traefik, report)])]),
    config: { Env: [searchPath], Entrypoint: ["traefik"] },
  };
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const shellTools = ["sh", "cat", "chmod", "chown", "cp", "date", "echo", "env", "grep", "id", "ls", "mkdir", "nc", "ps", "rm"];

/** What any program expects of a root file system, and BusyBox for a shell and health checks. */
function baseFiles(): TarEntry[] {
  const folders = ["bin", "etc", "etc/ssl", "etc/ssl/certs", "home", "usr", "usr/local", "usr/local/bin"];
  const authorities = "/etc/ssl/certs/ca-certificates.crt";
  const text = (path: string, content: string): TarEntry => ({ path, mode: 0o644, content: Buffer.from(content) });
  const busybox = findProgram("busybox");
  return [
    ...folders.map((path) => ({ path, mode: 0o755 })),
    { path: "tmp", mode: 0o1777 },
    text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nstep:x:1000:1000:step:/home/step:/bin/sh\n"),
    text("etc/group", "root:x:0:\nstep:x:1000:\n"),
    text("etc/nsswitch.conf", "hosts: files dns\n"),
    ...(existsSync(authorities) ? [text("etc/ssl/certs/ca-certificates.crt", readFileSync(authorities, "utf8"))] : []),
    ...(busybox ? [{ path: "bin/busybox", mode: 0o755, content: readFileSync(busybox) }] : []),
    ...(busybox ? [...shellTools, "sleep", "test", "wget"].map((name) => ({ path: `bin/${name}`, mode: 0o777, link: "busybox" })) : []),
  ];
}

function programs(binaries: readonly Binary[]): TarEntry[] {
  return binaries.map(({ name, file }) => ({ path: `usr/local/bin/${name}`, mode: 0o755, content: readFileSync(file) }));
}

interface Binary {
  name: string;
  file: string;
}

/** Builds a static program at its pinned version, unless the cache has it. */
async function binary(program: Program, report: Report): Promise<Binary> {
  const name = program.goPackage.split("/").pop() ?? program.goPackage;
  const flags = `-s -w -X ${program.versionVariable}=${requiredVersion(program).slice(1)}`;
  const folder = join(cacheHome, "images");
  const file = join(folder, `${name}-${fingerprint(program.module, flags)}`);
  if (existsSync(file)) return { name, file };
  const go = findProgram("go");
  if (!go) {
    throw new Error(
      `No image registry can be reached and Go is not installed, so the lab has no ${name}. ` +
        "Connect to the internet, or install Go 1.21 or newer (it fetches the version it needs), and run `npm start` again.",
    );
  }
  report(`Go builds ${name}, some minutes the first time`);
  mkdirSync(folder, { recursive: true });
  const temporary = `${file}.${process.pid}.new`;
  const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", temporary, program.goPackage];
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

const modulesFolder = join(projectRoot, "lab", "images");

/** Of everything a build depends on: module files, sources, flags, processor. */
function fingerprint(module: string, flags: string): string {
  const root = join(modulesFolder, module);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => /\.(go|mod|sum)$/.test(path)).sort();
  const hash = createHash("sha256").update(`${process.arch}\0${flags}`);
  for (const path of files) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest("hex").slice(0, 16);
}

/** The version go.mod pins the program's module at. */
function pinnedVersion(program: Program): string | undefined {
  const dependency = program.goPackage.split("/cmd/")[0] ?? "";
  const goMod = readFileSync(join(modulesFolder, program.module, "go.mod"), "utf8");
  return new RegExp(`\\b${dependency.replaceAll(".", "\\.")} (v\\S+)`).exec(goMod)?.[1];
}

function requiredVersion(program: Program): string {
  const version = pinnedVersion(program);
  if (!version) throw new Error(`lab/images/${program.module}/go.mod does not pin ${program.goPackage}.`);
  return version;
}
