import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { targetedRefresh } from "./refresh-vm";
import { messageOf, type Report } from "./run";
import { exportState, type Pulumi, type State, type StateResource } from "./stack";

/** What Proxmox makes only once, with the input that is its id. */
const idInputs: Readonly<Record<string, string>> = {
  "proxmoxve:backup/job:Job": "resourceId",
  "proxmoxve:index/groupLegacy:GroupLegacy": "groupId",
  "proxmoxve:realm/openid:Openid": "realm",
};

/** How an import tells that there is nothing: a realm is imported all the same, as one without properties. */
const isAbsent = /does not exist|No such job|Missing required property/;

function idOf({ type, inputs }: StateResource): string {
  const id = inputs?.[idInputs[type] ?? ""];
  if (typeof id !== "string") throw new Error(`Pulumi cannot ask for a ${type}`);
  return id;
}

/**
 * Gives the state what an update was killed in the making of on Proxmox, where it is there: made again, it would be
 * refused. The update that follows sets right what differs. Pulumi looks first, and changes nothing where there is
 * nothing. Resolves to whether Pulumi may forget that it was making them.
 */
export async function takeOver(
  pulumi: Pulumi,
  { halfMade, resources }: Pick<State, "halfMade" | "resources">,
  report: Report,
): Promise<boolean> {
  const found: StateResource[] = [];
  for (const each of halfMade) {
    try {
      if (await isThere(pulumi, each)) found.push(each);
    } catch (error) {
      report(
        `The last update was killed while it made ${nameOf(each)}, and whether it is there is not known: ` +
          `${messageOf(error)}\nSee docs/runbooks/interrupted-update.md.`,
      );
      return false;
    }
  }
  const replacing = found.filter(({ urn }) => resources.some((each) => each.urn === urn));
  for (const each of found.filter((made) => !replacing.includes(made))) await importNew(pulumi, each);
  if (replacing.length > 0) await exchange(pulumi, replacing);
  for (const each of found)
    report(`The last update was killed while it made ${nameOf(each)}: it is there, and taken over.`);
  return true;
}

const nameOf = ({ urn }: StateResource): string => urn.slice(urn.lastIndexOf("::") + 2);

/** Under another name: the state can have its predecessor under its own. */
async function isThere(pulumi: Pulumi, resource: StateResource): Promise<boolean> {
  const { code, stdout, stderr } = await pulumi(imports(resource, `${nameOf(resource)}-made`, "--preview-only"));
  if (isAbsent.test(stdout + stderr)) return false;
  if (code === 0) return true;
  throw new Error((stdout + stderr).trim());
}

function importNew(pulumi: Pulumi, resource: StateResource): Promise<void> {
  const parent = resource.parent === undefined ? [] : ["--parent", `parent=${resource.parent}`];
  const options = ["--yes", "--skip-preview", "--protect=false", ...parent];
  return succeeded(pulumi, imports(resource, nameOf(resource), ...options));
}

function imports(resource: StateResource, name: string, ...more: string[]): string[] {
  const { type, provider } = resource;
  return [
    ...["import", type, name, idOf(resource), "--non-interactive", "--color", "never", "--generate-code=false"],
    ...more,
    // Its URN, without its id.
    ...(provider === undefined ? [] : ["--provider", `provider=${provider.replace(/::[^:]*$/, "")}`]),
  ];
}

/**
 * Writes the state that Pulumi would have written next: each in the place of the one it replaces, which is deleted
 * already. By that Pulumi forgets all that was half-made.
 */
async function exchange(pulumi: Pulumi, made: readonly StateResource[]): Promise<void> {
  const state = await exportState(pulumi);
  const resources = state.deployment.resources.map((old) => {
    const another = made.find(({ urn }) => urn === old.urn && old.pendingReplacement === true);
    return another === undefined ? old : { ...another, id: idOf(another) };
  });
  const folder = mkdtempSync(join(tmpdir(), "homelab-state-"));
  try {
    const file = join(folder, "state.json");
    writeFileSync(file, JSON.stringify({ ...state, deployment: { ...state.deployment, resources } }));
    await succeeded(pulumi, ["stack", "import", "--file", file, "--non-interactive"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await succeeded(pulumi, targetedRefresh(made.map(({ urn }) => urn)));
}

async function succeeded(pulumi: Pulumi, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await pulumi(args);
  if (code !== 0) throw new Error(`taking over what was half-made failed:\n${(stdout + stderr).trim()}`);
}
