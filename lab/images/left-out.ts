import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { run } from "../process";

/** A package that most of a build's time goes into and nothing here uses. The folder `left-out` of our module has one in its place. */
export interface LeftOut {
  /** The module it is in, which our module depends on. */
  module: string;
  /** Its folder there; ours has the same last name. */
  folder: string;
}

/**
 * The file for `go build -modfile` that leaves packages out of the Go module in `root`: it replaces their modules with
 * copies in `temporary`.
 */
export async function withoutPackages(
  go: string,
  root: string,
  leftOut: readonly LeftOut[],
  temporary: string,
): Promise<string> {
  const lines = [readFileSync(join(root, "go.mod"), "utf8")];
  for (const { module, folder } of leftOut) {
    const { Dir } = JSON.parse(await run(go, ["mod", "download", "-json", module], { cwd: root })) as { Dir: string };
    const copy = join(temporary, basename(folder));
    // Go keeps modules as files that nobody may write.
    await run("cp", ["-r", "--no-preserve=mode", Dir, copy]);
    rmSync(join(copy, folder), { recursive: true });
    cpSync(join(root, "left-out", basename(folder)), join(copy, folder), { recursive: true });
    lines.push(`replace ${module} => ${copy}\n`);
  }
  const file = join(temporary, "go.mod");
  writeFileSync(file, lines.join("\n"));
  cpSync(join(root, "go.sum"), join(temporary, "go.sum"));
  return file;
}
