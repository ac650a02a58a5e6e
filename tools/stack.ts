import { capture, type Outcome } from "./run";
import type { Toolchain } from "./toolchain";

/** Runs Pulumi on one stack and gives what it wrote. */
export type Pulumi = (args: readonly string[]) => Promise<Outcome>;

/** {@link Pulumi} of a toolchain; `scope` are the options that say which stack of which project. */
export function quietly({ pulumi, env }: Toolchain, scope: readonly string[] = []): Pulumi {
  return (args) => capture(pulumi, [...args, ...scope], { env });
}

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
  const { code, stdout, stderr } = await pulumi(["stack", "export", "--non-interactive"]);
  if (code !== 0) throw new Error(`the stack's state cannot be read:\n${stderr.trim()}`);
  const { deployment } = JSON.parse(stdout) as Exported;
  const pending = deployment?.pending_operations ?? [];
  const resources = deployment?.resources ?? [];
  return {
    resources: resources.filter((resource) => resource.delete !== true),
    ids: new Set(resources.flatMap(({ id, pendingReplacement }) => (id && pendingReplacement !== true ? [id] : []))),
    halfMade: pending.filter(({ type }) => type === "creating").map(({ resource }) => resource),
  };
}

/** The same; empty where there is no stack yet, or another reason, which the update that follows will tell itself. */
export function knownState(pulumi: Pulumi): Promise<State> {
  return readState(pulumi).catch(() => ({ resources: [], ids: new Set(), halfMade: [] }));
}

interface Exported {
  deployment?: {
    resources?: StateResource[];
    pending_operations?: { type: string; resource: StateResource }[];
  };
}
