import { messageOf, type Report } from "./run";
import type { Pulumi, StateResource } from "./stack";

/** What Proxmox makes only once, with the input that is its id. */
const idInputs: Readonly<Record<string, string>> = {
  "proxmoxve:backup/job:Job": "resourceId",
  "proxmoxve:index/groupLegacy:GroupLegacy": "groupId",
  "proxmoxve:realm/openid:Openid": "realm",
};

/** How Proxmox says that there is nothing of that name. */
const isAbsent = /does not exist|No such job/;

/**
 * Gives the state what an update was killed in the making of on Proxmox, where it is there: made again, it would be
 * refused. The update that follows sets right what differs. Pulumi looks first, and changes nothing where there is
 * nothing. Resolves to whether Pulumi may forget that it was making them.
 */
export async function takeOver(pulumi: Pulumi, halfMade: readonly StateResource[], report: Report): Promise<boolean> {
  for (const each of halfMade) {
    const name = each.urn.slice(each.urn.lastIndexOf("::") + 2);
    try {
      if (await isTakenOver(pulumi, each, name))
        report(`The last update was killed while it made ${name}: it is there, and taken over.`);
    } catch (error) {
      report(
        `The last update was killed while it made ${name}, and whether it is there is not known: ` +
          `${messageOf(error)}\nSee docs/runbooks/interrupted-update.md.`,
      );
      return false;
    }
  }
  return true;
}

async function isTakenOver(pulumi: Pulumi, resource: StateResource, name: string): Promise<boolean> {
  const { type, inputs, parent, provider } = resource;
  const id = inputs?.[idInputs[type] ?? ""];
  if (typeof id !== "string") throw new Error(`Pulumi cannot ask for a ${type}`);
  const { code, stdout, stderr } = await pulumi([
    ...["import", type, name, id, "--yes", "--skip-preview", "--non-interactive", "--color", "never"],
    ...["--generate-code=false", "--protect=false"],
    ...(parent === undefined ? [] : ["--parent", `parent=${parent}`]),
    // Its URN, without its id.
    ...(provider === undefined ? [] : ["--provider", `provider=${provider.replace(/::[^:]*$/, "")}`]),
  ]);
  if (code === 0) return true;
  if (isAbsent.test(stdout + stderr)) return false;
  throw new Error((stdout + stderr).trim());
}
