import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, withDebianRoot, type Recipe } from "../image/debian";
import { follow } from "../process";
import type { Report } from "../progress";
import { cacheHome, projectRoot } from "../settings";
import { layerFile, type LayerFile } from "./layer";

const recipe: Recipe = {
  title: "The base of the lab's images of Harbor",
  script: join(projectRoot, "lab", "images", "harbor", "build-root.sh"),
};
const folder = join(cacheHome, "images");
const prefix = "harbor-base-";

/** The layer below the images of Harbor, from the cache if that has it. */
export async function harborBase(report: Report): Promise<LayerFile> {
  const name = `${prefix}${process.arch}-${fingerprint(recipe)}.tar`;
  const file = join(folder, name);
  if (!existsSync(file)) await build(file, report);
  for (const old of readdirSync(folder).filter((each) => each.startsWith(prefix) && !each.startsWith(name)))
    rmSync(join(folder, old));
  return layerFile(file);
}

async function build(file: string, report: Report): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const temporary = `${file}.${process.pid}.new`;
  try {
    await withDebianRoot(recipe, report, (root) => {
      report("pack");
      const order = ["--sort=name", "--mtime=@0", "--numeric-owner", "--exclude=./dev/*"];
      return follow("tar", ["-C", root, ...order, "-cf", temporary, "."], () => undefined);
    });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}
