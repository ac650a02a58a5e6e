import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../../tools/versions";
import { policies } from "../../policies/pack";
import { parseStackSettings, readStackSettings } from "../../policies/stack-settings";

const file = "policies/stacks/home.yaml";

/** The problems that a file of settings has, without the line that counts them. */
function problems(text: string): string[] {
  try {
    parseStackSettings(file, text);
  } catch (error) {
    const [headline, ...lines] = (error as Error).message.split("\n");
    expect(headline).toBe(`${file} has ${lines.length === 1 ? "1 problem" : `${lines.length} problems`}:`);
    return lines.map((line) => line.trim());
  }
  throw new Error("the settings are accepted");
}

test("a stack without a file has every policy at its own level", () => {
  const { levels, packConfig } = readStackSettings(projectRoot, "nowhere");
  expect(levels).toEqual(Object.fromEntries(policies.map(({ name, level }) => [name, level])));
  expect(Object.keys(packConfig)).toEqual(policies.map(({ name }) => name));
  expect(packConfig["memory-limits"]).toEqual({ enforcementLevel: "mandatory" });
});

test.each(readdirSync(join(projectRoot, "policies", "stacks")))("the committed %s is valid", (name) => {
  expect(() => readStackSettings(projectRoot, name.replace(/\.yaml$/, ""))).not.toThrow();
});

test("a stack has its file under its full name, too", () => {
  const folder = mkdtempSync(join(tmpdir(), "homelab-test-"));
  mkdirSync(join(folder, "policies", "stacks"), { recursive: true });
  writeFileSync(join(folder, "policies", "stacks", "home.yaml"), "memory-limits: { level: advisory }");
  for (const stack of ["home", "homelab/home", "organization/homelab/home"]) {
    expect(readStackSettings(folder, stack).levels["memory-limits"]).toBe("advisory");
  }
  rmSync(folder, { recursive: true });
});

test("each of them belongs to a stack", () => {
  const stacks = readdirSync(join(projectRoot, "policies", "stacks")).map((name) => `Pulumi.${name}`);
  expect(readdirSync(projectRoot)).toEqual(expect.arrayContaining(stacks));
});

test("levels and settings reach Pulumi, the level under Pulumi's own name", () => {
  const exempt = [{ resource: "web", reason: "it is measured before it is limited" }];
  const { levels, packConfig } = parseStackSettings(
    file,
    "{ memory-limits: { level: advisory, exempt: [{ resource: web, reason: it is measured before it is limited }] } }",
  );
  expect(levels["memory-limits"]).toBe("advisory");
  expect(packConfig["memory-limits"]).toEqual({ enforcementLevel: "advisory", exempt });
});

test.each([
  ["ram-bugdet: {}", `${file}:ram-bugdet: unknown key; did you mean ${file}:ram-budget?`],
  ["ram-budget: { bugdet: 85 % }", `${file}:ram-budget.bugdet: unknown key; did you mean ${file}:ram-budget.budget?`],
  [
    "ram-budget: { budget: 0 % }",
    `${file}:ram-budget.budget: "0 %" is not a percentage from 1 % to 100 %; write it like 80 %`,
  ],
  [
    "ram-budget: { budget: 120 % }",
    `${file}:ram-budget.budget: "120 %" is not a percentage from 1 % to 100 %; write it like 80 %`,
  ],
  [
    "memory-limits: { level: warning }",
    `${file}:memory-limits.level: "warning" is not one of mandatory, advisory, disabled; write it like mandatory`,
  ],
  [
    "memory-limits: { exempt: [{ resource: web }] }",
    `${file}:memory-limits.exempt[0].reason: give it a reason of at least 10 characters`,
  ],
  [
    "memory-limits: { exempt: [{ resource: web, reason: because }] }",
    `${file}:memory-limits.exempt[0].reason: "because" is not a reason of at least 10 characters`,
  ],
])("%s is refused", (text, problem) => {
  expect(problems(text)).toEqual([problem]);
});

test("an unknown name that resembles none is answered with those that exist", () => {
  const known = policies.map(({ name }) => name).join(", ");
  expect(problems("quota: {}")).toEqual([`${file}:quota: unknown key; remove it in ${file} (known here: ${known})`]);
});

const exempting = (...resources: string[]) =>
  `memory-limits: { exempt: ${JSON.stringify(resources.map((resource) => ({ resource, reason: "for a good reason" })))} }`;
const urn = "urn:pulumi:home::homelab::docker:index/container:Container::web";

test.each([
  ["the same name", "web", "web"],
  ["a name and a URN with it", "web", urn],
  ["the same URN", urn, urn],
])("exemptions that overlap are refused: %s", (_, one, other) => {
  expect(problems(exempting("db", one, other))).toEqual([
    `${file}:memory-limits.exempt[2].resource: "${other}" covers the same resource as ` +
      `${file}:memory-limits.exempt[1].resource; keep one of the two`,
  ]);
});

test("exemptions of different resources do not overlap, also where they share a name", () => {
  expect(() => parseStackSettings(file, exempting("db", urn, urn.replace("::docker", "::edge$docker")))).not.toThrow();
});
