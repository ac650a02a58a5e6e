import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import os, { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { buildSync } from "esbuild";

import { serveOperatorKey } from "../../../tools/operator-agent";
import { projectRoot } from "../../../tools/versions";
import { sshKeyPair } from "../../helpers/unit/ssh-keys";

const home = mkdtempSync(join(tmpdir(), "homelab-key-"));
afterAll(() => rmSync(home, { recursive: true }));

const pair = sshKeyPair();
const file = join(home, "id");
writeFileSync(file, pair.private, { mode: 0o600 });

/** The public keys that the agent at a socket has. */
const keysAt = (socket: string): Promise<string> =>
  new Promise((done) => {
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    execFile("ssh-add", ["-L"], { env }, (_error, stdout, stderr) => done(stdout + stderr));
  });

const nothing = (line: string): void => {
  throw new Error(line);
};

test("EF-005: an agent has the operator's key, from when somebody asks, at a socket for its owner alone", async () => {
  const asked = jest.fn(() => Promise.resolve(file));
  const socket = await serveOperatorKey(asked, nothing);
  expect(asked).not.toHaveBeenCalled();
  expect(readdirSync(dirname(socket))).toEqual(["agent"]);
  expect((statSync(dirname(socket)).mode & 0o777).toString(8)).toBe("700");
  const [first, second] = await Promise.all([keysAt(socket), keysAt(socket)]);
  expect(first.trim().split(" ").slice(0, 2)).toEqual(pair.public.split(" ").slice(0, 2));
  expect(second).toBe(first);
  expect(asked).toHaveBeenCalledTimes(1);
});

test("Reliability: whoever is still connected does not keep the process from its end", async () => {
  const program = join(home, "serve.js");
  buildSync({
    stdin: {
      contents: `import { buildSync } from "esbuild";

import { serveOperatorKey } from "./tools/operator-agent";
        void serveOperatorKey(() => Promise.resolve(${JSON.stringify(file)}), console.error).then(console.log);
        process.stdin.resume(); // what it has to do`,
      resolveDir: projectRoot,
    },
    outfile: program,
    logLevel: "error",
    bundle: true,
    platform: "node",
  });
  const serving = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((end) => serving.on("exit", end));
  const client = connect(String(await once(serving.stdout, "data")).trim());
  client.on("error", () => undefined).write(Buffer.from([0, 0, 0, 1, 11])); // which keys are there?
  expect(await Promise.race([once(client, "data").then(() => "answered"), ended])).toBe("answered");
  serving.stdin.end();
  expect(await ended).toBe(0);
  client.destroy();
});

test("where the folder of temporary files has too long a path for a socket (TMPDIR), the agent is in /tmp", async () => {
  const long = join(home, "x".repeat(80 - home.length));
  mkdirSync(long);
  const configured = jest.spyOn(os, "tmpdir").mockReturnValue(long);
  const socket = await serveOperatorKey(() => Promise.resolve(file), nothing);
  configured.mockRestore();
  expect(readdirSync(long)).toEqual([]);
  expect(dirname(dirname(socket))).toBe("/tmp");
  expect((statSync(dirname(socket)).mode & 0o777).toString(8)).toBe("700");
  expect(await keysAt(socket)).toContain(pair.public.split(" ")[1]);
});

test("a key that cannot be used is said once, with why, and whoever asks gets none", async () => {
  const said: string[] = [];
  const passphrase = sshKeyPair({ passphrase: "secret words", cipher: "aes256-ctr", rounds: 16 });
  writeFileSync(join(home, "closed"), passphrase.private, { mode: 0o600 });
  const socket = await serveOperatorKey(
    () => Promise.resolve(join(home, "closed")),
    (line) => said.push(line),
  );
  for (let asked = 0; asked < 2; asked += 1) expect(await keysAt(socket)).not.toContain("ssh-ed25519");
  expect(said).toEqual([
    `The operator's key (homelab:operatorKeyFile) cannot be used: ${join(home, "closed")} has a passphrase, which nobody is asked ` +
      "for; make a key pair without one (ssh-keygen -N '')",
  ]);
});

test("Reliability: whatever somebody else has put where the agents' folders are stays, and stops nothing", async () => {
  const [path, goal] = [(name: string) => join(tmpdir(), `homelab-agent-${name}-${process.pid}`), join(home, "goal")];
  const made = [path("loop"), path("nothing"), path("link"), path("file")] as const;
  mkdirSync(goal);
  symlinkSync(made[0], made[0]);
  symlinkSync("/nowhere/at/all", made[1]);
  symlinkSync(goal, made[2]);
  writeFileSync(made[3], "");
  for (const old of [goal, made[3]]) utimesSync(old, 0, 0);
  expect(await keysAt(await serveOperatorKey(() => Promise.resolve(file), nothing))).toContain("ssh-ed25519");
  expect(made.map((each) => lstatSync(each, { throwIfNoEntry: false }) !== undefined)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  for (const each of made) unlinkSync(each);
});

test("what a process that was killed left is removed, and nothing that is in use or just begins", async () => {
  const old = (name: string): string => {
    const folder = join(tmpdir(), `homelab-agent-${name}-${process.pid}`);
    mkdirSync(folder);
    return folder;
  };
  const [left, young] = [old("left"), old("young")];
  const used = await serveOperatorKey(() => Promise.resolve(file), nothing);
  for (const folder of [left, dirname(used)]) utimesSync(folder, 0, 0);
  await serveOperatorKey(() => Promise.resolve(file), nothing);
  expect(readdirSync(dirname(used))).toEqual(["agent"]);
  expect([left, young, used].map((path) => existsSync(path))).toEqual([false, true, true]);
  rmSync(young, { recursive: true });
});
