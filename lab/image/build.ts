import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../docker";
import { follow } from "../process";
import type { Report } from "../progress";
import { projectRoot } from "../settings";
import { fingerprint, withDebianRoot, type Recipe } from "./debian";

const folder = join(projectRoot, "lab", "image");

/** What the manifest `debian-13-lab-amd64.json` names, the lab's "cloud image". */
export const machineImage = (
  JSON.parse(readFileSync(join(folder, "debian-13-lab-amd64.json"), "utf8")) as { image: string }
).image;

const recipe: Recipe = { title: "The lab's machine image", script: join(folder, "build-root.sh") };

/** Makes the machines' Debian 13 image, unless the engine has the one of this recipe. */
export async function ensureMachineImage(docker: Docker, report: Report): Promise<void> {
  const tag = `${machineImage}:${fingerprint(recipe)}`;
  if ((await docker.inspect("image", tag, "{{.Id}}")) === undefined) {
    await withDebianRoot(recipe, report, (root) => importRoot(docker, root, tag, report));
  }
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

async function importRoot(docker: Docker, root: string, tag: string, report: Report): Promise<void> {
  report("import into Docker");
  const script =
    'tar -C "$1" --numeric-owner -c . | docker -H "$2" import --change "CMD [\\"/lib/systemd/systemd\\"]" - "$3"';
  await follow("sh", ["-c", script, "sh", root, docker.host, tag], () => undefined);
}
