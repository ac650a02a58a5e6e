import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../tools/versions";
import { types } from "../../policies/types";
import { programStack } from "../helpers/policy/program";

const folder = join(projectRoot, "docs/runbooks");

/** Every path below `/srv` in the runbooks, with the runbook. */
const named = readdirSync(folder).flatMap((file) =>
  [...readFileSync(join(folder, file), "utf8").matchAll(/\/srv(?:\/[\w.*-]+)+/g)].map(
    ([path]) => [path, file] as const,
  ),
);

/** What a runbook itself puts aside. */
const aside = /\.broken$/;

test("every path in a runbook is one that the program makes on the machine, or in a folder of a container's data", async () => {
  const paths = (wanted: string, stack: Awaited<ReturnType<typeof programStack>>): string[] =>
    stack.flatMap(({ type, inputs }) => (type === wanted ? [String(inputs?.path)] : []));
  const stack = await programStack();
  const [files, folders] = [paths(types.hostFile, stack), paths(types.hostDirectory, stack)];
  expect(named.length).toBeGreaterThan(15);
  const unknown = named.filter(([path]) => {
    const known = path.replace(/\/\*.*$/, "").replace(/\.$/, "");
    const holds = [...files, ...folders].some((each) => each === known || each.startsWith(`${known}/`));
    return !holds && !folders.some((each) => known.startsWith(`${each}/`)) && !aside.test(known);
  });
  expect(unknown).toEqual([]);
});
