import { delimiter, join } from "node:path";

import { cliSources, pulumiFile } from "./cli-sources";
import { loading } from "./node-options";
import { ofThisRun } from "./own-run";
import { pluginSources } from "./plugin-sources";
import type { Report } from "./run";
import { firstOf } from "./sources";

/** Pulumi, ready to run this project. */
export interface Toolchain {
  /** The environment to run it in. */
  env: NodeJS.ProcessEnv;
  /** The command line. */
  pulumi: string;
  /** Folders of plugins that had to be built; none where Pulumi downloaded its own. They are on the PATH of `env`. */
  plugins: readonly string[];
}

/**
 * Makes sure of the Pulumi command line, its Node.js language host and the provider plugins, all in pinned versions.
 * Quick when they are there; minutes when they must be built. Two at once do not disturb each other.
 */
export async function ensureToolchain(report: Report): Promise<Toolchain> {
  const cli = await firstOf("Pulumi", cliSources(report), report);
  const pulumi = join(cli[0] ?? "", pulumiFile);
  const plugins = await firstOf("Provider plugins", pluginSources(pulumi, environment(cli), report), report);
  return { env: ofThisRun(environment([...cli, ...plugins])), pulumi, plugins };
}

/** Pulumi's environment: only what this project brought, nothing fetched behind its back. */
export function environment(folders: readonly string[], base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...base,
    PATH: [...folders, base.PATH ?? ""].filter((folder) => folder !== "").join(delimiter),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...loading("lean-node.cjs", base),
    // The policy pack asks Proxmox too, and trusts what the Proxmox provider trusts.
    NODE_EXTRA_CA_CERTS: base.NODE_EXTRA_CA_CERTS ?? base.SSL_CERT_FILE,
  };
  delete env.PULUMI_IGNORE_AMBIENT_PLUGINS; // plugins that were built are found on the PATH
  delete env.NODE_TLS_REJECT_UNAUTHORIZED; // the policy pack would tell its token to whoever answers for Proxmox
  return env;
}
