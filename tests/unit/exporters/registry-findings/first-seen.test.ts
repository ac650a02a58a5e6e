import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FirstSeen } from "../../../../exporters/registry-findings/first-seen";

const start = Date.parse("2026-11-01T12:00:00Z");
let folder: string;
let file: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "homelab-findings-"));
  file = join(folder, "first-seen.json");
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => FirstSeen.open(file, (line) => lines.push(line), start);
const seen = (firstSeen: FirstSeen) =>
  [...firstSeen.findings()].map((finding) => [finding.firstSeen, finding.severity]);

test("what is written is read again, for its owner alone, and nothing unfinished is left", () => {
  const dates = open();
  dates.beginRound();
  dates.see("homelab/team/api", "CVE-1", 'libc6 "quoted"', "High", start);
  dates.see("homelab/__proto__", "CVE-2", "zlib1g", "Low", start + 1);
  dates.save();
  expect(seen(open())).toEqual([
    [start, "High"],
    [start + 1, "Low"],
  ]);
  expect(readdirSync(folder)).toEqual(["first-seen.json"]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(lines).toEqual([]);
});

test("the same flaw in two versions of a package is one finding, and another package's is another", () => {
  const dates = open();
  dates.beginRound();
  for (const name of ["stdlib", "stdlib", "golang.org/x/net"]) dates.see("homelab/web", "CVE-1", name, "High", start);
  expect(seen(dates)).toHaveLength(2);
});

test.each([
  "",
  "{",
  "null",
  "[]",
  '{"version": 2, "repositories": {}}',
  '{"version": 1}',
  '{"version": 1, "repositories": {"homelab/web": {"CVE-1 a": ["soon", "High"]}}}',
  '{"version": 1, "repositories": {"homelab/web": {"CVE-1 a": {}}}}',
])("a file with %j is put aside and said, not overwritten", (content) => {
  writeFileSync(file, content);
  const dates = open();
  expect(seen(dates)).toEqual([]);
  const aside = `${file}.corrupt-2026-11-01T12-00-00-000Z`;
  expect(readFileSync(aside, "utf8")).toBe(content);
  expect(lines).toEqual([expect.stringContaining(`It is now ${aside}; every finding counts as first seen today.`)]);
  dates.beginRound();
  dates.see("homelab/web", "CVE-1", "a", "High", start);
  dates.save();
  expect(seen(open())).toEqual([[start, "High"]]);
  expect(readFileSync(aside, "utf8")).toBe(content);
});

test("what a crash left of an unfinished file does no harm", () => {
  writeFileSync(`${file}.new`, '{"version": 1, "repos');
  const dates = open();
  dates.beginRound();
  dates.see("homelab/web", "CVE-1", "a", "High", start);
  dates.save();
  expect(readdirSync(folder)).toEqual(["first-seen.json"]);
  expect(seen(open())).toEqual([[start, "High"]]);
});

test("a file that cannot be read is left alone: the start fails", () => {
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "homelab-findings-"));
  chmodSync(folder, 0o700);
  expect(() => FirstSeen.open(folder, (line) => lines.push(line), start)).toThrow("EISDIR");
  expect(lines).toEqual([]);
});
