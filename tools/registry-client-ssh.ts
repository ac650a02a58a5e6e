import { clientScript, type ClientOptions, type RegistryClient } from "../components/registry/client";
import { attach, type Report } from "./run";

/** A machine that will pull from the registry. */
export interface ClientMachine extends ClientOptions {
  /** What `ssh` logs in to: root, or a user with `sudo` that asks for no password. */
  readonly target: string;
  /** Options of `ssh`. */
  readonly ssh?: readonly string[];
}

/** Run by the login shell of the target, whatever that is; the script is on standard input. */
const asRoot = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi';

/**
 * Prepares a machine to pull, over SSH. What it does is said on our own output as it does it; an error says that it
 * failed, after the machine has said which step and what helps.
 */
export async function prepareClient(
  client: RegistryClient,
  machine: ClientMachine,
  report: Report,
  program = "ssh",
): Promise<void> {
  const { target, ssh = [], ...options } = machine;
  report(`Prepare ${target} to pull from ${client.host} ...`);
  const input = clientScript(client, options);
  const code = await attach(program, [...ssh, "--", target, `sh -c '${asRoot}'`], { input });
  if (code === 255) {
    const login = ["ssh", ...ssh, target, "true"].join(" ");
    throw new Error(`the connection to ${target} failed, as said above; this has to work first: ${login}`);
  }
  if (code !== 0) {
    const remedy = "do what is said above, then run this again (sudo there must not ask for a password)";
    throw new Error(`${target} is not prepared; ${remedy}`);
  }
  report(`${target} can pull: docker pull ${client.host}/<project>/<name>:<tag>`);
}
