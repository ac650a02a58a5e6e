import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../tools/versions";
import { policies } from "../../policies/pack";
import { readme } from "../../policies/readme";

test("policies/README.md is what the policies themselves say (made by `npm run docs`)", () => {
  expect(readFileSync(join(projectRoot, "policies/README.md"), "utf8")).toBe(readme());
});

test("it has a section on every policy, with its rule", () => {
  for (const { name, summary } of policies) expect(readme()).toContain(`### ${name}\n\n**${summary}**`);
});
