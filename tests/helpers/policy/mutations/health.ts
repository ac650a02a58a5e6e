import { types } from "../../../../policies/types";
import { find, rows, setting, type Mutation, type Row } from "./mutation";

const core = (inputs: Record<string, unknown>) => setting(types.container, "harbor-core", inputs);

/** A change of what the check of one container is. */
const health =
  (changes: object): Mutation["change"] =>
  (stack) => {
    const { inputs } = find(stack, types.container, "harbor-core");
    core({ healthcheck: { ...(inputs?.healthcheck as object), ...changes } })(stack);
  };

/** Checks that tell nothing. */
export const healthMutations: readonly Mutation[] = rows(
  "health-checks",
  ...[
    ["CMD", "true"],
    ["CMD", "ls"],
    ["CMD", "sh", "-c", "true"],
    ["CMD", "curl", "--version"],
    ["CMD-SHELL", "exit 0x0"],
    ["CMD-SHELL", "curl --fail localhost | cat"],
    ["CMD-SHELL", "curl --fail localhost || true"],
    ["CMD-SHELL", "curl localhost; echo ok"],
  ].map((tests): Row => [tests.join(" "), health({ tests }), `its health check (${tests.join(" ")}) is none`]),
  ["a check once a year", health({ interval: "8760h" }), "its `healthcheck.interval` is 8760h"],
  ["a check that waits for a day", health({ timeout: "24h" }), "its `healthcheck.timeout` is 24h"],
  ["a start of a year", health({ startPeriod: "8760h" }), "its `healthcheck.startPeriod` is 8760h"],
  ["a million failures", health({ retries: 1_000_000 }), "its `healthcheck.retries` is 1000000"],
  [
    "no check of what may end",
    core({ mustRun: false, restart: "on-failure", healthcheck: undefined }),
    "it has no health check",
  ],
  [
    "no check of what is said to end",
    core({ mustRun: false, restart: undefined, healthcheck: undefined }),
    "it has no health check",
  ],
);
