import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import type { Client, ClientChannel, ServerHostKeyAlgorithm } from "ssh2";

import { ApiError, patience, type Subject } from "../dynamic/http";
import { Restarts } from "./restarts";
import { shellQuote } from "./shell";

/**
 * How the provider logs in to a machine. The private key is none of it, and so in no state: the SSH agent of the run has it
 * (`SSH_AUTH_SOCK`), which `npm run up` and the like start with the key of `homelab:operatorKeyFile`.
 */
export interface HostConnection {
  /** The machine's IPv4 address. */
  readonly host: string;
  /** Default 22. */
  readonly port?: number;
  /** Who logs in. It has to be allowed `sudo` without a password. */
  readonly user: string;
  /** The machine's public key, `ssh-ed25519 AAAA…`. One that shows another is not talked to. */
  readonly hostKey: string;
}

/** sshd takes ten sessions on a connection by default (`MaxSessions`); two are left to others. */
const mostSessions = 8;

/** Milliseconds in which a machine that did not answer is not asked again: everything on it would wait for it in turn. */
const quietTime = 15_000;

/**
 * Milliseconds in which a script has to end; all take less than a second. The machine ends it then, also where nobody is
 * connected any more; one that waits for a broken disk cannot be ended, and is given up after the grace.
 */
export const longestRun = { time: 60_000, grace: 5_000 };

/**
 * Printed before and after a script's own output: what else there is, is the login shell's, such as a greeting in `.bashrc`, or
 * what that says when it exits.
 */
const opening = Buffer.from(`homelab ${randomUUID()}\n`);
const closing = Buffer.from(`homelab ${randomUUID()}\n`);

/** A machine, over one SSH connection for as long as this process lives. */
export class Host {
  readonly restarts = new Restarts(this);
  private readonly queue: (() => void)[] = [];
  private sessions = 0;
  private connection?: Promise<Client>;
  private failure?: { readonly error: LoginError; readonly at: number };

  constructor(private readonly login: HostConnection) {}

  /** Where it is, for messages. */
  get address(): string {
    return this.login.host;
  }

  /**
   * Runs a script as root and gives what it printed. The script has to be one that may run twice: it is run again where the
   * connection broke meanwhile.
   *
   * @param input what it reads on standard input
   * @throws ApiError with the script's exit code, or 0 where the machine does not answer
   */
  async run(script: string, subject: Subject, input = ""): Promise<Buffer> {
    await this.turn();
    try {
      let result = await this.session(script, subject, input);
      for (let attempt = 1; typeof result === "string"; attempt++) {
        if (attempt === patience.attempts) throw this.refusal(0, subject, result, true);
        // A machine that takes fewer sessions at once has ended one by then.
        await pause(patience.pause * 2 ** (attempt - 1));
        result = await this.session(script, subject, input);
      }
      if (result.code === late)
        throw this.refusal(late, subject, `it has not ended within ${longestRun.time / 1000} s`, true);
      if (result.code !== 0) throw this.refusal(result.code, subject, result.stderr);
      const [begin, end] = [result.stdout.indexOf(opening), result.stdout.lastIndexOf(closing)];
      if (begin === -1 || end === -1)
        throw this.refusal(126, subject, "its login shell did something else than it was told to");
      return result.stdout.subarray(begin + opening.length, end);
    } finally {
      this.sessions -= 1;
      this.queue.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.sessions >= mostSessions) await new Promise<void>((resume) => this.queue.push(resume));
    this.sessions += 1;
  }

  /** How the script ended, or why nobody knows. */
  private async session(script: string, subject: Subject, input: string): Promise<Ended | string> {
    const client = await this.connected(subject);
    let limit: NodeJS.Timeout | undefined;
    const result = new Promise<Ended | string>((ended) => {
      let open: ClientChannel | undefined;
      let isGivenUp = false;
      limit = setTimeout(() => {
        isGivenUp = true;
        open?.close();
        ended({ code: late, stdout: Buffer.alloc(0), stderr: "" });
      }, longestRun.time + longestRun.grace);
      client.exec(`sudo sh -c ${shellQuote(bounded(script))}`, (error, channel) => {
        open = channel;
        // Listened to at once: all that the machine says may have come already, in one packet.
        if (error) ended(error.message);
        else if (isGivenUp) channel.close();
        else listen(channel, input, ended);
      });
    });
    return result
      .catch((error: Error) => {
        this.connection = undefined; // it broke, and nobody has said so yet
        return error.message;
      })
      .finally(() => clearTimeout(limit));
  }

  private async connected(subject: Subject): Promise<Client> {
    try {
      return await (this.connection ??= this.connect());
    } catch (error) {
      this.connection = undefined;
      if (!(error instanceof LoginError)) throw error;
      const told = this.refusal(error.status, subject, error.message);
      told.wasDown = error.wasTold;
      error.wasTold = true;
      throw told;
    }
  }

  /** An error that may go away by itself is waited for; then everything fails at once for a while. */
  private async connect(): Promise<Client> {
    if (this.failure && Date.now() - this.failure.at < quietTime) throw this.failure.error;
    for (let attempt = 1; ; attempt++) {
      try {
        const client = await dial(this.login);
        const forget = (): void => void (this.connection = undefined);
        client.on("close", forget).on("error", forget);
        this.failure = undefined;
        return client;
      } catch (error) {
        if (!(error instanceof LoginError)) throw error;
        const passes = error.status === 0 && attempt < patience.attempts && !this.failure;
        if (!passes) {
          error.wasTold = this.failure !== undefined;
          this.failure = { error, at: Date.now() };
          throw error;
        }
        await pause(patience.pause * 2 ** attempt);
      }
    }
  }

  private refusal(status: number, subject: Subject, detail: string, unsure = false): ApiError {
    const { host, user } = this.login;
    const remedies = {
      0: `Check that the machine runs and that this works: ssh ${user}@${host} true`,
      [late]: "It may have been done all the same. Look whether its disk answers: ssh, then `df`.",
      126: `See what this prints, which should be nothing but "ran": ssh ${user}@${host} echo ran. Look into that user's ~/.bashrc, and for a command in ~/.ssh/authorized_keys.`,
      401: "Run it with `npm run up` or another of npm's commands, with homelab:operatorKeyFile naming the key that the machine knows.",
      495: "Who answers there is not this stack's machine, and is told nothing: find out what has its address. A machine that was made again by hand has to be made again by the stack (docs/runbooks/vm-lost.md).",
      ...subject.remedies,
    };
    return new ApiError(`machine ${host}`, status, { ...subject, remedies }, detail, unsure);
  }
}

/** The exit code of `timeout` where it ended what it ran. */
const late = 124;

/** Runs a script between the marks of its output, and ends it where it takes too long. */
const bounded = (script: string): string =>
  [
    `echo ${opening.toString().trim()}`,
    `timeout -k 2 ${longestRun.time / 1000} sh -c ${shellQuote(script)}`,
    "code=$?",
    `echo ${closing.toString().trim()}`,
    "exit $code",
  ].join("\n");

/** How a script ended. */
interface Ended {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Gives the script its input, and tells how it ended. */
function listen(channel: ClientChannel, input: string, ended: (result: Ended | string) => void): void {
  const output: Buffer[] = [];
  let stderr = "";
  let code: number | undefined;
  channel.on("data", (part: Buffer) => output.push(part));
  channel.stderr.on("data", (part: Buffer) => (stderr = `${stderr}${part.toString()}`.slice(0, 2000)));
  channel.on("exit", (status: number | null, signal?: string) => {
    code = status ?? (signal === undefined ? undefined : 128);
  });
  const result = (): Ended | string =>
    code === undefined ? "the connection broke" : { code, stdout: Buffer.concat(output), stderr };
  channel.on("close", () => ended(result()));
  channel.on("error", () => undefined).end(input);
}

/** Why there is no connection: `status` is 0 without an answer, 401 where the key is not taken, 495 for another host key. */
class LoginError extends Error {
  /** Whether a call has failed with it, or with one before it, already. */
  wasTold = false;

  constructor(
    readonly status: 0 | 401 | 495,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The forms in which a machine may show its key: first those that ours has, so that a machine with several keys shows that
 * one; and every other, or a stranger with none of ours would be no stranger, but a machine that cannot be talked to.
 */
function hostKeyForms(own: string): ServerHostKeyAlgorithm[] {
  const forRsa = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
  const others = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", ...forRsa];
  return [...new Set([...(forRsa.includes(own) ? forRsa : [own]), ...others])] as ServerHostKeyAlgorithm[];
}

async function dial({ host, port = 22, user, hostKey }: HostConnection): Promise<Client> {
  const agent = process.env.SSH_AUTH_SOCK;
  if (!agent) throw new LoginError(401, "no SSH agent has the operator's key (SSH_AUTH_SOCK is not set)");
  // Not needed for a preview, which connects to nothing.
  const ssh2 = await import("ssh2");
  const [algorithm = "", blob = ""] = hostKey.trim().split(" ");
  return new Promise((done, failed) => {
    const client = new ssh2.Client();
    const seconds = patience.login / 1000;
    let isStranger = false;
    let isKnown = false;
    client.on("handshake", () => void (isKnown = true)).on("ready", () => done(client));
    client.on("error", (error: Error & { level?: string }) => {
      if (isStranger) failed(new LoginError(495, "it shows another host key than the one that this stack gave it"));
      else if (error.level === "agent") failed(new LoginError(401, `the SSH agent gives no key (${error.message})`));
      else if (error.level === "client-authentication")
        failed(new LoginError(401, `it lets nobody in as ${user} with a key of the SSH agent`));
      else if (error.level === "client-timeout" && isKnown)
        failed(
          new LoginError(0, `it took the connection, but no login within ${seconds} s; see that the SSH agent answers`),
        );
      else failed(new LoginError(0, `${host}:${port}: ${error.message}`));
    });
    client.on("close", () => failed(new LoginError(0, `${host}:${port} closed the connection`)));
    client.connect({
      ...{ host, port, username: user, agent, readyTimeout: patience.login, keepaliveInterval: patience.login },
      algorithms: { serverHostKey: hostKeyForms(algorithm) },
      hostVerifier: (key: Buffer) => {
        isStranger = !key.equals(Buffer.from(blob, "base64"));
        return !isStranger;
      },
    });
  });
}
