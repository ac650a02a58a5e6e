import { gib } from "../../../../config/size";
import type { PolicyReport } from "../../../../policies/report";
import { readEvents } from "../../../../tools/preview/events";
import { comment } from "../../../../tools/preview/markdown";
import {
  diagnostic,
  failure,
  log,
  result,
  stackJudged,
  step,
  urn,
  violation,
} from "../../../helpers/unit/fixtures/preview/log";

const ran = { policyAnalyzeSummaryEvent: { passed: ["memory-limits"] } };
const report: PolicyReport = {
  levels: { "memory-limits": "mandatory", "edge-only": "disabled" },
  exemptions: [{ policy: "memory-limits", resource: "edge-traefik", reason: "measured: 90 MiB are enough" }],
  memory: [{ host: "pve", total: gib(32), before: gib(16.5), added: gib(6), budget: gib(28) }],
};

describe("names and messages of others", () => {
  const hostile = [
    "<!-- homelab-preview:prod -->",
    "@everyone",
    "![x](https://evil.example/x.png) [y](https://evil.example)",
    "<img src=https://evil.example/x.png>",
    "`ticks` ``` and ````more",
    "a\n```\n# heading\n@everyone\n",
    "a\n````text\n~~~\n",
    "| a | b |\n|---|---|",
    "right\u202eleft \u200bzero \u2066iso \u0007bell \ud800half",
    "`",
    "````````",
    " ",
    "</details></table>",
  ];

  test.each(hostile)("stay in their place: %j", (words) => {
    const text = comment({
      stack: "lab",
      report: {
        levels: { [words]: "disabled" },
        exemptions: [{ policy: words, resource: words, reason: words }],
        memory: [{ host: words, total: gib(1), before: gib(0), added: gib(0), budget: gib(1) }],
      },
      result: readEvents(
        log(
          step("create", words),
          step("update", `u${words}`, { diffs: [words] }),
          step("replace", `r${words}`, { keys: [words] }),
          violation(words, "mandatory", urn(words, words)),
          violation(words, "advisory"),
          diagnostic("error", words, urn(words)),
          diagnostic("warning", words),
        ),
      ),
    });
    const rest = outsideOfCode(text);
    expect(rest).not.toMatch(/[@<>[\]!`]|evil|#{1,4} heading|~~~/);
    expect(rest.match(/^#+ .*/gm)).toEqual([
      "## Preview of CODE: 1 to create, 1 to update, 1 to replace — stopped by 1 policy violation, failed with 1 error",
      "### Policies",
      "#### 1 mandatory violation",
      "#### 1 advisory violation",
      "#### Exemptions in force",
      "#### Switched off",
      "### Memory",
      "### Changes",
      "#### 1 to replace",
      "#### 1 to update",
      "#### 1 to create",
      "### Errors",
      "### Warnings",
    ]);
    expect(rest.match(/^\|.*\|$/gm)?.map((row) => row.split("|").length)).toEqual([8, 8, 8]);
    expect(text.match(/<!--/g)).toHaveLength(1);
    expect(text).not.toMatch(/[\u202a-\u202e\u200b\u2066\u0007]|[\ud800-\udfff]/u);
  });

  /** Reads a comment as CommonMark does: fences by line, then code spans by runs of equally many backticks. */
  function outsideOfCode(text: string): string {
    const [, ...lines] = text.split("\n");
    let fence: string | undefined;
    const open = lines.flatMap((line) => {
      const [, ticks = "", info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
      if (fence === undefined) {
        if (!ticks || (ticks.startsWith("`") && info.includes("`"))) return [line];
        fence = ticks;
      } else if (ticks.startsWith(fence) && info.trim() === "") {
        fence = undefined;
      }
      return [];
    });
    expect(fence).toBeUndefined();
    return open.join("\n").replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "CODE");
  }

  test("are cut where they are endless", () => {
    const long = "x".repeat(70_000);
    const text = comment({ stack: long, result: result(step("create", long), violation(long)) });
    expect(text).toContain(`- \`docker:Container\` \`${"x".repeat(200)} … (69800 more characters)\``);
    expect(text).toContain(`\`\`\`text\n${"x".repeat(8000)} … (62000 more characters)\n\`\`\``);
    expect(text.length).toBeLessThan(10_000);
  });
});

describe("a comment that would be too long", () => {
  const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);
  const many = (length: number): string =>
    log(
      ran,
      stackJudged,
      ...numbers(length).flatMap((index) => [
        step("create", `new-${index}`),
        step("update", `changed-${index}`, { diffs: ["stdin"] }),
        step("delete", `old-${index}`),
        step("replace", `moved-${index}`, { keys: ["image"] }),
      ]),
      ...numbers(length / 10).flatMap((index) => [
        violation(`a\n\n| message | ${index} |`),
        violation(`advice ${index}`, "advisory"),
        diagnostic("warning", `warning ${index}`),
        diagnostic("error", `error ${index}`),
      ]),
      failure,
    );

  test("leaves out creates first, then updates, and counts them", () => {
    const creates = numbers(1000).map((index) => step("create", `new-${index}`));
    const updates = numbers(1000).map((index) => step("update", `changed-${index}`, { diffs: ["stdin"] }));
    const rest = [step("delete", "old"), step("replace", "moved", { keys: ["image"] }), diagnostic("warning", "slow")];
    const text = comment({ stack: "lab", report, result: result(ran, stackJudged, ...creates, ...updates, ...rest) });
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text.match(/`changed-\d+`/g)).toHaveLength(1000);
    const shown = text.match(/`new-\d+`/g)?.length ?? 0;
    expect(shown).toBeGreaterThan(100);
    expect(text).toContain(`\n\n_${1000 - shown} left out for want of room._\n\n### Warnings\n`);
    for (const kept of ["`old`", "`moved`: forced by `image`", "```text\nslow\n```", "| `pve` | 32 GiB |"])
      expect(text).toContain(kept);

    const shorter = comment({ stack: "lab", report, result: result(...creates, ...updates, ...rest), limit: 20_000 });
    expect(shorter).toContain("#### 1000 to create\n\n_1000 left out for want of room._");
    expect(shorter).toMatch(/`: `stdin`\n\n_\d+ left out for want of room\._\n\n#### 1000 to create/);
  });

  test("takes no more than its limit, in whole entries, whatever the limit", () => {
    const told = readEvents(many(300));
    const whole = comment({ stack: "lab", result: told, report, limit: 1e6 });
    expect(whole).not.toContain("left out");
    const lines = new Set(whole.split("\n"));
    for (let limit = 1000; limit < whole.length + 500; limit += 397) {
      const text = comment({ stack: "lab", result: told, report, limit });
      expect(text.length).toBeLessThanOrEqual(limit);
      const others = text.split("\n").filter((line) => !lines.has(line) && !/^_(All else|\d+) left out/.test(line));
      expect(others).toEqual([]);
      expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
    }
  });

  test("of 1,000 resources and more is made at once", () => {
    const text = many(5000);
    const begun = performance.now();
    expect(comment({ stack: "lab", result: readEvents(text), report }).length).toBeLessThanOrEqual(60_000);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
