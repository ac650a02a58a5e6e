import { dockerAddress, hostLogin } from "./machines";
import type { PulumiArguments } from "./pulumi-arguments";
import { type Reach, remoteShell } from "./remote-shell";
import { knownState, type Pulumi } from "./stack";

/**
 * Before a command that compares Docker's objects with the state: sees that Docker answers on each machine of the state's. Its
 * provider takes any failure of a network's reading for a network that is gone (`resource_docker_network_funcs.go`); the state
 * would lose it, and the update after that fail to make it. Asks nobody for a command that compares nothing of Docker's.
 *
 * @throws Error with what Docker said and what to do
 */
export async function expectDocker(pulumi: Pulumi, read: PulumiArguments, reach: Reach = remoteShell): Promise<void> {
  if (!comparesDocker(read)) return;
  const { resources } = await knownState(pulumi);
  const providers = resources.filter(({ pendingReplacement }) => !pendingReplacement);
  for (const address of new Set(providers.flatMap((each) => dockerAddress(each) ?? []))) {
    const { code, stderr } = await reach(
      pulumi,
      address,
    )(["timeout", "20", "docker", "version"]).catch((error: Error) => ({ code: 255, stderr: error.message }));
    if (code === 0) continue;
    const said = stderr.trim() || `docker version: exit code ${code}`;
    const otherwise = hostLogin(resources, address)
      ? "With another login in homelab:hosts than before, an `up` without --refresh comes first."
      : "A machine that is gone itself is made again by an `up` without --refresh.";
    throw new Error(
      `Docker on ${address} does not answer, so nothing was compared: its networks would be taken for gone. ` +
        `Start it there (sudo systemctl restart docker) and run this again. ${otherwise}\n${said}`,
    );
  }
}

function comparesDocker({ command, args, helps, refreshes }: PulumiArguments): boolean {
  if (helps || !(refreshes || command === "refresh" || command === "drift")) return false;
  const isTargeted = args.some((each) => /^(-t|--target)(=|$)/.test(each));
  return !isTargeted || args.some((each) => /docker:index|\*|^--target-dependents/.test(each));
}
