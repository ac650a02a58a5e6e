import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FirstSeen } from "../../../../exporters/registry-findings/first-seen";
import { metrics } from "../../../../exporters/registry-findings/metrics";
import { healthy, serve } from "../../../../exporters/registry-findings/server";
import { settings } from "../../../../exporters/registry-findings/settings";

const minute = 60 * 1000;
const folder = mkdtempSync(join(tmpdir(), "homelab-findings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const empty = FirstSeen.open(join(folder, "none.json"), () => undefined);

test("healthy for 15 minutes after the start, and for 15 minutes after each complete round", () => {
  expect(healthy({ started: 0, failedRounds: 3 }, 15 * minute - 1)).toBe(true);
  expect(healthy({ started: 0, failedRounds: 3 }, 15 * minute)).toBe(false);
  expect(healthy({ started: 0, failedRounds: 3, lastSuccess: 10 * minute }, 25 * minute - 1)).toBe(true);
  expect(healthy({ started: 0, failedRounds: 3, lastSuccess: 10 * minute }, 25 * minute)).toBe(false);
});

test("H2: unhealthy at once where Harbor refuses the robot's login", () => {
  expect(healthy({ started: 0, failedRounds: 1, lastSuccess: minute, refused: true }, 2 * minute)).toBe(false);
});

test("serves the metrics and its health, and nothing else", async () => {
  let ok = true;
  const server = serve(
    0,
    () => "a 1\n",
    () => ok,
  );
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answer = await fetch(`${base}/metrics?x=1`);
    expect([answer.status, await answer.text()]).toEqual([200, "a 1\n"]);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect((await fetch(`${base}/healthy`)).status).toBe(200);
    ok = false;
    expect((await fetch(`${base}/healthy`)).status).toBe(503);
    expect((await fetch(`${base}/`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: "POST" })).status).toBe(405);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("every severity is there before anything was read, and what was not read is left out", () => {
  const text = metrics(empty, {}, { started: 1000, failedRounds: 0 }, 2000);
  for (const severity of ["Critical", "High", "Medium", "Low", "Negligible", "Unknown", "None"]) {
    expect(text).toContain(`registry_findings_open{severity="${severity}"} 0\n`);
    expect(text).toContain(`registry_findings_untreated_7d{severity="${severity}"} 0\n`);
    expect(text).toContain(`registry_findings_oldest_age_seconds{severity="${severity}"} 0\n`);
  }
  expect(text).not.toMatch(/registry_(gc|scan|volume|robot|project)/);
  expect(text).toContain("registry_findings_last_success_timestamp_seconds 0\n");
});

test("labels are escaped", () => {
  const robots = [{ name: 'robot$"a\\b\nc', disabled: false, expires: 1, readsAll: false }];
  const text = metrics(empty, { robots }, { started: 0, failedRounds: 0 }, 0);
  expect(text).toContain('registry_robot_expiry_timestamp_seconds{robot="robot$\\"a\\\\b\\nc"} 1\n');
});

test("the environment is checked, with what is wrong in it", () => {
  const secret = join(folder, "secret");
  writeFileSync(secret, "Secret1\n");
  const env = { HARBOR_URL: "http://core:8080", ROBOT_NAME: "robot$findings", ROBOT_SECRET_FILE: secret };
  expect(settings(env)).toEqual({
    url: "http://core:8080",
    robot: "robot$findings",
    secret: "Secret1",
    file: "/data/first-seen.json",
    port: 9100,
    interval: 300_000,
  });
  expect(() => settings({ ...env, ROBOT_NAME: undefined })).toThrow("ROBOT_NAME is missing");
  expect(() => settings({ ...env, HARBOR_URL: "https://registry.home.arpa" })).toThrow("HARBOR_URL must be http://");
  expect(() => settings({ ...env, PORT: "ninety" })).toThrow("PORT must be a whole number above 0, not ninety");
  expect(() => settings({ ...env, ROBOT_SECRET_FILE: join(folder, "missing") })).toThrow("ENOENT");
  writeFileSync(secret, "\n");
  expect(() => settings(env)).toThrow("is empty");
});
