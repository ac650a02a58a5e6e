import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "./settings";

/** What makes a deployment beside the program: the stack's own settings, and what Pulumi knows of it; and where it is noted. */
export interface StackFiles {
  readonly config: string;
  readonly state: string;
  readonly record: string;
}

/**
 * Whether the last deployment was of this program with these settings, ended well, and nothing has touched the state since. A
 * preview then tells all that an update would.
 */
export function isDeployed(files: StackFiles): boolean {
  return existsSync(files.record) && readFileSync(files.record, "utf8") === fingerprint(files);
}

/** Call it when a deployment ended well, or a preview found nothing to do. */
export function noteDeployed(files: StackFiles): void {
  writeFileSync(files.record, fingerprint(files));
}

function fingerprint({ config, state }: StackFiles): string {
  const program = ["package-lock.json", "Pulumi.yaml", ...filesIn("dist"), ...filesIn("policies/stacks")];
  const hash = createHash("sha256");
  for (const file of [config, state, ...program.map((each) => join(projectRoot, each))])
    hash.update(existsSync(file) ? readFileSync(file) : "");
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath.slice(projectRoot.length), entry.name))
    .sort();
}
