import {
  inventoriesOf,
  madeGuests,
  named,
  sharedVmIds,
  sized,
  type DeclaredGuest,
  type Inventory,
  type MadeGuest,
} from "../guests";
import { stackPolicy } from "../policy";
import { liveGuestsOf, proxmoxProvider, strangersOn, type LiveGuest } from "../proxmox-guests";
import { at, type Stack } from "../resource";

export default stackPolicy({
  name: "guest-inventory",
  level: "advisory",
  summary: "The guests in `homelab:guests` are those that Proxmox has.",
  doc: `\`homelab:guests\` is written by hand, and the memory budget and the address plan rely on it. This policy asks Proxmox's
API, with the endpoint and the API token of the stack's Proxmox provider, and reports guests that are declared but not there,
guests that run on the node but are not declared, and guests whose memory, cores or node differ. Templates, stopped guests and
the stack's own VMs need no declaration.

Where the comparison can't be made, because Proxmox is off or refuses the token, the policy says so. A token without the right
\`VM.Audit\` on \`/vms\` sees an empty list rather than an error; when none of the declared guests is in it, the policy tells
the command that gives the right.`,
  requirements: [],
  settings: {},
  async judgeStack(stack, _settings, { violation }) {
    const { inventories, unreadable } = inventoriesOf(stack);
    const made = madeGuests(stack);
    if (inventories.length === 0) {
      if (unreadable.length > 0) violation(notCompared("its inventory is not known before the update"));
      else if (made.length > 0) violation(notCompared("the stack has no inventory (components/inventory.ts)"));
      return;
    }
    for (const message of sharedVmIds(inventories, made)) violation(message);
    const live = await liveGuestsOf(stack);
    if ("failure" in live) {
      violation(notCompared(live.failure));
      return;
    }
    for (const message of differences(inventories, live.guests, made, auditCommand(stack))) violation(message);
  },
});

const notCompared = (why: string): string => `\`homelab:guests\` was not compared with Proxmox: ${why}`;

interface Found {
  readonly declared: DeclaredGuest;
  readonly node: string;
  readonly live: LiveGuest;
}

/** One message for each kind of difference. */
function differences(
  inventories: readonly Inventory[],
  live: readonly LiveGuest[],
  made: readonly MadeGuest[],
  remedy: string,
): string[] {
  const byId = new Map(live.map((guest) => [guest.vmId, guest]));
  const declared = inventories.flatMap(({ node, guests }) => guests.map((guest) => ({ guest, node: node.name })));
  const missing = declared.filter(({ guest }) => !byId.has(guest.vmId)).map(({ guest }) => guest);
  const found = declared.flatMap(({ guest, node }): Found[] => {
    const there = byId.get(guest.vmId);
    return there ? [{ declared: guest, node, live: there }] : [];
  });
  const strangers = strangersOn(
    inventories.map(({ node }) => node.name),
    live,
    [...declared.map(({ guest }) => guest), ...made],
  );
  return [
    ...(declared.length > 0 && found.length === 0
      ? [notCompared(`it shows the API token none of the declared guests; ${remedy}`)]
      : list(
          "declared in `homelab:guests`, but not in Proxmox; remove them, or correct their `vmId`",
          missing.map(named),
        )),
    ...list("running, but not declared; add them to `homelab:guests`, or stop them", strangers.map(described)),
    ...list("not as `homelab:guests` declares them; correct it, or the guests", found.flatMap(resized)),
    ...list("on another node than `homelab:guests` says; move them back, or take them out of it", found.flatMap(moved)),
  ];
}

function list(what: string, guests: readonly string[]): string[] {
  return guests.length === 0 ? [] : [[`guests are ${what}:`, ...guests.map((guest) => `- ${guest}`)].join("\n")];
}

const described = (guest: LiveGuest): string =>
  `${named(guest)}: ${sized(guest.memory)}, cores: ${guest.cores ?? "unknown"}, on ${guest.node}`;

function resized({ declared, live }: Found): string[] {
  const differing = [
    ...(live.memory === undefined || live.memory === declared.memory
      ? []
      : [`${sized(live.memory)} of memory, declared ${sized(declared.memory)}`]),
    ...(live.cores === undefined || live.cores === declared.cores
      ? []
      : [`cores: ${live.cores}, declared ${declared.cores}`]),
  ];
  return differing.length === 0 ? [] : [`${named(declared)}: ${differing.join("; ")}`];
}

const moved = ({ declared, node, live }: Found): string[] =>
  live.node === node ? [] : [`${named(declared)}: on ${live.node} instead of ${node}`];

/** How to let the stack's API token see every guest. The right is the token's and its user's; the secret is left out. */
function auditCommand(stack: Stack): string {
  const apiToken = String(at(proxmoxProvider(stack)?.inputs, "apiToken"));
  const [, token = "<user>@pve!<token>", user = "<user>@pve"] = /^(([^!=]+)![^=]+)=/.exec(apiToken) ?? [];
  return (
    "most likely the token lacks VM.Audit on /vms; give it to the token and to its user: " +
    `pveum acl modify /vms --roles PVEAuditor --users ${user} --tokens '${token}'`
  );
}
