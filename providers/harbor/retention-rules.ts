import { canonicalJson } from "../../config/canonical-json";
import type { Problems } from "../dynamic/problems";

/** What is kept: exactly one of the first five, for the images that the rest selects. */
export interface RetentionRule {
  /** This many images per repository, the most recently pushed. */
  readonly lastPushed?: number;
  /** This many images per repository, the most recently pulled. */
  readonly lastPulled?: number;
  /** What was pushed in the last days. */
  readonly pushedWithinDays?: number;
  /** What was pulled in the last days. */
  readonly pulledWithinDays?: number;
  /** Everything. */
  readonly always?: true;
  /** Which repositories, without the project: `**` is all, `{app,db}` two. Default `**`. */
  readonly repositories?: string;
  /** Which tags. A pattern that begins with `!` means all others. Default `**`. */
  readonly tags?: string;
  /** Whether images without a tag count too. Default `true`. */
  readonly untagged?: boolean;
  /** Whether the rule counts. Default `true`. */
  readonly enabled?: boolean;
}

/** A rule as Harbor's API has it. */
export interface HarborRule {
  disabled?: boolean;
  action: string;
  template: string;
  params?: Record<string, number>;
  tag_selectors?: Selector[];
  scope_selectors?: { repository?: Selector[] };
}

interface Selector {
  kind: string;
  decoration: string;
  pattern: string;
  extras?: string;
}

/** Our word for each of Harbor's templates, which are also the names of their one parameter. */
const templates = {
  lastPushed: "latestPushedK",
  lastPulled: "latestPulledN",
  pushedWithinDays: "nDaysSinceLastPush",
  pulledWithinDays: "nDaysSinceLastPull",
  always: "always",
} as const;

const words = Object.keys(templates) as (keyof typeof templates)[];
const wordsOf = (rule: RetentionRule): (keyof typeof templates)[] => words.filter((word) => rule[word] !== undefined);

/** A rule with everything that it leaves out. */
export const completed = (rule: RetentionRule): RetentionRule => ({
  repositories: "**",
  tags: "**",
  untagged: true,
  enabled: true,
  ...rule,
});

export function checkRules(rules: readonly RetentionRule[] | undefined, problems: Problems): void {
  if (rules === undefined) return;
  if (rules.length > 15) problems.add("rules", `Harbor takes at most 15 rules, these are ${rules.length}; merge some`);
  if (!rules.some((rule) => rule.enabled !== false)) {
    problems.add("rules", "keep nothing, so that every image would be deleted; add a rule such as { lastPushed: 10 }");
  }
  const seen = new Set<string>();
  rules.forEach((rule, index) => {
    const field = `rules[${index}]`;
    const [word, ...more] = wordsOf(rule);
    if (word === undefined || more.length > 0) {
      problems.add(field, `needs exactly one of ${words.join(", ")}; write one rule for each`);
    } else if (word !== "always") {
      problems.wholeNumber(`${field}.${word}`, rule[word], 1, 100_000);
    }
    const text = canonicalJson({ ...completed(rule), enabled: true });
    if (seen.has(text)) problems.add(field, "is a rule that is there already, which Harbor refuses; remove one");
    seen.add(text);
  });
}

export function toHarbor(given: RetentionRule): HarborRule {
  const rule = completed(given);
  const word = wordsOf(rule)[0] ?? "always";
  const template = templates[word];
  const tags = rule.tags ?? "**";
  const excluded = tags.startsWith("!");
  return {
    disabled: rule.enabled === false,
    action: "retain",
    template,
    params: word === "always" ? {} : { [template]: Number(rule[word]) },
    tag_selectors: [
      {
        kind: "doublestar",
        decoration: excluded ? "excludes" : "matches",
        pattern: excluded ? tags.slice(1) : tags,
        // Of a pattern that excludes, Harbor counts images without a tag among what is left when this is false.
        extras: JSON.stringify({ untagged: rule.untagged !== excluded }),
      },
    ],
    scope_selectors: {
      repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: rule.repositories ?? "**" }],
    },
  };
}

export function fromHarbor(rule: HarborRule): RetentionRule {
  const word = words.find((candidate) => templates[candidate] === rule.template) ?? "always";
  const tags = rule.tag_selectors?.[0];
  const repositories = rule.scope_selectors?.repository?.[0];
  const not = (selector: Selector | undefined): string => (/excludes/i.test(selector?.decoration ?? "") ? "!" : "");
  return {
    [word]: word === "always" ? true : Number(rule.params?.[rule.template]),
    repositories: not(repositories) + (repositories?.pattern ?? "**"),
    tags: not(tags) + (tags?.pattern ?? "**"),
    untagged: isUntagged(tags?.extras) !== (not(tags) === "!"),
    enabled: rule.disabled !== true,
  };
}

function isUntagged(extras: string | undefined): boolean {
  try {
    return (JSON.parse(extras ?? "{}") as { untagged?: boolean }).untagged === true;
  } catch {
    return false;
  }
}
