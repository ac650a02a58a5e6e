import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Collector } from "../../../../exporters/registry-findings/collect";
import { FirstSeen } from "../../../../exporters/registry-findings/first-seen";
import { Harbor, type Access } from "../../../../exporters/registry-findings/harbor";
import { FakeHarbor, rightsOf, type FakeArtifact } from "../../../helpers/unit/findings-harbor";

const firstDay = Date.parse("2026-11-01T12:00:00Z");
const later = firstDay + 24 * 3600 * 1000;
const patience = { attempts: 2, pause: 1, timeout: 500, longestWait: 5 };

let harbor: FakeHarbor;
let folder: string;
let lines: string[];

beforeEach(async () => {
  harbor = await FakeHarbor.start();
  folder = mkdtempSync(join(tmpdir(), "homelab-findings-"));
  lines = [];
  harbor.projects.push({ project_id: 3, name: "media" });
  harbor.artifacts = { homelab: [image("web")], media: [image("player")] };
  expect(await round(harbor.access, firstDay)).toEqual({ complete: true, refused: false });
});
afterEach(async () => {
  await harbor.stop();
  rmSync(folder, { recursive: true });
});

/** An artifact with one finding. */
const image = (repository: string): FakeArtifact => ({
  repository,
  digest: `sha256:${repository.padStart(64, "0")}`,
  push_time: "2026-11-01T10:00:00Z",
  scan: { status: "Success", report: repository, end_time: "2026-11-01T11:00:00Z" },
  findings: [{ id: "CVE-2026-0001", package: "openssl", severity: "Critical" }],
});

const log = (line: string): void => void lines.push(line);
const open = (): FirstSeen => FirstSeen.open(join(folder, "first-seen.json"), log);

/** A round of a program that was just started: it knows what the file says. */
async function round(access: Access, now: number): Promise<{ complete: boolean; refused: boolean }> {
  const collector = new Collector(new Harbor(access, patience), open(), log, () => now);
  const complete = await collector.round(AbortSignal.timeout(10_000));
  return { complete, refused: collector.refused };
}

const days = (): number[] => [...open().findings()].map(({ firstSeen }) => firstSeen);

test.each<[string, () => Access, boolean, RegExp]>([
  [
    "has ended, is disabled or has another secret",
    () => ({ ...harbor.access, secret: "Another-1" }),
    true,
    /^GET \/robots\S+: 401 unauthorized; the robot ended, is disabled or has another secret: docs\/runbooks\/registry-robots\.md$/,
  ],
  [
    "lost its right to one project of two",
    () => {
      harbor.projects.pop();
      harbor.permissions = [{ kind: "project", namespace: "homelab", access: rightsOf("artifact:list") }];
      return harbor.access;
    },
    false,
    /robot\$findings lacks artifact:list and artifact-addition:read in every project, so nothing is forgotten$/,
  ],
  [
    "is shown no project at all",
    () => {
      harbor.projects.splice(0);
      return harbor.access;
    },
    false,
    /^GET \/projects: there is no project, which cannot be, so nothing is forgotten$/,
  ],
])("H2: nothing is forgotten where the robot %s", async (_, happen, refused, reason) => {
  const access = { ...harbor.access };
  const { permissions, projects } = harbor;
  const all = [...projects];
  expect(await round(happen(), later)).toEqual({ complete: false, refused });
  expect(lines).toEqual([expect.stringMatching(reason)]);
  expect(days()).toEqual([firstDay, firstDay]);
  Object.assign(harbor, { permissions, projects: all });
  expect(await round(access, later)).toEqual({ complete: true, refused: false });
  expect(days()).toEqual([firstDay, firstDay]);
});

test("H2: what is gone from a list that is whole is forgotten; an outage is no refused login", async () => {
  harbor.fail("/projects", 500);
  expect(await round(harbor.access, later)).toEqual({ complete: false, refused: false });
  harbor.recover();
  harbor.projects.pop();
  expect(await round(harbor.access, later)).toEqual({ complete: true, refused: false });
  expect(days()).toEqual([firstDay]);
});
