import type { AddressInfo, Socket } from "node:net";

import { Server, utils, type Algorithms, type Connection } from "ssh2";

import type { Sandbox } from "./machine-stub";
import { sshKeyPair } from "./ssh-keys";

/** An SSH server that runs what it is told in a sandbox, as the machine's would. */
export class HostServer {
  /** The key that may log in. */
  static readonly operator = sshKeyPair();
  readonly connections = new Set<Connection>();
  /** Connections since the start, and every command with how many others ran beside it. */
  opened = 0;
  readonly commands: { text: string; beside: number }[] = [];
  /** Commands of which nobody hears any more. */
  closed = 0;
  /** Called before a command runs; what it gives is awaited. */
  before: (command: string) => Promise<void> | void = () => undefined;
  /** What the user's login shell does before it runs a command. */
  greeting = "";
  /** How much of its input a command gets. */
  arrives = (input: string): string => input;
  /** How many commands it takes at once. */
  mostSessions = 10;
  /** Whether all that it says of a command goes out at once. */
  inOnePacket = false;
  private running = 0;
  private readonly server: Server;

  constructor(
    sandbox: Sandbox,
    private readonly hostKey = sshKeyPair(),
    algorithms: Algorithms = {},
  ) {
    const allowed = utils.parseKey(HostServer.operator.public);
    if (allowed instanceof Error) throw allowed;
    this.server = new Server({ hostKeys: [hostKey.private], algorithms }, (connection) => {
      this.opened += 1;
      this.connections.add(connection);
      connection.on("error", () => undefined).on("close", () => void this.connections.delete(connection));
      connection.on("authentication", (attempt) => {
        const isKnown = attempt.method === "publickey" && attempt.key.data.equals(allowed.getPublicSSH());
        const { signature, blob, hashAlgo } = attempt as { signature?: Buffer; blob?: Buffer; hashAlgo?: string };
        if (isKnown && (!signature || allowed.verify(blob ?? "", signature, hashAlgo) === true)) attempt.accept();
        else attempt.reject(["publickey"]);
      });
      connection.on("session", (accept, refuse) => {
        if (this.running >= this.mostSessions) return refuse();
        accept().on("exec", (take, _refuse, { command }) => {
          const socket = (connection as unknown as { _sock: Socket })._sock;
          if (this.inOnePacket) socket.cork();
          const channel = take();
          channel.on("close", () => (this.closed += 1));
          this.commands.push({ text: command, beside: this.running });
          this.running += 1;
          const input: Buffer[] = [];
          channel.on("data", (part: Buffer) => input.push(part));
          const whole = this.inOnePacket
            ? Promise.resolve("")
            : new Promise<string>((ended) => channel.on("end", () => ended(Buffer.concat(input).toString())));
          void Promise.all([whole, this.before(command)])
            .then(([stdin]) => sandbox.run(`${this.greeting}\n${command}`, { stdin: this.arrives(stdin) }))
            .then(({ status, stdout, stderr }) => {
              this.running -= 1;
              channel.write(stdout);
              channel.stderr.write(stderr);
              channel.exit(status);
              channel.end();
              if (this.inOnePacket) setTimeout(() => socket.uncork(), 20);
            });
        });
      });
    });
  }

  async start(port = 0): Promise<{ host: string; user: string; hostKey: string }> {
    await new Promise<void>((listening) => this.server.listen(port, "127.0.0.1", listening));
    return { host: "127.0.0.1", user: "ops", hostKey: `${this.hostKey.public}\n` };
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const connection of this.connections) connection.end();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.server.close(closed));
  }
}
