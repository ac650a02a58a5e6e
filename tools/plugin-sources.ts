import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { cached } from "./cache";
import { binOf } from "./cli-sources";
import { buildKey, goBuild, type GoBuild, requireGo } from "./go-build";
import { capture, type Report, timed } from "./run";
import { reachable, type Source } from "./sources";
import { packageVersion, plugins } from "./versions";

/** The plugins from our own mains over the real providers; `command` and `random` are stand-ins (see their doc comments). */
export function pluginBuild(): GoBuild {
  const versions = plugins.map((plugin) => [
    `homelab.example/plugins/internal/sdk.${plugin.variable}`,
    packageVersion(plugin.package),
  ]);
  return {
    module: "plugins",
    packages: plugins.map((plugin) => `./pulumi-resource-${plugin.name}`),
    variables: Object.fromEntries(versions) as Record<string, string>,
    tags: ["no_compose"],
  };
}

/** Where the provider plugins come from: Pulumi's own downloads, or a build. */
export function pluginSources(pulumi: string, env: NodeJS.ProcessEnv, report: Report): Source[] {
  return [official(pulumi, env, report), built(report)];
}

/** Pulumi keeps these in its own home and finds them there, so they add nothing to the PATH. */
function official(pulumi: string, env: NodeJS.ProcessEnv, report: Report): Source {
  return {
    name: "the download",
    ready: () => Promise.resolve(plugins.every((plugin) => isInstalled(plugin.name, plugin.package)) ? [] : undefined),
    available: async () =>
      (await reachable("https://get.pulumi.com/install.sh")) && (await reachable("https://github.com/")),
    make: () =>
      timed("Provider plugins: downloading", report, async () => {
        for (const plugin of plugins) {
          const args = ["plugin", "install", "resource", plugin.name, packageVersion(plugin.package)];
          if (plugin.server !== undefined) args.push("--server", plugin.server);
          const outcome = await capture(pulumi, args, { env });
          if (outcome.code !== 0) throw new Error(`plugin ${plugin.name}: ${outcome.stderr.trim()}`);
        }
        return [];
      }),
  };
}

function isInstalled(name: string, npmPackage: string): boolean {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const folder = join(home, "plugins", `resource-${name}-v${packageVersion(npmPackage)}`);
  return existsSync(folder) && !existsSync(`${folder}.partial`);
}

function built(report: Report): Source {
  const build = pluginBuild();
  const name = `plugins-${packageVersion("@pulumi/proxmoxve")}-${buildKey([build])}`;
  return {
    name: "the build",
    ready: () => Promise.resolve(binOf(name)),
    available: () => Promise.resolve(true),
    make: async () => {
      await requireGo();
      return timed("Provider plugins: building from source (minutes, once)", report, async () => {
        const folder = await cached(name, (unfinished) => goBuild(build, join(unfinished, "bin")));
        return [join(folder, "bin")];
      });
    },
  };
}
