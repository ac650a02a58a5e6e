import { mib, roundSize, type Size } from "../../config/size";
import { memoryPlan } from "../memory-plan";
import { percentage, stackPolicy } from "../policy";
import { reported } from "../proxmox-guests";
import { table } from "../table";

export default stackPolicy({
  name: "ram-warning",
  level: "advisory",
  summary: "A node's memory is not nearly spent.",
  doc: `Warns before \`ram-budget\` refuses, while there is time to plan. It adds up what \`ram-budget\` adds up, and compares the
share in whole percent: 70.3 % is 70 %, which is not above a threshold of 70 %. What can't be added up is left to \`ram-budget\`.`,
  requirements: [],
  settings: {
    threshold: percentage("70 %")
      .prefault("70 %")
      .describe("Warns where guests have more than this of a node's memory."),
  },
  async judgeStack(stack, { threshold }, { violation }) {
    const { guests } = await reported(stack);
    const { nodes } = memoryPlan(stack, { budget: threshold, dockerOverhead: mib(0) }, guests);
    for (const { row } of nodes) {
      const { host, total, before, added } = row;
      const after = (before + added) as Size;
      const share = percent(after / total);
      if (share <= percent(threshold)) continue;
      const cells = [host, ...[total, before, added, after, (total - after) as Size].map(roundSize)];
      violation(
        `the guests of ${host} have ${share} % of its memory, which is above ${percent(threshold)} %; before more is added, ` +
          "give a guest less, move one to another node, or give the node more memory\n\n" +
          table(["host", "total", "used before", "added", "after", "free"], [cells]),
      );
    }
  },
});

const percent = (share: number): number => Math.round(share * 100);
