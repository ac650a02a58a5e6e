import { nas, publicHostKey, startComputer, type Computer } from "./computer";
import { hostsIn, type Settings } from "./stack-config";
import type { World } from "./world";

/** What `homelab:hosts` of a config may name: a host of another name is the reader's own. */
const computers: readonly Computer[] = [nas];

/** The public host key of the computer of that name, if the lab has one. */
export function hostKeyOf(name: unknown): string | undefined {
  const computer = computers.find((each) => each.name === name);
  return computer && publicHostKey(computer);
}

/** Brings up those computers that the config names. One that it no longer names stays: it is not the stack's. */
export async function startHosts(world: World, settings: Settings): Promise<void> {
  const named = hostsIn(settings).map(({ name }) => name);
  for (const computer of computers) if (named.includes(computer.name)) await startComputer(world, computer);
}
