import { Readable } from "node:stream";

import { newUser } from "../../../lab/authentik/api/kinds/users";
import type { Row } from "../../../lab/kit/rows";
import { patience } from "../../../providers/dynamic/http";
import type { RemoteShell } from "../../../tools/remote-shell";
import type { Outcome } from "../../../tools/run";
import { readCommand } from "../../../tools/sso-commands";
import type { SsoStack } from "../../../tools/sso-stack";
import type { StateResource } from "../../../tools/stack";
import { AuthentikApi } from "./authentik-api";
import { rootCertificate } from "./pulumi-mocks";

/** Outcome of a program that went well. */
export const went = (stdout: string): Outcome => ({ code: 0, stdout, stderr: "" });

/**
 * A stack, its Authentik and its machine, for the commands of `npm run sso`. Pulumi and the machine answer what is set here;
 * they check nothing but that they are asked for it.
 */
export class SsoSetting {
  resources: StateResource[] = [];
  output: Outcome;
  /** Arguments of each `up`, and its exit code. */
  readonly updates: string[][] = [];
  updateEnds = 0;
  /** What was run on the machine, and what it says. */
  readonly ran: string[][] = [];
  machineSays = went("");
  stdin = "";
  /** Standard output, and what was told besides. */
  printed = "";
  told = "";

  private constructor(readonly api: AuthentikApi) {
    const admin = { url: this.url, address: "127.0.0.1", token: this.token, username: "akadmin", rootCertificate };
    this.output = went(JSON.stringify({ ...admin, password: "Admin-Password-1" }));
  }

  static async start(): Promise<SsoSetting> {
    patience.pause = 1;
    const setting = new SsoSetting(await AuthentikApi.start());
    const { objects } = setting.api;
    const flow = objects.by("flows", "slug", "default-authentication-flow");
    Object.assign(objects.brand ?? {}, { flow_recovery: flow?.pk });
    const policy = { name: "homelab-failed-logins", component: "ak-policy-reputation-form", threshold: -5 };
    objects.insert("policies", { ...policy, execution_logging: false, check_ip: false, check_username: true });
    return setting;
  }

  get url(): string {
    return this.api.connection.endpoint;
  }

  get token(): string {
    return this.api.connection.token;
  }

  readonly stack: SsoStack = {
    pulumi: async (args) => {
      const command = args.filter((arg) => arg !== "--non-interactive").join(" ");
      const answers: Record<string, Outcome> = {
        "stack output ssoAdmin --json --show-secrets": this.output,
        "stack export": went(JSON.stringify({ deployment: { resources: this.resources } })),
      };
      const answer = answers[command];
      if (!answer) throw new Error(`unexpected: pulumi ${command}`);
      return answer;
    },
    up: async (args) => {
      this.updates.push([...args]);
      return this.updateEnds;
    },
    commands: { sso: "npm run sso -- --stack homelab", up: "npm run up -- --stack homelab" },
  };

  private readonly machine: RemoteShell = async (command) => {
    this.ran.push([...command]);
    return this.machineSays;
  };

  /** Runs a command line; its exit code, or 2 where it is none. */
  async run(...line: string[]): Promise<number> {
    const command = readCommand(line);
    if (!command) return 2;
    return command.run({
      stack: this.stack,
      report: (text) => (this.told += `${text}\n`),
      print: (text) => (this.printed += `${text}\n`),
      stdin: Readable.from([this.stdin]),
      machine: () => this.machine,
    });
  }

  /** Adds a user who is in groups of these names. */
  user(username: string, groups: readonly string[] = [], fields: Row = {}): Row {
    const { objects } = this.api;
    const pks = groups.map((name) => {
      const found = objects.by("groups", "name", name);
      const fresh = { name, is_superuser: false, parents: [], attributes: {}, roles: [] };
      return (found ?? objects.insert("groups", fresh)).pk;
    });
    const email = `${username}@home.arpa`;
    return objects.insertNumbered("users", {
      ...newUser(objects),
      username,
      name: username,
      email,
      groups: pks,
      ...fields,
    });
  }

  device(user: Row, type: "totp" | "static", name: string): Row {
    const created = this.api.objects.now();
    return this.api.objects.insertNumbered("devices", { type, user: user.pk, name, confirmed: true, created });
  }

  /** A browser in which a user is logged in. */
  session(user: Row, id: string): Row {
    const { objects } = this.api;
    const from = { last_ip: "192.168.1.20", last_user_agent: "Mozilla/5.0", last_used: objects.now() };
    const times = { since: objects.clock(), expires: objects.clock() + 60_000 };
    return objects.insert("sessions", { id, user: user.pk, ...times, ...from });
  }

  /** Failed logins of one name from one address. */
  score(identifier: string, ip: string, score: number): Row {
    const { objects } = this.api;
    return objects.insert("reputation", {
      identifier,
      ip,
      score,
      updated: objects.now(),
      expires: objects.now(900_000),
    });
  }

  /** Answers in place of the stand-in, which has no such list. */
  list(path: string, results: Row[] = []): void {
    const pagination = { next: 0, previous: 0, count: results.length, current: 1, total_pages: 1 };
    this.api.fail({ match: `GET ${path}`, as: 200, body: { pagination, results } });
  }

  /** Nothing but this status comes back any more. */
  outage(status: number): void {
    this.api.fail({ match: "", as: status, times: 1000 });
  }

  stop(): Promise<void> {
    return this.api.stop();
  }
}
