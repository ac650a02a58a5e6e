import { gib, mib } from "../../../../config/size";
import type { PolicyReport } from "../../../../policies/report";
import { readEvents } from "../../../../tools/preview/events";
import { comment, marker, summary } from "../../../../tools/preview/markdown";
import {
  diagnostic,
  failure,
  log,
  recorded,
  result,
  stackJudged,
  step,
  success,
  urn,
  violation,
} from "../../../helpers/unit/fixtures/preview/log";

const report: PolicyReport = {
  levels: { "memory-limits": "mandatory", "memory-budget": "advisory", "edge-only": "disabled" },
  exemptions: [{ policy: "memory-limits", resource: "edge-traefik", reason: "measured: 90 MiB are enough" }],
  memory: [{ host: "pve", total: gib(32), before: gib(16.5), added: gib(6), budget: gib(28) }],
};
const memoryLines = `\
| host  | total  | used before | added | after           | left of budget |
| ----- | ------ | ----------- | ----- | --------------- | -------------- |
| \`pve\` | 32 GiB | 16.5 GiB    | 6 GiB | 22.5 GiB (70 %) | 5.5 GiB        |`;
const ran = { policyAnalyzeSummaryEvent: { passed: ["memory-limits", "edge-only"] } };

describe("a preview's comment", () => {
  test("tells policies, memory, replacements and deletes before other changes, errors, warnings", () => {
    const text = comment({
      stack: "lab",
      report,
      result: readEvents(
        log(
          ran,
          stackJudged,
          step("same", "still"),
          step("create", "new"),
          step("update", "vm", {
            detailedDiff: { "memory.dedicated": { inputDiff: true }, total: { inputDiff: true }, stdin: {} },
            old: { inputs: { memory: { dedicated: 6144 }, total: gib(6), stdin: "hunter1" } },
            new: { inputs: { memory: { dedicated: 8192 }, total: mib(8704), stdin: "hunter2" } },
          }),
          step("update", "opaque"),
          step("delete", "old"),
          step("replace", "web", { detailedDiff: { "labels[0].value": { diffKind: "update-replace" } } }),
          step("replace", "asked"),
          violation("Needs a limit.\n\n| host | left |\n| --- | --- |\n| pve | -1 GiB |\n"),
          violation("hm", "advisory"),
          diagnostic("error", "no route to host", urn("web")),
          diagnostic("warning", "slow"),
          failure,
        ),
      ),
    });
    expect(text).toBe(`\
<!-- homelab-preview:lab -->
## Preview of \`lab\`: 1 to create, 2 to update, 1 to delete, 2 to replace — stopped by 1 policy violation, failed with 1 error

### Policies

1 of 2 policies passed.

#### 1 mandatory violation

\`memory-limits\` — \`docker:Container\` \`web\`

\`\`\`text
Needs a limit.

| host | left |
| --- | --- |
| pve | -1 GiB |
\`\`\`

#### 1 advisory violation

\`memory-limits\` — \`docker:Container\` \`web\`

\`\`\`text
hm
\`\`\`

#### Exemptions in force

- \`memory-limits\` for \`edge-traefik\`: \`measured: 90 MiB are enough\`

#### Switched off

- \`edge-only\`

### Memory

${memoryLines}

### Changes

1 resource unchanged. There may be more changes than these: it did not come to its end.

#### 2 to replace

- \`docker:Container\` \`asked\`: for a reason that Pulumi does not name
- \`docker:Container\` \`web\`: forced by \`labels[0].value\`

#### 1 to delete

- \`docker:Container\` \`old\`

#### 2 to update

- \`docker:Container\` \`opaque\`: a value that Pulumi does not show
- \`docker:Container\` \`vm\`: \`memory.dedicated\` 6144 → 8192, \`total\` 6 GiB → 8.5 GiB, \`stdin\`

#### 1 to create

- \`docker:Container\` \`new\`

### Errors

\`docker:Container\` \`web\`:

\`\`\`text
no route to host
\`\`\`

### Warnings

The stack:

\`\`\`text
slow
\`\`\``);
  });

  test("is short where nothing changes", () => {
    expect(comment({ stack: "lab", result: result(ran, stackJudged, step("same", "web")), report })).toBe(`\
<!-- homelab-preview:lab -->
## Preview of \`lab\`: no changes — all policies passed

### Policies

2 policies ran and passed.

#### Exemptions in force

- \`memory-limits\` for \`edge-traefik\`: \`measured: 90 MiB are enough\`

#### Switched off

- \`edge-only\`

### Memory

${memoryLines}

### Changes

No changes. 1 resource unchanged.`);
  });

  test("says what is not known where the preview broke off", () => {
    expect(comment({ stack: "lab", result: readEvents(log(ran, step("create", "web"))) })).toBe(`\
<!-- homelab-preview:lab -->
## Preview of \`lab\`: 1 to create — did not finish

### Policies

No policies ran to their end, so none is known to pass.

### Memory

The memory could not be computed.

### Changes

0 resources unchanged. There may be more changes than these: it did not come to its end.

#### 1 to create

- \`docker:Container\` \`web\``);
  });

  test("tells drift in words of its own, without policies and memory, which a refresh does not judge", () => {
    expect(comment({ stack: "lab", result: readEvents(recorded("drift")) })).toBe(`\
<!-- homelab-preview:lab -->
## Drift of \`lab\`: 1 gone

### Changes

3 resources unchanged.

#### 1 gone

- \`docker:Container\` \`edge-traefik\``);
  });

  test.each<[string, object[]]>([
    ["no changes — no policies ran", [success]],
    ["no changes — 1 policy warning", [violation("hm", "advisory"), success]],
    ["no changes — stopped by 2 policy violations", [violation("a"), violation("b"), failure]],
    ["no changes — failed with 2 errors", [diagnostic("error", "a"), diagnostic("error", "b"), failure]],
    ["no changes — failed", [failure]],
    ["no changes — failed with 1 error, did not finish", [diagnostic("error", "a")]],
  ])("has the verdict in its headline: %s", (verdict, events) => {
    expect(comment({ stack: "lab", result: readEvents(log(...events)) }).split("\n")[1]).toBe(
      `## Preview of \`lab\`: ${verdict}`,
    );
  });

  test("names ten properties of a resource at most", () => {
    const text = comment({ stack: "lab", result: result(step("update", "web", { diffs: [..."abcdefghijkl"] })) });
    expect(text).toContain("- `docker:Container` `web`: `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h`, `i`, `j`, 2 more");
  });

  test("is found by a first line that a stack's name can't end", () => {
    expect(marker("--><img src=x>")).toBe("<!-- homelab-preview:----img-src-x- -->");
    expect(marker("lab", "drift")).toBe("<!-- homelab-drift:lab -->");
    const text = comment({ stack: "a\n`b`", result: result() });
    expect(text).toMatch(/^<!-- homelab-preview:a--b- -->\n## Preview of `` a `b` ``: /);
  });
});

describe("a terminal's summary", () => {
  test("has memory, exemptions and switched-off policies", () => {
    expect(summary(report)).toBe(`\
Memory:
| host | total  | used before | added | after           | left of budget |
| ---- | ------ | ----------- | ----- | --------------- | -------------- |
| pve  | 32 GiB | 16.5 GiB    | 6 GiB | 22.5 GiB (70 %) | 5.5 GiB        |

Exemptions in force:
  memory-limits for edge-traefik: measured: 90 MiB are enough

Switched-off policies: edge-only`);
  });

  test("is empty where there is nothing to tell", () => {
    expect(summary({ levels: { "memory-limits": "mandatory" }, exemptions: [], memory: [] })).toBe("");
  });

  test("moves no cursor", () => {
    const exemptions = [{ policy: "a", resource: "b\u001b[2J", reason: "c\nd\u0008" }];
    expect(summary({ levels: {}, exemptions, memory: [] })).toBe("Exemptions in force:\n  a for b: c d");
  });
});
