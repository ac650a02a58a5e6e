import { accessSync, constants, copyFileSync, existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { cached, cacheFolder } from "./cache";
import { buildKey, goBuild, type GoBuild, requireGo } from "./go-build";
import { capture, type Report, timed } from "./run";
import { reachable, type Source } from "./sources";
import { languageHostVersion, projectRoot, pulumiVersion } from "./versions";

const suffix = process.platform === "win32" ? ".exe" : "";

/** The command line's file name. */
export const pulumiFile = `pulumi${suffix}`;
const languageHostFile = `pulumi-language-nodejs${suffix}`;

/** The command line with its Node.js language host beside it. */
export const cliBuilds: readonly GoBuild[] = [
  {
    module: "pulumi",
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}` },
  },
  {
    module: "language-nodejs",
    packages: ["github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${languageHostVersion}` },
  },
];

/** Where the command line comes from: the computer's own, Pulumi's download, a build. */
export function cliSources(report: Report): Source[] {
  return [installed(), downloaded(report), built(report)];
}

/** The computer's own, when it is the pinned version and complete. */
function installed(): Source {
  return {
    name: "the installed command line",
    ready: async () => {
      const pulumi = onPath(pulumiFile);
      if (pulumi === undefined) return undefined;
      const folder = dirname(realpathSync(pulumi));
      const complete = existsSync(join(folder, languageHostFile)) || onPath(languageHostFile) !== undefined;
      return complete && (await versionOf(pulumi)) === pulumiVersion ? [dirname(pulumi)] : undefined;
    },
    available: () => Promise.resolve(false),
    make: () => Promise.reject(new Error("only its owner can install it")),
  };
}

function downloaded(report: Report): Source {
  const name = `pulumi-${pulumiVersion}-official`;
  return {
    name: "the download",
    ready: () => Promise.resolve(binOf(name)),
    available: () => reachable("https://get.pulumi.com/install.sh"),
    make: () =>
      timed(`Pulumi ${pulumiVersion}: downloading`, report, async () => {
        const folder = await cached(name, async (root) => {
          const { PulumiCommand } = await import("@pulumi/pulumi/automation"); // slow to load, so only here
          const { SemVer } = await import("semver");
          await PulumiCommand.install({ root, version: new SemVer(pulumiVersion) });
        });
        return [join(folder, "bin")];
      }),
  };
}

function built(report: Report): Source {
  const name = `pulumi-${pulumiVersion}-${buildKey(cliBuilds)}`;
  return {
    name: "the build",
    ready: () => Promise.resolve(withDynamicHost(binOf(name))),
    available: () => Promise.resolve(true),
    make: async () => {
      await requireGo();
      return timed(`Pulumi ${pulumiVersion}: building from source (minutes, once)`, report, async () => {
        const folder = await cached(name, async (unfinished) => {
          for (const build of cliBuilds) await goBuild(build, join(unfinished, "bin"));
        });
        return withDynamicHost([join(folder, "bin")]);
      });
    },
  };
}

/** The download has the host of dynamic providers beside it; for a build it comes from the npm package. */
function withDynamicHost<Bin extends string[] | undefined>(bin: Bin): Bin {
  const host = "pulumi-resource-pulumi-nodejs";
  const [folder] = bin ?? [];
  if (folder !== undefined && !existsSync(join(folder, host))) {
    copyFileSync(join(projectRoot, "node_modules", "@pulumi", "pulumi", host), join(folder, host));
  }
  return bin;
}

/** The `bin` of a cache folder that is there. */
export function binOf(name: string): string[] | undefined {
  const bin = join(cacheFolder(name), "bin");
  return existsSync(bin) ? [bin] : undefined;
}

function onPath(file: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, file))
    .find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(pulumi: string): Promise<string> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await capture(pulumi, ["version"], { env });
  return stdout.trim().replace(/^v/, "");
}
