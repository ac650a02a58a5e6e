import { types } from "../../../policies/types";
import { messages, notYetKnown } from "../../helpers/policy/harness";

const container = (inputs: Record<string, unknown>) => ({ type: types.container, name: "web", inputs });
const judged = (inputs: Record<string, unknown>) => messages("memory-limits", [container(inputs)]);

test("memory-limits: a container with a limit passes", async () => {
  expect(await judged({ memory: 256, memorySwap: 512 })).toEqual([]);
});

test.each([{}, { memory: 0 }, { memory: -1 }])("memory-limits: %j has no limit", async (inputs) => {
  expect(await judged(inputs)).toEqual(["it has no memory limit; set `memory` to a number of MiB"]);
});

test("memory-limits: a limit that isn't known yet is a violation", async () => {
  expect(await judged({ memory: notYetKnown })).toEqual([
    "its memory limit is not known before the update; give `memory` a number of MiB that is known now",
  ]);
});

test("memory-limits: unlimited swap is a violation", async () => {
  expect(await judged({ memory: 256, memorySwap: -1 })).toEqual([
    "its swap is unlimited; set `memorySwap` to twice its `memory`",
  ]);
});

test("memory-limits: judges nothing but containers", async () => {
  expect(await messages("memory-limits", [{ type: "docker:index/network:Network", name: "web" }])).toEqual([]);
});
