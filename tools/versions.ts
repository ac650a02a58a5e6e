import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const above = dirname(__dirname);

/** The checkout: this file is compiled into a folder of `dist`. */
export const projectRoot = basename(above) === "dist" ? dirname(above) : above;

/** The Pulumi command line; `tools/go/pulumi/go.mod` builds the same. */
// renovate: datasource=go depName=github.com/pulumi/pulumi/pkg/v3
export const pulumiVersion = "3.259.0";

/** The Node.js language host that is built beside it; the last release inside the SDK's Go module. */
// renovate: datasource=go depName=github.com/pulumi/pulumi/sdk/v3 allowedVersions=<3.70.0
export const languageHostVersion = "3.68.0";

/** The oldest Go that can build them. */
// renovate: datasource=golang-version depName=go
export const goVersion = "1.26";

/** A provider plugin: what Pulumi calls it, and the npm package whose version it must have. */
export interface Plugin {
  name: string;
  package: string;
  /** Where Pulumi downloads it, when that is not Pulumi's own place. */
  server?: string;
  /** The variable of `tools/go/plugins/internal/sdk` that takes the version. */
  variable: string;
}

/** Every plugin that the program's resources need. Their versions are the npm packages', in `package.json`. */
export const plugins: readonly Plugin[] = [
  { name: "command", package: "@pulumi/command", variable: "Command" },
  { name: "docker", package: "@pulumi/docker", variable: "Docker" },
  {
    name: "proxmoxve",
    package: "@pulumi/proxmoxve",
    server: "github://api.github.com/muhlba91/pulumi-proxmoxve",
    variable: "Proxmoxve",
  },
  { name: "random", package: "@pulumi/random", variable: "Random" },
  { name: "tls", package: "@pulumi/tls", variable: "TLS" },
];

/** The exact version that `package.json` gives a package, also under an alias (`npm:other-name@1.2.3`). */
export function packageVersion(name: string, root = projectRoot): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const wanted = manifest.dependencies[name];
  const version = wanted?.replace(/^npm:.+@/, "");
  if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `package.json: dependencies["${name}"] is ${wanted ?? "missing"}; give it one exact version such as 1.2.3, ` +
        "because its plugin is installed in the same one",
    );
  }
  return version;
}
