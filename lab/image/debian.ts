import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findProgram, follow } from "../process";
import type { Report } from "../progress";
import { labHome, projectRoot } from "../settings";

/** How a root file system is made. */
export interface Recipe {
  /** What it is for, in the errors. */
  title: string;
  /** The script; it sources `debian.sh`. */
  script: string;
}

const sharedPart = join(projectRoot, "lab", "image", "debian.sh");

/** Changes when the recipe does. */
export function fingerprint(recipe: Recipe): string {
  const hash = createHash("sha256");
  for (const file of [sharedPart, recipe.script]) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** Makes a root file system, hands its folder to `use`, and removes it again. */
export async function withDebianRoot(
  recipe: Recipe,
  report: Report,
  use: (root: string) => Promise<void>,
): Promise<void> {
  requireRoot(recipe);
  // In the folder of this lab, where no other lab cleans up.
  const workFolder = join(labHome, "roots", fingerprint(recipe));
  mkdirSync(workFolder, { recursive: true, mode: 0o755 });
  // What an interrupted build left is of no use. Its mounts ended with it.
  for (const left of readdirSync(workFolder)) rmSync(join(workFolder, left), { recursive: true, force: true });
  const root = mkdtempSync(join(workFolder, "root-"));
  try {
    const inOwnMounts = ["--mount", "--propagation", "private", "sh", recipe.script, root, debianMirror()];
    await follow("unshare", inOwnMounts, (line) => describe(line, report));
    await use(root);
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

/** Whether this computer and this user can make root file systems. */
export function canMakeRoots(): boolean {
  return missingPrograms().length === 0 && isRoot();
}

function requireRoot({ title }: Recipe): void {
  const missing = missingPrograms();
  if (missing.length > 0)
    throw new Error(`${title} needs ${missing.join(", ")}. Install that and run \`npm start\` again.`);
  if (!isRoot())
    throw new Error(`${title} needs root (debootstrap). Run \`sudo npm start\` once; what it makes is kept.`);
}

function missingPrograms(): string[] {
  return ["debootstrap", "unshare", "tar"].filter((program) => !findProgram(program));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function describe(line: string, report: Report): void {
  if (line.startsWith("step: ")) report(line.slice("step: ".length));
}

/** The mirror this computer itself gets Debian from; Debian's own address on other systems. */
export function debianMirror(read = readAptSources): string {
  const sources = read();
  const oneLine = /^deb\s+(?:\[[^\]]*\]\s+)?(https?:\/\/\S+\/debian)\/?\s/m.exec(sources);
  const deb822 = /^URIs:\s*(https?:\/\/\S+\/debian)\/?\s*$/m.exec(sources);
  return oneLine?.[1] ?? deb822?.[1] ?? "http://deb.debian.org/debian";
}

function readAptSources(): string {
  const folder = "/etc/apt/sources.list.d";
  const parts = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [];
  const files = ["/etc/apt/sources.list", ...parts].filter(
    (file) => existsSync(file) && /\.(list|sources)$/.test(file),
  );
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}
