import { fromHarbor, toHarbor, type RetentionRule } from "../../../../providers/harbor/retention-rules";

const selector = (rule: RetentionRule) => toHarbor(rule).tag_selectors?.[0];

test("EF-009: a rule is Harbor's template with its one parameter", () => {
  expect(toHarbor({ lastPushed: 10 })).toEqual({
    disabled: false,
    action: "retain",
    template: "latestPushedK",
    params: { latestPushedK: 10 },
    tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**", extras: '{"untagged":true}' }],
    scope_selectors: { repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }] },
  });
});

test("EF-009: a pattern that excludes counts images without a tag when Harbor's word for it is false", () => {
  expect(selector({ always: true, tags: "!dev-*" })).toEqual({
    kind: "doublestar",
    decoration: "excludes",
    pattern: "dev-*",
    extras: '{"untagged":false}',
  });
  expect(selector({ always: true, tags: "!dev-*", untagged: false })?.extras).toBe('{"untagged":true}');
});

test.each<RetentionRule>([
  { lastPulled: 3, repositories: "{app,db}", tags: "v*", untagged: false, enabled: true },
  { pushedWithinDays: 7, repositories: "**", tags: "!dev-*", untagged: true, enabled: false },
  { always: true, repositories: "**", tags: "!dev-*", untagged: false, enabled: true },
])("EF-009: what was written is what is read: %j", (rule) => {
  expect(fromHarbor(toHarbor(rule))).toEqual(rule);
});
