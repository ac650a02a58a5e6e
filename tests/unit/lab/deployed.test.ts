import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isDeployed, noteDeployed, type StackFiles } from "../../../lab/deployed";
import { keepNoLogs } from "../../../lab/pulumi-home";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "homelab-deployed-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function stackFiles(): StackFiles {
  const files = { config: join(folder, "config"), state: join(folder, "state"), record: join(folder, "deployed") };
  writeFileSync(files.config, "config: {}\n");
  writeFileSync(files.state, '{"version":3}');
  return files;
}

test("US1: a stack is deployed as described once that was noted, with the same settings and the same state", () => {
  const files = stackFiles();
  expect(isDeployed(files)).toBe(false);
  noteDeployed(files);
  expect(isDeployed(files)).toBe(true);
});

test.each(["config", "state"] as const)("US1: another %s is none that was deployed, until it is", (changed) => {
  const files = stackFiles();
  noteDeployed(files);
  writeFileSync(files[changed], "other");
  expect(isDeployed(files)).toBe(false);
  noteDeployed(files);
  expect(isDeployed(files)).toBe(true);
  rmSync(files[changed]);
  expect(isDeployed(files)).toBe(false);
});

test("the lab's Pulumi has no folder for its logs, and loses the one that it had", () => {
  keepNoLogs(folder);
  expect(readFileSync(join(folder, "logs"), "utf8")).toBe("");
  keepNoLogs(folder);
  rmSync(join(folder, "logs"));
  mkdirSync(join(folder, "logs"));
  writeFileSync(join(folder, "logs", "pulumi-1.log"), "values");
  keepNoLogs(folder);
  expect(statSync(join(folder, "logs")).isFile()).toBe(true);
});
