import { capture, messageOf, type Outcome, type Report } from "./run";
import { shellRemedy } from "./shell-settings";
import type { Toolchain } from "./toolchain";

/** Runs Pulumi on one stack, with what it reads on standard input, and gives what it wrote. */
export type Pulumi = (args: readonly string[], input?: string) => Promise<Outcome>;

/**
 * {@link Pulumi} of a toolchain; `scope` are the options that say which stack of which project. Rejects where Pulumi fails for
 * want of a setting of the shell, with what to do.
 */
export function quietly({ pulumi, env }: Pick<Toolchain, "pulumi" | "env">, scope: readonly string[] = []): Pulumi {
  return async (args, input) => {
    const outcome = await capture(pulumi, [...args, ...scope], { env, input });
    const remedy = outcome.code === 0 ? undefined : shellRemedy(outcome.stderr);
    if (remedy !== undefined) throw new Error(remedy);
    return outcome;
  };
}

/**
 * After a run that failed on the terminal, where nobody but the person has read what Pulumi said: asks it for something that
 * needs every setting, and reports the one that is missing or wrong.
 */
export async function reportShell(pulumi: Pulumi, report: Report): Promise<void> {
  await pulumi(["config", "--show-secrets", "--json", "--non-interactive"]).catch((error: unknown) => {
    report(`\n${messageOf(error)}`);
  });
}

/** A plain setting of the stack's config. */
export async function configured(pulumi: Pulumi, path: string): Promise<string> {
  const { code, stdout, stderr } = await pulumi(["config", "get", "--path", path, "--non-interactive"]);
  if (code !== 0) throw new Error(`the stack's config has no ${path}: ${stderr.trim()}`);
  return stdout.trim();
}

/** The property that marks a secret in a state. */
export const secretMark = "4dabf18193072939515e22adb298388d";

/** A resource as the state has it. What is encrypted stays so. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Absent in what is no object of its own, and in what was not made yet. */
  readonly id?: string;
  readonly parent?: string;
  /** URN and id of its provider. */
  readonly provider?: string;
  readonly delete?: boolean;
  /** It was deleted for another in its place, which is not made yet as far as Pulumi knows. */
  readonly pendingReplacement?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What Pulumi knows of a stack. */
export interface State {
  /** Without those that wait for their deletion. */
  readonly resources: readonly StateResource[];
  /** What is there by Pulumi's knowledge, also what waits for its deletion. */
  readonly ids: ReadonlySet<string>;
  /** Resources in whose making an update was killed; whether they exist is not known. */
  readonly halfMade: readonly StateResource[];
}

/** The state of a stack. It is shown to nobody. */
export async function readState(pulumi: Pulumi): Promise<State> {
  const { deployment } = await exportState(pulumi);
  const resources = deployment.resources;
  return {
    resources: resources.filter((resource) => resource.delete !== true),
    ids: new Set(resources.flatMap(({ id, pendingReplacement }) => (id && pendingReplacement !== true ? [id] : []))),
    halfMade: (deployment.pending_operations ?? [])
      .filter(({ type }) => type === "creating")
      .map(({ resource }) => resource),
  };
}

/** The state as Pulumi keeps it, with what is encrypted in it; `stack import` takes it back. */
export async function exportState(pulumi: Pulumi, options: readonly string[] = []): Promise<Exported> {
  const { code, stdout, stderr } = await pulumi(["stack", "export", "--non-interactive", ...options]);
  if (code !== 0) throw new Error(`the stack's state cannot be read:\n${stderr.trim()}`);
  const { deployment, ...rest } = JSON.parse(stdout) as Partial<Exported>;
  return { ...rest, deployment: { ...deployment, resources: deployment?.resources ?? [] } };
}

/** The same; empty where there is no stack yet, or another reason, which the update that follows will tell itself. */
export function knownState(pulumi: Pulumi): Promise<State> {
  return readState(pulumi).catch(() => ({ resources: [], ids: new Set(), halfMade: [] }));
}

/** What `pulumi stack export` writes, as far as it is read here. */
export interface Exported {
  readonly deployment: {
    readonly resources: readonly StateResource[];
    readonly pending_operations?: readonly { readonly type: string; readonly resource: StateResource }[];
  };
}
