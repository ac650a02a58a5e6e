import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import type { Toolchain } from "../tools/toolchain";
import { packageVersion, plugins } from "../tools/versions";
import { labHome } from "./settings";

/**
 * Pulumi warns of each plugin that it finds on the PATH, on every run. Plugins that were built are therefore linked into
 * a Pulumi home that is the lab's own; the user's home, where downloads are, stays untouched.
 */
export function ownHome({ env, plugins: built }: Toolchain): NodeJS.ProcessEnv {
  const [folder] = built;
  if (folder === undefined) return { PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi") };
  const home = join(labHome, "pulumi");
  for (const plugin of plugins) {
    const file = `pulumi-resource-${plugin.name}`;
    const place = join(home, "plugins", `resource-${plugin.name}-v${packageVersion(plugin.package)}`);
    mkdirSync(place, { recursive: true });
    rmSync(join(place, file), { force: true });
    symlinkSync(join(folder, file), join(place, file));
  }
  keepNoLogs(home);
  const path = (env.PATH ?? "").split(delimiter).filter((each) => !built.includes(each));
  return { PULUMI_HOME: home, PATH: path.join(delimiter) };
}

/**
 * Pulumi logs all that it does and is told, on every run: a tenth of a preview's time, and megabytes of values, encrypted with
 * the stack's passphrase, for a week. No setting ends that, but it goes on without a log where it can't make their folder.
 * Source: `pkg/logging/encrypted.go` of pulumi/pulumi.
 */
export function keepNoLogs(home: string): void {
  const logs = join(home, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isDirectory()) rmSync(logs, { recursive: true });
  writeFileSync(logs, "");
}
