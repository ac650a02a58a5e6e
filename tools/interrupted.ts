import { addressOf, vmAddress } from "./machines";
import { hasVm, targetedRefresh } from "./refresh-vm";
import { type Reach, remoteShell, type RemoteShell } from "./remote-shell";
import { messageOf, type Report } from "./run";
import { knownState, type Pulumi, type State, type StateResource } from "./stack";
import { takeOver } from "./take-over";

/**
 * Makes way for the update after one that was killed: containers and networks in whose making it was killed keep their
 * names taken on their machine, and Pulumi knows nothing of them. They are removed there, and Pulumi forgets that it was
 * making them; what a container keeps, it keeps in files outside of it. What Proxmox has is taken over. `before` is the
 * state before the VM was compared with Proxmox.
 */
export async function clearInterrupted(
  pulumi: Pulumi,
  before: State,
  report: Report,
  reach: Reach = remoteShell,
): Promise<void> {
  if (unfinished(before).length === 0) return;
  const state = await knownState(pulumi);
  let isClear = true;
  for (const [address, names] of namesByMachine(state)) {
    try {
      const removed = await removeUnknown(reach(pulumi, address), names, state.ids);
      if (removed.length > 0)
        report(`The last update was killed while it made ${listed(removed)}: removed, to be made anew.`);
    } catch (error) {
      report(
        `The last update was killed while it made ${listed(names)}, and what is left of it could not be removed: ` +
          `${messageOf(error)}\nSee docs/runbooks/interrupted-update.md.`,
      );
      isClear = false;
    }
  }
  if (!isClear || state.halfMade.length === 0) return;
  const madeOnce = state.halfMade.filter((each) => !isRepeatable(each, state));
  if (!(await takeOver(pulumi, { ...state, halfMade: madeOnce }, report))) return;
  const { code, stdout, stderr } = await pulumi([
    ...targetedRefresh(state.resources.filter(({ type }) => type === "pulumi:pulumi:Stack").map(({ urn }) => urn)),
    "--clear-pending-creates",
  ]);
  if (code !== 0) throw new Error(`forgetting what was half-made failed:\n${(stdout + stderr).trim()}`);
}

/** What an update was killed in the making of, or before it: the old one is deleted already, and the new one may be there. */
const unfinished = ({ halfMade, resources }: State): StateResource[] => [
  ...halfMade,
  ...resources.filter((each) => each.pendingReplacement),
];

/**
 * What can be made once more, whether or not the first time succeeded: components and providers, which are in the state
 * alone; ours take over what has their name, Proxmox the image by its checksum, its provider the VM. Also what a later
 * update made, whose resource it is now.
 */
const isRepeatable = ({ type, urn }: StateResource, { resources }: State): boolean =>
  /^(command|docker|homelab|pulumi|pulumi-nodejs|random|tls):/.test(type) ||
  /^proxmoxve:(download\/file:File|index\/(acl:Acl|fileLegacy:FileLegacy|vmLegacy:VmLegacy))$/.test(type) ||
  resources.some((each) => each.urn === urn && !each.pendingReplacement);

/** Something on a machine that keeps its name from what is to be made. */
interface Named {
  readonly kind: "container" | "network";
  readonly name: string;
}

/** What an update was killed in the making of, by the address of the machine it is on. */
function namesByMachine(state: State): Map<string, Named[]> {
  const { resources } = state;
  // The VM may have been found gone since: then its containers are gone too, and there is nothing to ask.
  const gone = hasVm(resources) ? undefined : vmAddress(resources);
  const byMachine = new Map<string, Named[]>();
  for (const resource of unfinished(state)) {
    const [named, address] = [nameOnMachine(resource), addressOf(resource, resources)];
    if (named === undefined || address === undefined || address === gone) continue;
    byMachine.set(address, [...(byMachine.get(address) ?? []), named]);
  }
  return byMachine;
}

function nameOnMachine({ type, inputs }: StateResource): Named | undefined {
  const kind = /^docker:index\/(container|network):/.exec(type)?.[1] as Named["kind"] | undefined;
  return kind !== undefined && typeof inputs?.name === "string" ? { kind, name: inputs.name } : undefined;
}

/** What this program made on a machine, whoever else has the same names: a line each, `kind id name`. */
const listOfOurs = `docker ps --all --no-trunc --filter label=arpa.home.machine --format 'container {{.ID}} {{.Names}}' &&
docker network ls --no-trunc --filter label=arpa.home.machine --format 'network {{.ID}} {{.Name}}'`;

/** A container is asked to end first, as a database may be at work in it. */
const removal: Record<Named["kind"], string> = {
  container: 'for id; do docker stop -t 30 "$id" && docker rm "$id" || exit; done',
  network: 'docker network rm "$@"',
};

/** Removes from a machine what has one of these names and an id that Pulumi doesn't know. */
async function removeUnknown(
  machine: RemoteShell,
  names: readonly Named[],
  known: ReadonlySet<string>,
): Promise<Named[]> {
  const ours = (await succeeded(machine, listOfOurs)).split("\n").map((line) => line.split(" "));
  const unknown = ours.flatMap(([kind, id = "", name]) =>
    names.some((each) => each.kind === kind && each.name === name) && !known.has(id)
      ? [{ kind, id, name } as Named & { id: string }]
      : [],
  );
  for (const kind of ["container", "network"] as const) {
    const ids = unknown.filter((each) => each.kind === kind).map(({ id }) => id);
    if (ids.length > 0) await succeeded(machine, removal[kind], ...ids);
  }
  return unknown;
}

async function succeeded(machine: RemoteShell, script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await machine(["sh", "-c", script, "sh", ...args]);
  if (code !== 0) throw new Error(stderr.trim());
  return stdout;
}

const listed = (named: readonly Named[]): string => [...new Set(named.map(({ name }) => name))].join(", ");
