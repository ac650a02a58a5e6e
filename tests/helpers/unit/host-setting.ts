import { statSync, writeFileSync } from "node:fs";

import { patience } from "../../../providers/dynamic/http";
import { serveOperatorKey } from "../../../tools/operator-agent";
import { site } from "../../../providers/host/folders";
import { restarting } from "../../../providers/host/restarts";
import { HostServer } from "./host-server";
import { Sandbox } from "./machine-stub";
import { Stack } from "./provider-stack";

/** Who runs the tests, as a file's owner. */
export const me = `${process.getuid?.()}:${process.getgid?.()}`;

/** A machine for each test of a suite, and the operator's key in an agent. */
export class HostSetting {
  sandbox!: Sandbox;
  server!: HostServer;
  connection!: { host: string; port: number; user: string; hostKey: string };
  private readonly keys = new Sandbox();
  private agent = "";

  constructor() {
    const environment = process.env.SSH_AUTH_SOCK;
    const original = { ...patience };
    const inReality = { site: { ...site }, restarting: { ...restarting } };
    beforeAll(async () => void (this.agent = await this.agentWith(HostServer.operator.private)));
    afterAll(() => this.keys.remove());
    beforeEach(async () => {
      const chown = `stat -c %a "$2" >> "$0.modes"; exec /bin/chown "$@"`;
      this.sandbox = new Sandbox({ chown, docker: "exit 0" });
      site.root = this.sandbox.directory;
      Object.assign(restarting, { collect: 300, look: 5 });
      this.server = new HostServer(this.sandbox);
      this.connection = { ...(await this.server.start()), port: this.server.port };
      process.env.SSH_AUTH_SOCK = this.agent;
      Object.assign(patience, { pause: 5 });
    });
    afterEach(async () => {
      await this.server.stop();
      this.sandbox.remove();
      Object.assign(patience, original);
      Object.assign(site, inReality.site);
      Object.assign(restarting, inReality.restarting);
      if (environment === undefined) delete process.env.SSH_AUTH_SOCK;
      else process.env.SSH_AUTH_SOCK = environment;
    });
  }

  /** The socket of an agent that has this key. */
  agentWith(key: string): Promise<string> {
    writeFileSync(this.keys.path("key"), key, { mode: 0o600 });
    return serveOperatorKey(
      () => Promise.resolve(this.keys.path("key")),
      (line) => {
        throw new Error(line);
      },
    );
  }

  file = (): Stack => new Stack("File", this.connection, "host");
  directory = (): Stack => new Stack("Directory", this.connection, "host");
  /** Arguments of a file. */
  args = (more: object = {}) => ({ path: this.sandbox.path("etc/file"), content: "text\n", owner: me, ...more });
}

/** The permissions of a file, in octal. */
export const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
