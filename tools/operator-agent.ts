import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { keyPath } from "../config/openssh-key";
import { capture, messageOf, type Report } from "./run";
import { placeForSocket } from "./short-place";

/**
 * Serves an SSH agent that has the operator's key, and resolves to its socket, for `SSH_AUTH_SOCK`: so no resource takes the
 * key as an input, and no state has it. It is OpenSSH's own `ssh-agent`, started when somebody first asks, and gone with this
 * process, however that ends.
 *
 * @param keyFile gives the path of the private key: `homelab:operatorKeyFile`
 * @param report is told why the key cannot be used
 */
export async function serveOperatorKey(keyFile: () => Promise<string>, report: Report): Promise<string> {
  const place = placeForSocket(`${prefix}XXXXXX/agent`);
  await sweep(place);
  const folder = mkdtempSync(join(place, prefix)); // for us alone
  let started: Promise<string | undefined> | undefined;
  const start = (): Promise<string | undefined> =>
    startAgent(join(folder, "own"), keyFile).catch((error: unknown) => {
      report(`The operator's key (homelab:operatorKeyFile) cannot be used: ${messageOf(error)}`);
      return undefined;
    });
  const server = createServer((client) => {
    // What an engine that was killed left may go on for minutes; nobody waits for it.
    client.on("error", () => undefined).unref();
    client.once("readable", () => {
      if (client.readableLength === 0) return void client.destroy(); // only looked whether somebody listens
      started ??= start();
      void started.then((socket) => forward(client, socket));
    });
  });
  const socket = join(folder, "agent");
  await new Promise<void>((listening, failed) => server.on("error", failed).listen(socket, listening));
  server.unref();
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return socket;
}

const prefix = "homelab-agent-";

/**
 * Removes what a process that was killed left. One that is just starting does not listen yet. What else somebody may have put
 * there, a link say, is none of ours.
 */
async function sweep(place: string): Promise<void> {
  for (const name of readdirSync(place).filter((each) => each.startsWith(prefix))) {
    const folder = join(place, name);
    try {
      const found = lstatSync(folder);
      const isOld = found.isDirectory() && Date.now() - found.mtimeMs >= 60_000;
      if (isOld && !(await answers(join(folder, "agent")))) rmSync(folder, { recursive: true, force: true });
    } catch {
      // another user's, or gone by now
    }
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const asked = connect(socket, () => {
      asked.destroy();
      done(true);
    });
    asked.on("error", () => done(false));
  });
}

/** Rejects where the key cannot be used without somebody who types its passphrase. */
async function startAgent(socket: string, keyFile: () => Promise<string>): Promise<string> {
  const key = keyPath(await keyFile());
  // It ends with `cat`, which ends when this process has; and not with Ctrl-C, while Pulumi still finishes what it began.
  const agent = spawn("ssh-agent", ["-a", socket, "cat"], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  agent.on("error", () => undefined).unref();
  (agent.stdin as Socket).unref();
  for (let wait = 0; wait < 100 && !existsSync(socket); wait += 1) await pause(50);
  const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: "force", SSH_ASKPASS: "false" };
  const { code, stderr } = await capture("ssh-add", ["-q", "--", key], { env });
  if (code === 0) return socket;
  agent.stdin.end();
  // Without a word it gives up on one thing alone, as nobody answers for its passphrase.
  throw new Error(
    stderr.trim() ||
      `${key} has a passphrase, which nobody is asked for; make a key pair without one (ssh-keygen -N '')`,
  );
}

function forward(client: Socket, socket: string | undefined): void {
  if (socket === undefined) return void client.destroy();
  const agent = connect(socket).unref();
  agent.on("error", () => client.destroy()).on("close", () => client.destroy());
  client.on("close", () => agent.destroy());
  client.pipe(agent).pipe(client);
}
