import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../docker";
import { findProgram, follow } from "../process";
import type { Report } from "../progress";
import { labHome, projectRoot } from "../settings";

/** What the manifest `debian-13-lab-amd64.json` names, the lab's "cloud image". */
export const machineImage = (
  JSON.parse(readFileSync(join(projectRoot, "lab", "image", "debian-13-lab-amd64.json"), "utf8")) as { image: string }
).image;

const recipe = join(projectRoot, "lab", "image", "build-root.sh");
/** Where the image is made: in the folder of this lab, where no other lab cleans up. */
const workFolder = join(labHome, "machine-image");

/** Makes the machines' Debian 13 image, unless the engine has the one of this recipe. */
export async function ensureMachineImage(docker: Docker, report: Report): Promise<void> {
  const tag = `${machineImage}:${createHash("sha256").update(readFileSync(recipe)).digest("hex").slice(0, 16)}`;
  if ((await docker.inspect("image", tag, "{{.Id}}")) === undefined) await build(docker, tag, report);
  await docker.run(["tag", tag, `${machineImage}:latest`]);
  const kept = [tag, `${machineImage}:latest`];
  for (const old of (await machineImages(docker)).filter((each) => !kept.includes(each)))
    await docker.run(["image", "rm", old]);
}

/** Every image of a machine the engine has, also those of older recipes. */
export async function machineImages(docker: Docker): Promise<string[]> {
  const format = "{{.Repository}}:{{.Tag}}";
  return (await docker.run(["image", "ls", "--format", format, machineImage])).split("\n").filter(Boolean);
}

async function build(docker: Docker, tag: string, report: Report): Promise<void> {
  requireRoot();
  mkdirSync(workFolder, { recursive: true, mode: 0o755 });
  // What an interrupted build left is of no use. Its mounts ended with it.
  for (const left of readdirSync(workFolder)) rmSync(join(workFolder, left), { recursive: true, force: true });
  const root = mkdtempSync(join(workFolder, "root-"));
  try {
    const inOwnMounts = ["--mount", "--propagation", "private", "sh", recipe, root, debianMirror()];
    await follow("unshare", inOwnMounts, (line) => describe(line, report));
    report("import into Docker");
    const importRoot =
      'tar -C "$1" --numeric-owner -c . | docker -H "$2" import --change "CMD [\\"/lib/systemd/systemd\\"]" - "$3"';
    await follow("sh", ["-c", importRoot, "sh", root, docker.host, tag], () => undefined);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function requireRoot(): void {
  const missing = ["debootstrap", "unshare", "tar"].filter((program) => !findProgram(program));
  if (missing.length > 0)
    throw new Error(`The lab's machine image needs ${missing.join(", ")}. Install that and run \`npm start\` again.`);
  if (process.getuid?.() === 0) return;
  throw new Error(
    "Making the lab's machine image needs root (debootstrap). Run `sudo npm start` once; the image is kept.",
  );
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
