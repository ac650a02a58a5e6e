import { readdirSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { projectRoot } from "../../tools/versions";
import { toCrossGuard } from "../../policies/crossguard";
import { policies } from "../../policies/pack";
import { settingsOf, type Policy } from "../../policies/policy";
import { Session } from "../../policies/session";

const rules = join(projectRoot, "policies/rules");
const files = readdirSync(rules).map((file) => file.replace(/\.ts$/, ""));
const names = policies.map(({ name }) => name);
const each = policies.map((policy) => [policy.name, policy] as const);

test("pack: every file of policies/rules is in the pack, once", () => {
  expect([...names].sort()).toEqual([...files].sort());
});

test.each(files)("pack: policies/rules/%s.ts is the policy of that name", async (file) => {
  const { default: policy } = (await import(join(rules, file))) as { default: Policy };
  expect(policy.name).toBe(file);
  expect(policies).toContain(policy);
});

test("pack: what exempts nothing is told last, when every other policy has been judged", () => {
  expect(names.at(-1)).toBe("needed-exemptions");
});

test.each(each)("pack: %s says what it is", (_name, { name, summary, doc, requirements }) => {
  expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(summary).toMatch(/^[A-Z][^.!?]*(\.[^\s.!?]+[^.!?]*)*\.$/);
  expect(doc.trim()).not.toBe("");
  for (const requirement of requirements) expect(requirement).toMatch(/^((EF|CS)-\d{3}|US\d(\.\d)?|EC-\d)$/);
});

test.each(each)("pack: %s describes its settings, and needs none", (_name, policy) => {
  const { properties = {} } = z.toJSONSchema(z.strictObject(policy.settings), { io: "input", unrepresentable: "any" });
  expect(Object.keys(properties)).toEqual(Object.keys(policy.settings));
  for (const property of Object.values(properties)) {
    expect(property).toMatchObject({ description: expect.stringMatching(/^[A-Z].*\.$/s) });
  }
  const { level, exempt, ...defaults } = settingsOf(policy).parse({});
  expect({ level, exempt }).toEqual({ level: policy.level, exempt: [] });
  expect(Object.keys(defaults)).toEqual(Object.keys(policy.settings));
});

test.each(each)("pack: %s refuses a setting that it does not have", (_name, policy) => {
  expect(() => new Session().configure(policy, { nosuchthing: true })).toThrow("nosuchthing");
});

test.each(toCrossGuard(policies, new Session()).map((policy) => [policy.name, policy] as const))(
  "pack: CrossGuard runs %s at its own level where a stack says nothing, and has its own word for the level",
  (name, { enforcementLevel, description, configSchema }) => {
    const policy = policies.find((each) => each.name === name);
    // Pulumi shows secrets only to a policy that may remedy what it finds.
    expect(enforcementLevel).toBe(policy?.seesSecrets ? "remediate" : policy?.level);
    expect(description).toBe(policy?.summary);
    expect(Object.keys(configSchema?.properties ?? {})).toEqual(["exempt", ...Object.keys(policy?.settings ?? {})]);
    expect(configSchema?.required).toBeUndefined();
  },
);
