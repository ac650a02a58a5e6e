import { configured, type Machine, machineOf } from "./machine";
import { targetedRefresh, vmsIn } from "./refresh-vm";
import { messageOf, type Report } from "./run";
import { knownState, type Pulumi, type State, type StateResource } from "./stack";

/**
 * Makes way for the update after one that was killed: containers and networks in whose making it was killed keep their
 * names taken on the machine, and Pulumi knows nothing of them. They are removed there, and Pulumi forgets that it was
 * making them; what a container keeps, it keeps in files outside of it. What may be half-made elsewhere is left to a
 * person (`docs/runbooks/interrupted-update.md`). `before` is the state before the VM was compared with Proxmox.
 */
export async function clearInterrupted(
  pulumi: Pulumi,
  before: State,
  report: Report,
  reach: Reach = overSsh,
): Promise<void> {
  if (before.halfMade.length === 0) return;
  // The VM may have been found gone since: then its containers are gone too, and there is nothing to ask.
  const state = await knownState(pulumi);
  if (vmsIn(state.resources).length === 0) return;
  const lost = notInState(state);
  const removals = lost.flatMap(removal);
  if (removals.length > 0) {
    try {
      await removeAll(await reach(pulumi), removals);
    } catch (error) {
      report(
        `The last update was killed while it made ${listed(removals)}, and what is left of it could not be removed: ` +
          `${messageOf(error)}\nSee docs/runbooks/interrupted-update.md.`,
      );
      return;
    }
    report(`The last update was killed while it made ${listed(removals)}: removed, to be made anew.`);
  }
  if (!lost.every(({ type }) => isRepeatable.test(type))) return;
  const { code, stdout, stderr } = await pulumi([
    ...targetedRefresh(vmsIn(state.resources)),
    "--clear-pending-creates",
  ]);
  if (code !== 0) throw new Error(`forgetting what was half-made failed:\n${(stdout + stderr).trim()}`);
}

/** Gives the machine of a stack. */
type Reach = (pulumi: Pulumi) => Promise<Machine>;

const overSsh: Reach = async (pulumi) => machineOf(pulumi, await configured(pulumi, "homelab:toolingVm.address"));

/** One that is in the state was made after all: by a later update, whose resource it is now. */
function notInState({ halfMade, resources }: State): StateResource[] {
  const made = new Set(resources.map(({ urn }) => urn));
  return halfMade.filter(({ urn }) => !made.has(urn));
}

/** What can be made once more, whether or not the first time succeeded: ours are written so, and Docker's see below. */
const isRepeatable = /^(command|docker|pulumi-nodejs|random|tls):/;

/** Something on the machine that keeps its name from what is to be made. */
interface Removal {
  readonly kind: "container" | "network";
  readonly name: string;
}

function removal({ type, inputs }: StateResource): Removal[] {
  const kind = /^docker:index\/(container|network):/.exec(type)?.[1] as Removal["kind"] | undefined;
  return kind !== undefined && typeof inputs?.name === "string" ? [{ kind, name: inputs.name }] : [];
}

/**
 * A container is asked to end first, as a database may be at work in it; only one that this program made is removed,
 * whoever else has its name.
 */
const scripts: Record<Removal["kind"], string> = {
  container: `for name; do
  for id in $(docker ps --all --quiet --filter "name=^/$name\\$" --filter label=arpa.home.machine); do
    docker stop -t 30 "$id" && docker rm "$id" || exit
  done
done`,
  network: `for name; do
  for id in $(docker network ls --quiet --filter "name=^$name\\$"); do docker network rm "$id" || exit; done
done`,
};

async function removeAll(machine: Machine, removals: readonly Removal[]): Promise<void> {
  for (const kind of ["container", "network"] as const) {
    const names = removals.filter((each) => each.kind === kind).map(({ name }) => name);
    if (names.length === 0) continue;
    const { code, stderr } = await machine(["sh", "-c", scripts[kind], "sh", ...names]);
    if (code !== 0) throw new Error(stderr.trim());
  }
}

const listed = (removals: readonly Removal[]): string => removals.map(({ name }) => name).join(", ");
