import { setTimeout as pause } from "node:timers/promises";

import type { Client, ClientChannel } from "ssh2";

import { shellQuote } from "./shell";
import { ApiError, patience, type Subject } from "../dynamic/http";
import type { HostConnection } from "./connection";

/** sshd takes ten sessions on a connection by default (`MaxSessions`); two are left to others. */
const mostSessions = 8;

/** Milliseconds in which a machine has to take a connection and show its key. */
const patienceForLogin = 10_000;

/** Milliseconds in which a machine that did not answer is not asked again: everything on it would wait for it in turn. */
const quietTime = 15_000;

/** A machine, over one SSH connection for as long as this process lives. */
export class Host {
  private readonly queue: (() => void)[] = [];
  private sessions = 0;
  private connection?: Promise<Client>;
  private failure?: { readonly error: LoginError; readonly at: number };

  constructor(private readonly login: HostConnection) {}

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
      const result = (await this.session(script, subject, input)) ?? (await this.session(script, subject, input));
      if (!result) throw this.refusal(0, subject, "the connection broke twice", true);
      if (result.code !== 0) throw this.refusal(result.code, subject, result.stderr);
      return result.stdout;
    } finally {
      this.sessions -= 1;
      this.queue.shift()?.();
    }
  }

  /** Ends the connection. Another one is made when there is more to do. */
  async close(): Promise<void> {
    const client = await this.connection?.catch(() => undefined);
    this.connection = undefined;
    client?.end();
  }

  private async turn(): Promise<void> {
    if (this.sessions >= mostSessions) await new Promise<void>((resume) => this.queue.push(resume));
    this.sessions += 1;
  }

  /** How the script ended; nothing where the connection broke before it did. */
  private async session(script: string, subject: Subject, input: string): Promise<Ended | undefined> {
    const client = await this.connected(subject);
    const channel = await new Promise<ClientChannel | undefined>((opened) => {
      client.exec(`sudo sh -c ${shellQuote(script)}`, (error, made) => opened(error ? undefined : made));
    }).catch(() => undefined);
    if (!channel) {
      if (this.connection) await this.close();
      return undefined;
    }
    return new Promise((ended) => {
      const output: Buffer[] = [];
      let stderr = "";
      let code: number | undefined;
      channel.on("data", (part: Buffer) => output.push(part));
      channel.stderr.on("data", (part: Buffer) => (stderr = `${stderr}${part.toString()}`.slice(0, 2000)));
      channel.on("exit", (status: number | null, signal?: string) => {
        code = status ?? (signal === undefined ? undefined : 128);
      });
      channel.on("close", () =>
        ended(code === undefined ? undefined : { code, stdout: Buffer.concat(output), stderr }),
      );
      channel.on("error", () => undefined).end(input);
    });
  }

  private async connected(subject: Subject): Promise<Client> {
    try {
      return await (this.connection ??= this.connect());
    } catch (error) {
      this.connection = undefined;
      if (!(error instanceof LoginError)) throw error;
      const told = this.refusal(error.status, subject, error.message);
      told.wasDown = this.failure?.error === error;
      this.failure = { error, at: Date.now() };
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
        return client;
      } catch (error) {
        const passes = error instanceof LoginError && error.status === 0 && error.code !== "NO_AGENT";
        if (!passes || attempt === patience.attempts) throw error;
        await pause(patience.pause * 2 ** attempt);
      }
    }
  }

  private refusal(status: number, subject: Subject, detail: string, unsure = false): ApiError {
    const { host, user } = this.login;
    const remedies = {
      0: `Check that the machine runs and that this works: ssh ${user}@${host} true`,
      401: "Run it with `npm run up` or another of npm's commands, with homelab:operatorKeyFile naming the key that the machine knows.",
      495: "Who answers there is not this stack's machine: find out what has its address. A machine that was made again by hand has to be made again by the stack.",
      ...subject.remedies,
    };
    return new ApiError(`machine ${host}`, status, { ...subject, remedies }, detail, unsure);
  }
}

/** How a script ended. */
interface Ended {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Why there is no connection: `status` is 0 without an answer, 401 where the key is not taken, 495 for another host key. */
class LoginError extends Error {
  constructor(
    readonly status: 0 | 401 | 495,
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

async function dial({ host, port = 22, user, hostKey }: HostConnection): Promise<Client> {
  const agent = process.env.SSH_AUTH_SOCK;
  if (!agent) throw new LoginError(401, "no SSH agent has the operator's key (SSH_AUTH_SOCK is not set)");
  // Not needed for a preview, which connects to nothing.
  const ssh2 = await import("ssh2");
  const [algorithm = "", blob = ""] = hostKey.trim().split(" ");
  return new Promise((done, failed) => {
    const client = new ssh2.Client();
    let isStranger = false;
    client.on("ready", () => done(client));
    client.on("error", (error: Error & { level?: string }) => {
      if (isStranger) failed(new LoginError(495, "it shows another host key than the one that this stack gave it"));
      else if (error.level === "client-authentication")
        failed(new LoginError(401, `it lets nobody in as ${user} with a key of the SSH agent`));
      else failed(new LoginError(0, error.message));
    });
    client.on("close", () => failed(new LoginError(0, "the connection was closed")));
    client.connect({
      ...{ host, port, username: user, agent, readyTimeout: patienceForLogin, keepaliveInterval: patienceForLogin },
      algorithms: { serverHostKey: [algorithm as "ssh-ed25519"] },
      hostVerifier: (key: Buffer) => {
        isStranger = !key.equals(Buffer.from(blob, "base64"));
        return !isStranger;
      },
    });
  });
}
