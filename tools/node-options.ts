import { join } from "node:path";

import type { PulumiArguments } from "./pulumi-arguments";
import { projectRoot } from "./versions";

/** The variable that makes each Node.js that Pulumi starts load a file of `tools` before everything else. */
export function loading(file: string, { NODE_OPTIONS }: NodeJS.ProcessEnv): { NODE_OPTIONS: string } {
  const option = `--require ${JSON.stringify(join(projectRoot, "tools", file))}`;
  return { NODE_OPTIONS: NODE_OPTIONS ? `${NODE_OPTIONS} ${option}` : option };
}

/** Pulumi's environment such that `--debug` shows what the SDK says too. */
export function forDebugging(env: NodeJS.ProcessEnv, { debugs }: Pick<PulumiArguments, "debugs">): NodeJS.ProcessEnv {
  return debugs ? { ...env, HOMELAB_DEBUG: "true" } : env;
}
