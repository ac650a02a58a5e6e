import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { cloudInitTest, schemaCheck } from "../../helpers/contract/cloud-init";

const folder = mkdtempSync(join(tmpdir(), "homelab-computer-"));
let computers: typeof import("../../../lab/computer");
let hosts: typeof import("../../../lab/hosts");

beforeAll(async () => {
  process.env.HOMELAB_LAB_HOME = folder;
  computers = await import("../../../lab/computer");
  hosts = await import("../../../lab/hosts");
  await (await import("../../../lab/keys")).ensureKeys();
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the host key that a config pins is the one that a computer gets, made before it is there", () => {
  const { ssh_keys } = parse(computers.userData(computers.nas)) as { ssh_keys: Record<string, string> };
  const pinned = hosts.hostKeyOf("nas");
  const file = join(folder, "private");
  writeFileSync(file, ssh_keys.ed25519_private ?? "", { mode: 0o600 });
  const derived = execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" });
  expect(pinned).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/);
  expect(ssh_keys.ed25519_public).toBe(pinned);
  expect(derived.split(" ").slice(0, 2).join(" ").trim()).toBe(pinned);
  expect(hosts.hostKeyOf("attic")).toBeUndefined();
});

test("the nas is a plain Debian: its user may use Docker by sudo alone, where the client's is in the group", () => {
  const { client, nas, userData } = computers;
  const user = (text: string): unknown => (parse(text) as { users: unknown[] }).users[0];
  expect(user(userData(nas))).not.toHaveProperty("groups");
  expect(user(userData(client))).toMatchObject({ groups: ["docker"], sudo: "ALL=(ALL) NOPASSWD:ALL" });
});

cloudInitTest("cloud-init itself accepts the user data of either, without a warning", () => {
  const { client, nas, userData } = computers;
  for (const computer of [client, nas])
    expect(schemaCheck(userData(computer))).toEqual({
      status: 0,
      output: expect.not.stringMatching(/error|deprecat/i),
    });
});
