import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

import { parse } from "yaml";

import { block } from "../config/fields";
import { fileSubject, Report } from "../config/report";
import { overlapping } from "./exemptions";
import { policies } from "./pack";
import { enforcementLevel, settingsOf, type Level } from "./policy";

/** What a stack says about the policies. */
export interface StackSettings {
  /** Every policy of the pack with its level. */
  readonly levels: Record<string, Level>;
  /** The same with all settings, in the form of Pulumi's `--policy-pack-config`. */
  readonly packConfig: Record<string, object>;
}

const schema = block(Object.fromEntries(policies.map((policy) => [policy.name, settingsOf(policy).optional()])));

/**
 * Reads `policies/stacks/<stack>.yaml` of a checkout; without that file every policy has its defaults. The stack may be
 * named with its organization and project, `organization/homelab/lab`. Pulumi itself takes a policy or a setting that
 * doesn't exist for granted, so this throws one ConfigError with every problem.
 */
export function readStackSettings(projectRoot: string, stack: string): StackSettings {
  const file = join(projectRoot, "policies", "stacks", `${basename(stack)}.yaml`);
  return parseStackSettings(relative(projectRoot, file), existsSync(file) ? readFileSync(file, "utf8") : "");
}

/** {@link readStackSettings} for a text; `file` is its name in messages. */
export function parseStackSettings(file: string, text: string): StackSettings {
  const report = new Report(file, [], fileSubject(file));
  const input = report.knownOnly(schema, parse(text) ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const parsed = schema.safeParse(input);
  if (!parsed.success) report.addIssues(input, parsed.error.issues);
  const given = (parsed.data ?? {}) as Parsed;
  checkExemptions(given, report);
  report.throwIfAny();

  const levels = Object.fromEntries(policies.map(({ name, level }) => [name, given[name]?.level ?? level]));
  const packConfig = policies.map((policy) => {
    const settings = Object.entries(input[policy.name] ?? {}).filter(([key]) => key !== "level");
    return [
      policy.name,
      {
        enforcementLevel: enforcementLevel(policy, levels[policy.name] ?? policy.level),
        ...Object.fromEntries(settings),
      },
    ];
  });
  return { levels, packConfig: Object.fromEntries(packConfig) as Record<string, object> };
}

type Parsed = Record<string, { level: Level; exempt: { resource: string; reason: string }[] } | undefined>;

function checkExemptions(settings: Parsed, report: Report): void {
  for (const [policy, block] of Object.entries(settings)) {
    for (const [one, other] of overlapping(block?.exempt ?? [])) {
      const [first, second] = [one, other].map((each) => block?.exempt.indexOf(each) ?? 0);
      report.add(
        [policy, "exempt", second ?? 0, "resource"],
        `{value} covers the same resource as ${report.key([policy, "exempt", first ?? 0, "resource"])}; keep one of the two`,
        other.resource,
      );
    }
  }
}
