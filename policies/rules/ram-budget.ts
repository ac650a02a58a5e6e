import { word } from "../../config/fields";
import { formatSize, parseSize, roundSize, type Size } from "../../config/size";
import { isHost } from "../machines";
import { memoryPlan, type MemoryPlan } from "../memory-plan";
import { percentage, stackPolicy } from "../policy";
import { reported, type LiveNode } from "../proxmox-guests";
import { memoryTable, type MemoryRow } from "../report";
import { settingsFile, type Stack } from "../resource";

export default stackPolicy({
  name: "ram-budget",
  level: "mandatory",
  summary:
    "All guests together stay within the node's memory budget, and all containers within their machine's memory.",
  doc: `A node without free memory kills a guest, whichever the kernel picks. Counted are the memory of the stack's VMs and
system containers, the guests in \`homelab:guests\` with what they declare or what Proxmox reports, whichever is more, and
every other guest that runs on the node. Where Proxmox can't be asked, the declared guests alone count, and \`guest-inventory\`
says so. Ballooning is not counted on: a VM counts with all of its memory.

On a machine, Docker itself and the limits of all its containers must fit into its memory. A container belongs to the machine
that its \`docker.Provider\` leads to; where that isn't told, to the VM that has the same parent as the provider, or to the
stack's only machine. A machine that was there before (\`homelab:hosts\`) has the memory that the config gives it. What it
reports is compared on the machine itself: the command that prepares it, without which this policy refuses what runs there,
fails before anything is made there where it reports less than nine tenths of that. A machine of \`homelab:hosts\` that is a
guest of the node counts on the node as one of \`homelab:guests\`.

The node must have the memory that the config gives it, but for the tenth that its kernel may keep. What can't be added up is
a violation too: memory or limits that are not known before the update, a node without an
inventory, a VMID that two guests have. A budget is rounded down to whole MiB.`,
  requirements: [],
  settings: {
    budget: percentage("80 %").prefault("80 %").describe("How much of a node's memory all guests together may have."),
    dockerOverhead: word("an amount of memory", "512 MiB", parseSize)
      .prefault("512 MiB")
      .describe("What Docker and the system below it take of a machine's memory."),
  },
  async judgeStack(stack, limits, tell) {
    const live = await reported(stack);
    const { nodes, machines, problems } = memoryPlan(stack, limits, live.guests);
    const rows = [...nodes, ...machines].map(({ row }) => row);
    tell.memory(rows);
    for (const { message, resource } of problems) tell.violation(message, resource);
    for (const { row } of nodes) {
      const why = overstated(row, live.nodes);
      if (why) tell.violation(why);
    }
    for (const { row, undeclared } of nodes) {
      if (!exceeds(row)) continue;
      const why = nodeOver(row, limits.budget, stack);
      tell.violation([why, memoryTable(rows), ...countedToo(undeclared)].join("\n\n"));
    }
    for (const { row, machine } of machines) {
      if (!exceeds(row)) continue;
      const why = `${machineOver(row)} ${isHost(machine) ? hostOver(row) : vmOver(row)}`;
      tell.violation(`${why}\n\n${memoryTable([row])}`, machine.resource);
    }
  },
});

/** The kernel keeps a part of a node's memory, which Proxmox then doesn't report. */
const kept = 0.1;

function overstated({ host, total }: MemoryRow, nodes: readonly LiveNode[]): string | undefined {
  const memory = nodes.find(({ name }) => name === host)?.memory;
  if (memory === undefined || memory >= total * (1 - kept)) return undefined;
  return (
    `homelab:proxmox.nodeMemory gives ${host} ${formatSize(total)}, and Proxmox reports ${roundSize(memory)}; ` +
    "correct it, for the budget is a share of it"
  );
}

const after = ({ before, added }: MemoryRow): Size => (before + added) as Size;

const exceeds = (row: MemoryRow): boolean => after(row) > row.budget;

const excess = (row: MemoryRow): string => roundSize((after(row) - row.budget) as Size);

function nodeOver(row: MemoryRow, budget: number, stack: Stack): string {
  const { host, total, before } = row;
  const limit = `${Math.round(budget * 100)} % of ${formatSize(total)}`;
  const remedy =
    before > row.budget
      ? "its other guests alone are too much: move one to another node"
      : "give the stack's VM less memory, move a guest to another node";
  return (
    `the guests of ${host} need ${roundSize(after(row))}, ${excess(row)} more than its budget (${limit}); ${remedy}, or ` +
    `raise ram-budget.budget in ${settingsFile(stack.resources[0]?.urn ?? "")}`
  );
}

function machineOver(row: MemoryRow): string {
  const { host, before } = row;
  const needed = `Docker (${formatSize(before)}) and the containers on ${host} need ${formatSize(after(row))}`;
  return `${needed}, ${excess(row)} more than`;
}

const vmOver = ({ total }: MemoryRow): string =>
  `the VM's ${formatSize(total)}; give the VM more memory, or its containers lower limits`;

const hostOver = ({ total }: MemoryRow): string =>
  `the ${formatSize(total)} that homelab:hosts gives it; run less on it, or give its containers lower limits`;

function countedToo(undeclared: MemoryPlan["nodes"][number]["undeclared"]): string[] {
  if (undeclared.length === 0) return [];
  const lines = undeclared.map((each) => `- ${each}`);
  return [["Proxmox reports more than `homelab:guests` declares, which counts too:", ...lines].join("\n")];
}
