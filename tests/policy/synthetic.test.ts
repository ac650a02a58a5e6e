import { gib, mib } from "../../config/size";
import { judge } from "../helpers/policy/harness";
import { listing, withProxmox } from "../helpers/policy/house";
import { syntheticReport, syntheticStack } from "../helpers/policy/synthetic";

const judged = (vmMemory?: number) =>
  withProxmox(listing(syntheticReport), ({ endpoint }) => judge(syntheticStack({ endpoint, vmMemory })));

test("the pack accepts a stack of 1,000 resources beside 200 guests, and adds all of them up", async () => {
  expect(syntheticStack({ endpoint: "" })).toHaveLength(1000);
  const { violations, report } = await judged();
  expect(violations).toEqual([]);
  expect(report.memory).toHaveLength(21);
  expect(report.memory.slice(0, 2)).toEqual([
    { host: "pve-mon", total: gib(256), before: gib(100), added: gib(80), budget: mib(209715) },
    { host: "host-0", total: gib(4), before: mib(512), added: mib(2816), budget: gib(4) },
  ]);
});

test("the same stack with larger VMs is over the budget, and nothing else is wrong", async () => {
  const { violations } = await judged(5376);
  expect(violations.map(({ policy, message }) => [policy, message.split("\n")[0]])).toEqual([
    [
      "ram-budget",
      "the guests of pve-mon need 205 GiB, 205 MiB more than its budget (80 % of 256 GiB); give the stack's VM less memory, " +
        "move a guest to another node, or raise ram-budget.budget in policies/stacks/test.yaml",
    ],
    [
      "ram-warning",
      "the guests of pve-mon have 80 % of its memory, which is above 70 %; before more is added, give a guest less, move one " +
        "to another node, or give the node more memory",
    ],
  ]);
});

test("the same stack with VMs too small for their containers is refused VM by VM", async () => {
  const { violations } = await judged(3327);
  expect(violations).toHaveLength(20);
  expect(violations[0]?.message.split("\n")[0]).toBe(
    "Docker (512 MiB) and the containers on host-0 need 3328 MiB, 1 MiB more than the VM's 3327 MiB; give the VM more memory, " +
      "or its containers lower limits",
  );
});
