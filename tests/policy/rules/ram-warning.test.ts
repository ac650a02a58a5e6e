import { gib } from "../../../config/size";
import { messages, notYetKnown } from "../../helpers/policy/harness";
import {
  apiToken,
  guests,
  inventory,
  listing,
  machine,
  provider,
  reported,
  withProxmox,
} from "../../helpers/policy/house";

const stack = (dedicated: unknown) => [inventory(), machine(dedicated)];

test("ram-warning: the mission's house, at 70 %, is not above 70 %", async () => {
  expect(await messages("ram-warning", stack(6144))).toEqual([]);
});

test("ram-warning: a node above the threshold is told with its sum, although it is within the budget", async () => {
  const warned = await messages("ram-warning", stack(7168));
  expect(warned).toEqual([
    `the guests of pve-mon have 73 % of its memory, which is above 70 %; before more is added, give a guest less, move one to \
another node, or give the node more memory

| host    | total  | used before | added | after    | free    |
| ------- | ------ | ----------- | ----- | -------- | ------- |
| pve-mon | 32 GiB | 16.5 GiB    | 7 GiB | 23.5 GiB | 8.5 GiB |`,
  ]);
  expect(await messages("ram-budget", stack(7168))).toEqual([]);
});

test("ram-warning: a node with more than it has is told too", async () => {
  const [message] = await messages("ram-warning", stack(16384));
  expect(message?.split("\n").at(-1)).toBe("| pve-mon | 32 GiB | 16.5 GiB    | 16 GiB | 32.5 GiB | -512 MiB |");
});

test("ram-warning: the threshold can be set", async () => {
  expect(await messages("ram-warning", stack(7168), { threshold: "73 %" })).toEqual([]);
  expect(await messages("ram-warning", stack(6144), { threshold: "69 %" })).toHaveLength(1);
});

test("ram-warning: what Proxmox reports counts", async () => {
  const windows = { name: "windows", vmId: 120, memory: gib(2), cores: 2 };
  await withProxmox(listing([...guests, windows].map((guest) => reported(guest))), async ({ endpoint }) => {
    expect(await messages("ram-warning", [provider({ endpoint, apiToken }), ...stack(6144)])).toHaveLength(1);
  });
});

test("ram-warning: what can't be added up is left to ram-budget", async () => {
  expect(await messages("ram-warning", stack(notYetKnown), { threshold: "1 %" })).toEqual([]);
});
