import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { canRun, isOnPath } from "./programs";

/** A test that needs cloud-init. */
export const cloudInitTest = canRun("cloud-init", isOnPath("cloud-init")) ? test : test.skip;

/** What `cloud-init schema` says of a document. */
export function schemaCheck(document: string): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "homelab-cloud-init-"));
  try {
    writeFileSync(join(folder, "user-data"), document);
    const result = spawnSync("cloud-init", ["schema", "--config-file", join(folder, "user-data")], {
      encoding: "utf8",
    });
    if (result.error) throw result.error;
    return { status: result.status, output: result.stdout + result.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
