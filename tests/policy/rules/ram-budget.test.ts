import { gib, mib } from "../../../config/size";
import { types } from "../../../policies/types";
import { judge, messages, notYetKnown, urnOf, type TestResource } from "../../helpers/policy/harness";
import {
  apiToken,
  container,
  guests,
  host,
  inventory,
  listing,
  machine,
  provider,
  reported,
  reportedNode,
  withProxmox,
} from "../../helpers/policy/house";

const judged = (resources: readonly TestResource[], settings: object = {}) =>
  messages("ram-budget", resources, settings);
const rows = async (resources: readonly TestResource[]) => (await judge(resources)).report.memory;

test("ram-budget: the mission's house is within the budget: 16.5 GiB of guests and a VM of 6 GiB are 22.5 of 32 GiB", async () => {
  const stack = [inventory(), machine(), container("step-ca", 256), container("traefik", 256)];
  expect(await judged(stack)).toEqual([]);
  expect(await rows(stack)).toEqual([
    { host: "pve-mon", total: gib(32), before: gib(16.5), added: gib(6), budget: mib(26214) },
    { host: "tooling", total: gib(6), before: mib(512), added: mib(512), budget: gib(6) },
  ]);
});

test("ram-budget: a node over its budget is a violation with the sum of every host", async () => {
  expect(await judged([inventory(), machine(12288), container("traefik", 256)])).toEqual([
    `the guests of pve-mon need 28.5 GiB, 2.9 GiB more than its budget (80 % of 32 GiB); give the stack's VM less memory, \
move a guest to another node, or raise ram-budget.budget in policies/stacks/test.yaml

| host    | total  | used before | added   | after           | left of budget |
| ------- | ------ | ----------- | ------- | --------------- | -------------- |
| pve-mon | 32 GiB | 16.5 GiB    | 12 GiB  | 28.5 GiB (89 %) | -2.9 GiB       |
| tooling | 12 GiB | 512 MiB     | 256 MiB | 768 MiB (6 %)   | 11.3 GiB       |`,
  ]);
});

test("ram-budget: a budget that the house raises lets more pass", async () => {
  expect(await judged([inventory(), machine(12288)], { budget: "90 %" })).toEqual([]);
});

test("ram-budget: other guests that are too much alone get another remedy", async () => {
  const [message] = await judged([inventory(guests, gib(20)), machine(1024)]);
  expect(message?.split("\n")[0]).toBe(
    "the guests of pve-mon need 17.5 GiB, 1.5 GiB more than its budget (80 % of 20 GiB); its other guests alone are too " +
      "much: move one to another node, or raise ram-budget.budget in policies/stacks/test.yaml",
  );
});

test("ram-budget: containers that need more than their VM has are a violation of the VM", async () => {
  const { violations } = await judge([inventory(), machine(1024), container("harbor", 512), container("traefik", 256)]);
  expect(violations.filter(({ policy }) => policy === "ram-budget")).toEqual([
    {
      policy: "ram-budget",
      urn: urnOf(types.virtualMachines[0], "tooling"),
      message: `Docker (512 MiB) and the containers on tooling need 1280 MiB, 256 MiB more than the VM's 1 GiB; give the VM more \
memory, or its containers lower limits

| host    | total | used before | added   | after           | left of budget |
| ------- | ----- | ----------- | ------- | --------------- | -------------- |
| tooling | 1 GiB | 512 MiB     | 768 MiB | 1.3 GiB (125 %) | -256 MiB       |`,
    },
  ]);
});

test("ram-budget: a VM may be exempt, a node may not", async () => {
  const exempt = [{ resource: "tooling", reason: "its containers never run together" }];
  expect(await judged([inventory(), machine(512), container("harbor", 512)], { exempt })).toEqual([]);
  expect(await judged([inventory(), machine(12288)], { exempt })).toHaveLength(1);
});

test("ram-budget: what Docker itself takes can be set", async () => {
  const stack = [inventory(), machine(1024), container("harbor", 768)];
  expect(await judged(stack, { dockerOverhead: "256 MiB" })).toEqual([]);
  expect(await judged(stack, { dockerOverhead: "257 MiB" })).toHaveLength(1);
});

test("ram-budget: system containers count beside VMs, with their swap; templates don't", async () => {
  const lxc = { type: types.systemContainers[0], name: "dns", inputs: { vmId: 161, nodeName: "pve-mon" } };
  const dns = { ...lxc, inputs: { ...lxc.inputs, memory: { dedicated: 512, swap: 512 } } };
  const template = { ...machine(65536, { template: true, vmId: 900 }), name: "template" };
  expect(await rows([inventory(), machine(), dns, template])).toEqual([
    { host: "pve-mon", total: gib(32), before: gib(16.5), added: gib(7), budget: mib(26214) },
  ]);
});

test("ram-budget: each VM counts the containers of its own Docker", async () => {
  const [one, other] = [host("tooling", 160, 4096), host("media", 161, 2048)];
  const containers = [container("harbor", 2048, one.docker), container("jellyfin", 1024, other.docker)];
  expect(await rows([inventory([]), ...one.resources, ...other.resources, ...containers])).toEqual([
    { host: "pve-mon", total: gib(32), before: 0, added: gib(6), budget: mib(26214) },
    { host: "tooling", total: gib(4), before: mib(512), added: gib(2), budget: gib(4) },
    { host: "media", total: gib(2), before: mib(512), added: gib(1), budget: gib(2) },
  ]);
});

describe("ram-budget: what can't be added up is a violation", () => {
  const noMemory =
    "its memory is not given, or not known before the update; set its dedicated memory to a number of MiB";
  const noVmId =
    "its VMID is not given, or not known before the update, so it can't be told from the guests that are there already; " +
    "set `vmId` to a number";
  const noNode = "its node is not known before the update; set `nodeName` to the name of a node";
  const noLimit =
    "its memory limit is not given, or not known before the update, so the memory of tooling can't be added up; set " +
    "`memory` to a number of MiB";
  const noHost =
    "which VM it runs on can't be told, so nothing makes sure that its memory is there; give the VM and the container's " +
    "docker.Provider the same parent";
  const noInventory =
    "the stack makes guests of Proxmox, but nothing tells how much memory their node has; register an Inventory " +
    "(components/inventory.ts)";
  const unknownInventory =
    "its node or its guests are not known before the update, so their memory can't be added up; take them from the " +
    "stack's config";
  const twice = (vmId: number, one: string, other: string): string =>
    `VMID ${vmId} is given to ${one} and to ${other}; each guest needs one of its own: correct \`homelab:guests\` or the ` +
    "`vmId` of the stack's VM";

  test.each<[string, TestResource[], string[]]>([
    ["a VM whose memory isn't known", [inventory(), machine(notYetKnown)], [noMemory]],
    ["a VM with no memory at all", [inventory(), machine(0)], [noMemory]],
    ["a VM without memory", [inventory(), machine(6144, { memory: null })], [noMemory]],
    ["a VM whose VMID isn't known", [inventory(), machine(6144, { vmId: notYetKnown })], [noVmId]],
    ["a VM whose node isn't known", [inventory(), machine(6144, { nodeName: notYetKnown })], [noNode]],
    ["a container without a limit", [inventory(), machine(), container("web", undefined)], [noLimit]],
    ["a container with a limit of 0, which is none", [inventory(), machine(), container("web", 0)], [noLimit]],
    ["a container whose limit isn't known", [inventory(), machine(), container("web", notYetKnown)], [noLimit]],
    ["a container without a VM", [inventory(), container("web", 256)], [noHost]],
    [
      "a container that either of two VMs may run",
      [inventory([]), ...host("one", 160, 1024).resources, ...host("two", 161, 1024).resources, container("web", 256)],
      [noHost],
    ],
    ["a stack with a VM but no inventory", [machine()], [noInventory]],
    ["an inventory whose guests aren't known", [inventory(notYetKnown), machine()], [unknownInventory]],
    ["an inventory whose memory isn't known", [inventory(guests, notYetKnown), machine()], [unknownInventory]],
    [
      "a VM on a node without an inventory",
      [inventory(), machine(6144, { nodeName: "pve-2" })],
      [
        "it is on the node pve-2, whose memory the inventory does not tell; put it on pve-mon, or register an inventory of pve-2",
      ],
    ],
    [
      "a VMID that two guests have",
      [inventory([...guests, { name: "nas", vmId: 104, memory: gib(1), cores: 1 }]), machine()],
      [twice(104, "media", "nas")],
    ],
    [
      "a VMID that a guest and the VM have",
      [inventory(), machine(6144, { vmId: 104 })],
      [twice(104, "media", "tooling")],
    ],
  ])("%s", async (_, stack, expected) => {
    expect(await judged(stack)).toEqual(expected);
  });

  test("a VM that is bigger than its node", async () => {
    const found = await judged([inventory(), machine(40960)]);
    expect(found.map((message) => message.split("\n")[0])).toEqual([
      "it has 40 GiB of memory, more than the 32 GiB of its node pve-mon; give it less",
      "the guests of pve-mon need 56.5 GiB, 30.9 GiB more than its budget (80 % of 32 GiB); give the stack's VM less " +
        "memory, move a guest to another node, or raise ram-budget.budget in policies/stacks/test.yaml",
    ]);
  });

  test("a VM whose node isn't known counts on every node", async () => {
    expect(await rows([inventory(), machine(6144, { nodeName: notYetKnown })])).toMatchObject([{ added: gib(6) }]);
  });

  test("an inventory that isn't known may be that of the VM's node", async () => {
    const other = { ...inventory(notYetKnown), name: "second" };
    expect(await judged([inventory(), other, machine(6144, { nodeName: "pve-2" })])).toEqual([unknownInventory]);
  });

  test("and leaves no sum that would be too small", async () => {
    expect(await rows([inventory(), machine(notYetKnown), container("web", 256)])).toEqual([]);
    expect(await rows([inventory(), machine(), container("web", undefined)])).toHaveLength(1);
  });
});

test("ram-budget: a stack without guests and inventory has nothing to judge", async () => {
  expect(await judged([{ type: "docker:index/network:Network", name: "tooling" }])).toEqual([]);
});

describe("ram-budget: what Proxmox reports counts", () => {
  const live = [
    ...guests.slice(0, 3).map((guest) => reported(guest)),
    reported({ name: "media", vmId: 104, memory: gib(9), cores: 4 }),
    reported({ name: "windows", vmId: 120, memory: gib(4), cores: 2 }),
    reported({ name: "tooling", vmId: 160, memory: gib(6), cores: 4 }),
    reported({ name: "off", vmId: 121, memory: gib(4), cores: 2 }, { status: "stopped" }),
    reported({ name: "elsewhere", vmId: 122, memory: gib(4), cores: 2 }, { node: "pve-2" }),
  ];

  test("guests that run undeclared or bigger than declared are added, and named", async () => {
    await withProxmox(listing(live), async ({ endpoint }) => {
      expect(await judged([provider({ endpoint, apiToken }), inventory(), machine()])).toEqual([
        `the guests of pve-mon need 27.5 GiB, 1.9 GiB more than its budget (80 % of 32 GiB); give the stack's VM \
less memory, move a guest to another node, or raise ram-budget.budget in policies/stacks/test.yaml

| host    | total  | used before | added | after           | left of budget |
| ------- | ------ | ----------- | ----- | --------------- | -------------- |
| pve-mon | 32 GiB | 21.5 GiB    | 6 GiB | 27.5 GiB (86 %) | -1.9 GiB       |

Proxmox reports more than \`homelab:guests\` declares, which counts too:
- windows (VMID 120): 4 GiB
- media (VMID 104): 9 GiB instead of 8 GiB`,
      ]);
    });
  });

  test("a guest that is smaller or stopped still counts as declared", async () => {
    const small = guests.map((guest) => reported({ ...guest, memory: mib(256) }, { status: "stopped" }));
    await withProxmox(listing(small), async ({ endpoint }) => {
      expect(await rows([provider({ endpoint, apiToken }), inventory(), machine()])).toMatchObject([
        { before: gib(16.5) },
      ]);
    });
  });

  test("a Proxmox that refuses leaves what is declared", async () => {
    await withProxmox(
      (response) => void response.writeHead(401).end(),
      async ({ endpoint }) => {
        expect(await rows([provider({ endpoint, apiToken }), inventory(), machine()])).toMatchObject([
          { before: gib(16.5) },
        ]);
      },
    );
  });
});

describe("A4: ram-budget: the memory that the config gives the node is the node's", () => {
  const withNode = (...nodes: object[]) =>
    withProxmox(listing([...guests.map((guest) => reported(guest)), ...nodes]), ({ endpoint }) =>
      judged([provider({ endpoint, apiToken }), inventory(), machine()]),
    );
  const overstated = (real: string): string =>
    `homelab:proxmox.nodeMemory gives pve-mon 32 GiB, and Proxmox reports ${real}; correct it, for the budget is a share of it`;

  test.each([
    ["all but what the kernel keeps", gib(31.1)],
    ["all but a tenth, which it keeps at most", gib(28.8)],
    ["more than the config says, as nobody has to spend it all", gib(64)],
    ["what the token may not see", undefined],
  ])("a node with %s passes", async (_, memory) => {
    expect(await withNode(reportedNode(memory))).toEqual([]);
  });

  test("another node's memory is none of it", async () => {
    expect(await withNode(reportedNode(gib(8), "pve-2"))).toEqual([]);
  });

  test.each([
    [gib(28.7), "28.7 GiB"],
    [gib(16), "16 GiB"],
    [mib(512), "512 MiB"],
  ])("a node with %d bytes is refused", async (memory, real) => {
    expect(await withNode(reportedNode(memory))).toEqual([overstated(real)]);
  });
});
