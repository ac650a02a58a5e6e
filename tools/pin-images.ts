import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { format, resolveConfig } from "prettier";

import { pinImages } from "./image-pins";
import { runProgram } from "./run";
import { projectRoot } from "./versions";

/** `npm run images:pin`. */
async function main(): Promise<number> {
  const file = join(projectRoot, "versions.ts");
  const { source, pinned, problems } = await pinImages(readFileSync(file, "utf8"));
  const options = { ...(await resolveConfig(file)), filepath: file };
  if (pinned.length > 0) writeFileSync(file, await format(source, options));
  for (const reference of pinned) process.stdout.write(`${reference}\n`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  if (pinned.length === 0) process.stdout.write("Every image has its digest.\n");
  return 0;
}

runProgram(main);
