import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { restoreState } from "../../../lab/state-file";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "homelab-state-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const before = '{"version":3}';

test.each(["", '{"version":3,"chec'])("US5: a state cut short by a kill (%j) gives way to the one before", (cut) => {
  const file = join(folder, "lab.json");
  writeFileSync(file, cut);
  writeFileSync(`${file}.bak`, before);
  expect(restoreState(file)).toBe(true);
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("US5: a state that is whole stays, and so does one without a whole one before it", () => {
  const file = join(folder, "lab.json");
  writeFileSync(`${file}.bak`, before);
  expect(restoreState(file)).toBe(false);
  writeFileSync(file, '{"version":4}');
  expect(restoreState(file)).toBe(false);
  writeFileSync(file, "");
  writeFileSync(`${file}.bak`, "");
  expect(restoreState(file)).toBe(false);
  expect(readFileSync(file, "utf8")).toBe("");
});
