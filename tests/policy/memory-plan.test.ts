import { gib, mib, sumSizes, type Size } from "../../config/size";
import { memoryPlan, shareOf } from "../../policies/memory-plan";
import type { LiveGuest } from "../../policies/proxmox-guests";
import { memoryTable } from "../../policies/report";
import type { Resource, Stack, Value } from "../../policies/resource";
import { messages, urnOf, type TestResource } from "../helpers/policy/harness";
import { container, guests, inventory, machine, type TestGuest } from "../helpers/policy/house";

const limits = { budget: 0.8, dockerOverhead: mib(512) };

const toStack = (resources: readonly TestResource[]): Stack => ({
  resources: resources.map(({ type, name, inputs, ...rest }): Resource => ({
    urn: urnOf(type, name),
    type,
    name,
    protect: false,
    ...rest,
    inputs: inputs as Value,
  })),
  dependencies: () => [],
});

const live = (guest: Partial<LiveGuest> & { vmId: number; memory?: Size }): LiveGuest => ({
  name: `guest-${guest.vmId}`,
  node: "pve-mon",
  running: true,
  template: false,
  cores: 1,
  ...guest,
});

test("memory-plan: the mission's house as a table", () => {
  const stack = toStack([inventory(), machine(), container("step-ca", 256), container("traefik", 256)]);
  const { nodes, machines, problems } = memoryPlan(stack, limits);
  expect(problems).toEqual([]);
  expect(memoryTable([...nodes, ...machines].map(({ row }) => row))).toBe(
    `\
| host    | total  | used before | added   | after           | left of budget |
| ------- | ------ | ----------- | ------- | --------------- | -------------- |
| pve-mon | 32 GiB | 16.5 GiB    | 6 GiB   | 22.5 GiB (70 %) | 3.1 GiB        |
| tooling | 6 GiB  | 512 MiB     | 512 MiB | 1 GiB (17 %)    | 5 GiB          |`,
  );
});

test.each<[string, LiveGuest, Size, string[]]>([
  ["more than declared", live({ vmId: 104, memory: gib(9) }), gib(17.5), ["media (VMID 104): 9 GiB instead of 8 GiB"]],
  ["less than declared", live({ vmId: 104, memory: gib(1) }), gib(16.5), []],
  ["declared, of a node that is off", live({ vmId: 104, running: false, memory: undefined }), gib(16.5), []],
  ["undeclared", live({ vmId: 120, memory: gib(2) }), gib(18.5), ["guest-120 (VMID 120): 2 GiB"]],
  ["undeclared, but stopped", live({ vmId: 120, memory: gib(2), running: false }), gib(16.5), []],
  ["a template", live({ vmId: 120, memory: gib(2), template: true }), gib(16.5), []],
  ["on another node", live({ vmId: 120, memory: gib(2), node: "pve-2" }), gib(16.5), []],
  ["the stack's own VM", live({ vmId: 160, memory: gib(6) }), gib(16.5), []],
])("memory-plan: what Proxmox reports may be %s", (_, reported, before, undeclared) => {
  const { nodes } = memoryPlan(toStack([inventory(), machine()]), limits, [reported]);
  expect(nodes).toEqual([
    { row: { host: "pve-mon", total: gib(32), before, added: gib(6), budget: mib(26214) }, undeclared },
  ]);
});

test("memory-plan: the newer VM of the Proxmox provider names its memory and VMID otherwise", () => {
  const vm = {
    type: "proxmoxve:cloned/vm:Vm",
    name: "tooling",
    inputs: { resourceId: "160", nodeName: "pve-mon", memory: { size: 6144 } },
  };
  const { nodes, problems } = memoryPlan(toStack([inventory(), vm]), limits, [live({ vmId: 160, memory: gib(6) })]);
  expect(problems).toEqual([]);
  expect(nodes).toMatchObject([{ row: { before: gib(16.5), added: gib(6) } }]);
});

test("memory-plan: each node has its inventory", () => {
  const second = inventory([], gib(16));
  const other = { ...second, name: "second", inputs: { ...second.inputs, node: { name: "pve-2", memory: gib(16) } } };
  const moved = { ...machine(2048, { nodeName: "pve-2", vmId: 161 }), name: "moved" };
  const { nodes, problems } = memoryPlan(toStack([inventory(), other, machine(), moved]), limits);
  expect(problems).toEqual([]);
  expect(nodes.map(({ row: { host, before, added } }) => [host, before, added])).toEqual([
    ["pve-mon", gib(16.5), gib(6)],
    ["pve-2", 0, gib(2)],
  ]);
});

test("memory-plan: a share is rounded down to whole MiB, and only then", () => {
  expect(shareOf(gib(32), 0.8)).toBe(mib(26214));
  expect(shareOf(mib(100), 0.29)).toBe(mib(29));
  expect(shareOf(mib(100), 1)).toBe(mib(100));
});

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("ram-budget: of 300 houses, those are refused whose guests need more than the budget, and no other", async () => {
  const next = numbers(42);
  const verdicts = { refused: 0, passed: 0 };
  for (let round = 0; round < 300; round++) {
    const [total, percent] = [4096 + next(65536), 1 + next(100)];
    const declared: TestGuest[] = Array.from({ length: next(12) }, (_, index) => {
      return { name: `guest-${index}`, vmId: 101 + index, memory: mib(1 + next(8192)), cores: 1 };
    });
    const vms = Array.from({ length: next(4) }, (_, index) => {
      return { ...machine(1 + next(Math.min(total, 8192)), { vmId: 200 + index }), name: `vm-${index}` };
    });
    const dedicated = vms.map(({ inputs }) => (inputs?.memory as { dedicated: number }).dedicated);
    const spent = [...declared.map(({ memory }) => memory / mib(1)), ...dedicated].reduce((sum, each) => sum + each, 0);
    // Every fourth house spends its budget to the MiB, or one more.
    const edge = round % 4 === 0 && spent > 0 ? Math.ceil((spent * 100) / percent) - (round % 8 === 0 ? 0 : 1) : total;
    const biggest = Math.max(0, ...dedicated);
    const memory = edge >= biggest ? edge : total;
    const found = await messages("ram-budget", [inventory(declared, mib(memory)), ...vms], { budget: `${percent} %` });
    const over = spent * 100 > memory * percent;
    expect({ round, refused: found.length }).toEqual({ round, refused: over ? 1 : 0 });
    verdicts[over ? "refused" : "passed"]++;
  }
  expect(Math.min(verdicts.refused, verdicts.passed)).toBeGreaterThan(50);
});

test("ram-budget: of 100 VMs, those are refused whose containers and Docker need more than they have", async () => {
  const next = numbers(7);
  const verdicts = { refused: 0, passed: 0 };
  for (let round = 0; round < 100; round++) {
    const sizes = Array.from({ length: 1 + next(10) }, () => 16 + next(512));
    const needed = 512 + sumSizes(sizes as Size[]);
    const dedicated = Math.max(1, needed + (round % 2 === 0 ? next(3) - 1 : next(2048) - 1024));
    const containers = sizes.map((memory, index) => container(`app-${index}`, memory));
    const found = await messages("ram-budget", [inventory(guests.slice(0, 1)), machine(dedicated), ...containers]);
    expect({ round, refused: found.length }).toEqual({ round, refused: needed > dedicated ? 1 : 0 });
    verdicts[needed > dedicated ? "refused" : "passed"]++;
  }
  expect(Math.min(verdicts.refused, verdicts.passed)).toBeGreaterThan(20);
});
