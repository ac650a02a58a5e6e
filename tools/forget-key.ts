import type { Report } from "./run";
import { exportState, secretMark, type Pulumi, type State, type StateResource } from "./stack";

const isMachine = ({ type }: StateResource): boolean => type === "homelab:host:ToolingVm";
const isCommand = ({ type }: StateResource): boolean => type === "command:remote:Command";

/**
 * Takes the operator's private key out of the state of a stack from before, which has it in the connection of each command on
 * the machine. The update that follows takes it from where else it is. Nothing on the machine changes, and no key is written
 * to a disk: Pulumi gives the state on its output, and takes it back on its input.
 */
export async function forgetOperatorKey(
  pulumi: Pulumi,
  { resources }: Pick<State, "resources">,
  report: Report,
): Promise<void> {
  const machine = resources.find(isMachine);
  if ((machine?.inputs?.operatorKey as { privateKey?: unknown } | undefined)?.privateKey === undefined) return;
  const state = await exportState(pulumi, ["--show-secrets"]);
  // Taking a state back, Pulumi forgets what it was making; what may be there would then be made a second time.
  if (state.deployment.pending_operations?.some(({ type }) => type === "creating")) {
    throw new Error(
      "the state has the operator's key, which cannot be taken out while it is not known what the last update made: mend " +
        "what is named above and run it again (docs/runbooks/interrupted-update.md)",
    );
  }
  const forgotten = state.deployment.resources.map((resource) =>
    isCommand(resource)
      ? { ...resource, inputs: withoutKey(resource.inputs), outputs: withoutKey(resource.outputs) }
      : resource,
  );
  const text = JSON.stringify({ ...state, deployment: { ...state.deployment, resources: forgotten } });
  const { code, stdout, stderr } = await pulumi(["stack", "import", "--non-interactive"], text);
  if (code !== 0) throw new Error(`taking the operator's key out of the state failed:\n${(stdout + stderr).trim()}`);
  report("Took the operator's key out of the state: an SSH agent has it for the time of a run.");
}

function withoutKey(properties: StateResource["inputs"]): StateResource["inputs"] {
  const { connection } = properties ?? {};
  const { plaintext } = (connection ?? {}) as { plaintext?: string };
  if (plaintext === undefined) return properties;
  const others = Object.entries(JSON.parse(plaintext) as Record<string, unknown>).filter(
    ([name]) => name !== "privateKey",
  );
  const secret = { [secretMark]: (connection as Record<string, unknown>)[secretMark] };
  return { ...properties, connection: { ...secret, plaintext: JSON.stringify(Object.fromEntries(others)) } };
}
