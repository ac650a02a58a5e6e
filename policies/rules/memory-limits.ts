import { resourcePolicy } from "../policy";
import { at, unknown } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "memory-limits",
  level: "mandatory",
  summary: "Every container has a memory limit.",
  doc: `A container without a limit can take all the memory of its machine, and what the kernel then kills may be another
one. The limits are also what \`ram-budget\` adds up. \`memory\` must be a number of MiB above zero, known before the update,
and \`memorySwap\` at most twice that, which is Docker's default: as much swap as memory.`,
  requirements: [],
  settings: {},
  types: [types.container],
  judge({ inputs }, _settings, violation) {
    const memory = at(inputs, "memory");
    if (memory === unknown) {
      violation("its memory limit is not known before the update; give `memory` a number of MiB that is known now");
    } else if (typeof memory !== "number" || memory <= 0) {
      violation("it has no memory limit; set `memory` to a number of MiB");
    }
    const swap = at(inputs, "memorySwap");
    const most = typeof memory === "number" ? memory * 2 : 0;
    if (swap === -1) violation("its swap is unlimited; set `memorySwap` to twice its `memory`");
    else if (swap === unknown || (typeof swap === "number" && swap > most)) {
      violation(
        "its swap is more than its memory, or not known before the update; set `memorySwap` to twice its `memory`",
      );
    }
  },
});
