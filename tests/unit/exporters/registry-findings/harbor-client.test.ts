import { Harbor } from "../../../../exporters/registry-findings/harbor";
import { RowReader } from "../../../../exporters/registry-findings/json-rows";
import { logger } from "../../../../exporters/registry-findings/log";
import { FakeHarbor } from "../../../helpers/unit/findings-harbor";

const patience = { attempts: 3, pause: 1, timeout: 300, longestWait: 50 };

let fake: FakeHarbor;
beforeEach(async () => {
  fake = await FakeHarbor.start();
});
afterEach(() => fake.stop());

const projects = (harbor = new Harbor(fake.access, patience), signal = AbortSignal.timeout(5000)) =>
  harbor.list("/projects", {}, (row) => (row as { name: string }).name, signal);

test.each([500, 502, 503, 429, "reset", "half"] as const)("%s is tried again", async (as) => {
  fake.fail("/projects", as, { times: 2 });
  expect(await projects()).toEqual(["homelab"]);
  expect(fake.requests).toHaveLength(3);
});

test("a call is given up after its attempts", async () => {
  fake.fail("/projects", 503);
  await expect(projects()).rejects.toThrow("GET /projects?page=1&page_size=100: 503 injected");
  expect(fake.requests).toHaveLength(3);
});

test.each([400, 401, 403, 404])("%d is not tried again", async (status) => {
  fake.fail("/projects", status);
  await expect(projects()).rejects.toThrow(`${status} injected`);
  expect(fake.requests).toHaveLength(1);
});

test("Harbor's Retry-After is kept to, up to a bound", async () => {
  fake.fail("/projects", 429, { times: 1, headers: { "retry-after": "3600" } });
  const start = Date.now();
  await projects();
  expect(Date.now() - start).toBeGreaterThanOrEqual(45);
  expect(Date.now() - start).toBeLessThan(5000);
});

test("a Harbor that does not answer is given up, and so is a round that takes too long", async () => {
  const { url, ...login } = fake.access;
  await fake.stop();
  await expect(projects(new Harbor({ url, ...login }, patience))).rejects.toThrow("ECONNREFUSED");
  fake = await FakeHarbor.start();
  fake.fail("/projects", 500);
  const patient = new Harbor(fake.access, { ...patience, attempts: 100, pause: 30_000, longestWait: 30_000 });
  await expect(projects(patient, AbortSignal.timeout(100))).rejects.toThrow("given up, the round took too long");
});

test("the robot's secret is in no message and on no line of the log", async () => {
  fake.fail("/projects", 401);
  const lines: string[] = [];
  const { robot, secret } = fake.access;
  const login = Buffer.from(`${robot}:${secret}`).toString("base64");
  const log = logger([secret, login], (line) => lines.push(line));
  await projects().catch((error: unknown) => log(`${String(error)} said by\n${secret} with Basic ${login}`));
  expect(lines).toEqual([expect.stringMatching(/^\S+Z Error: GET .* 401 injected said by \*\*\* with Basic \*\*\*$/)]);
  expect(lines.join()).not.toContain(secret);
  expect(lines.join()).not.toContain(login);
});

test("rows are found wherever the chunks of an answer end", () => {
  const rows = [{ id: "a", text: '}]{["\\', deep: [{ list: [{}] }] }, { id: "ü–€" }, {}];
  const other = { sbom: { list: [{ no: "row" }] }, scanner: { name: "Trivy" }, none: [], numbers: [1, "a", null] };
  const text = Buffer.from(JSON.stringify({ "a; version=1.1": { ...other, vulnerabilities: rows, end: 1 } }));
  for (let size = 1; size < text.length; size++) {
    const found: unknown[] = [];
    const reader = new RowReader(4, (row) => found.push(row));
    for (let at = 0; at < text.length; at += size) reader.write(text.subarray(at, at + size));
    reader.end();
    expect(found).toEqual(rows);
  }
});

test.each(["", "<html></html>", '[{"id": 1}', '{"errors": [', '["'])("%j is not taken for an empty list", (text) => {
  const reader = new RowReader(2, () => undefined);
  reader.write(Buffer.from(text));
  expect(() => reader.end()).toThrow("not a complete JSON document");
});

test("a row that is not JSON, or has no end, is refused", () => {
  expect(() => new RowReader(2, () => undefined).write(Buffer.from("[{id}]"))).toThrow("cannot be read");
  const reader = new RowReader(2, () => undefined);
  reader.write(Buffer.from('[{"text": "'));
  expect(() => {
    for (let i = 0; i < 20; i++) reader.write(Buffer.alloc(64 * 1024, "a"));
  }).toThrow("larger than");
});
