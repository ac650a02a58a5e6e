import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { projectRoot } from "../../../tools/versions";
import type { Row } from "../../../lab/kit/rows";
import { Browser } from "../browser";

const bin = join(projectRoot, "node_modules/.bin/esbuild");
const banner =
  "import { createRequire as homelabRequire } from 'node:module'; const require = homelabRequire(import.meta.url);";

export const auth = "http://auth.home.arpa";
export const password = "Correct-Horse-2";

/** The lab's Authentik as a process of its own, at http://auth.home.arpa and every other name that a browser of it asks for. */
export class AuthentikWorld {
  private readonly browsers: Browser[] = [];
  /** What it says on stderr. */
  log = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    private readonly token: string,
  ) {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
  }

  static async start(env: Record<string, string> = {}): Promise<AuthentikWorld> {
    const folder = mkdtempSync(join(tmpdir(), "homelab-authentik-"));
    const bundle = join(folder, "authentik.mjs");
    const options = ["--bundle", "--platform=node", "--target=node20", "--format=esm", "--log-level=error"];
    const entry = join(projectRoot, "tests/helpers/contract/lab-authentik-process.ts");
    execFileSync(bin, [entry, ...options, `--outfile=${bundle}`, `--banner:js=${banner}`]);
    const child = spawn(process.execPath, [bundle], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_PATH: join(projectRoot, "node_modules"), ...env },
    });
    const [line] = (await Promise.race([
      new Promise<string[]>((found) => createInterface({ input: child.stdout }).once("line", (text) => found([text]))),
      new Promise<never>((_, fail) => child.once("exit", (code) => fail(new Error(`Authentik ended with ${code}`)))),
    ])) as [string];
    const { url, token } = JSON.parse(line) as { url: string; token: string };
    return new AuthentikWorld(child, folder, url, token);
  }

  async stop(): Promise<void> {
    for (const browser of this.browsers) browser.close();
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill();
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  browser(): Browser {
    const browser = new Browser({ addresses: { "*.home.arpa": new URL(this.url).host } });
    this.browsers.push(browser);
    return browser;
  }

  /** Asks the REST API as its administrator. Fails unless it is content. */
  async api(method: string, path: string, body?: object): Promise<Row> {
    const response = await fetch(`${this.url}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : {}) as Row;
  }

  async first(path: string): Promise<Row> {
    const [found] = (await this.api("GET", path)).results as Row[];
    if (!found) throw new Error(`${path} finds nothing`);
    return found;
  }

  group = (name: string): Promise<Row> => this.api("POST", "/core/groups/", { name });

  /** A person with {@link password}. */
  async user(username: string, ...groups: Row[]): Promise<Row> {
    const fields = { username, name: `${username} Example`, email: `${username}@home.arpa` };
    const user = await this.api("POST", "/core/users/", fields);
    for (const { pk } of groups) await this.api("POST", `/core/groups/${pk}/add_user/`, { pk: user.pk });
    await this.api("POST", `/core/users/${user.pk}/set_password/`, { password });
    return user;
  }

  flow = (slug: string): Promise<Row> => this.api("GET", `/flows/instances/${slug}/`);

  /** What every provider has. */
  async common(name: string): Promise<Row> {
    const [authorization, invalidation] = await Promise.all([
      this.flow("default-provider-authorization-implicit-consent"),
      this.flow("default-provider-invalidation-flow"),
    ]);
    return { name, authorization_flow: authorization.pk, invalidation_flow: invalidation.pk };
  }

  /** An application that these groups may use, with a confidential client of its name and the secret `secret-of-<name>`. */
  async application(name: string, groups: Row[], more: Row = {}): Promise<{ application: Row; provider: Row }> {
    const [key, ...mappings] = await Promise.all([
      this.first("/crypto/certificatekeypairs/?has_key=true"),
      ...["openid", "email", "profile", "offline_access"].map((scope) =>
        this.first(`/propertymappings/provider/scope/?managed=goauthentik.io/providers/oauth2/scope-${scope}`),
      ),
    ]);
    const provider = await this.api("POST", "/providers/oauth2/", {
      ...(await this.common(name)),
      client_type: "confidential",
      client_id: name,
      client_secret: `secret-of-${name}`,
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [{ matching_mode: "strict", url: callbackOf(name) }],
      signing_key: key?.pk,
      property_mappings: mappings.map(({ pk }) => pk as string),
      ...more,
    });
    return { application: await this.bound(name, provider, groups), provider };
  }

  async bound(name: string, provider: Row, groups: Row[]): Promise<Row> {
    const application = await this.api("POST", "/core/applications/", { name, slug: name, provider: provider.pk });
    for (const [order, { pk: group }] of groups.entries()) {
      await this.api("POST", "/policies/bindings/", { target: application.pk, group, order });
    }
    return application;
  }

  /** Events of an action, the newest first. */
  events = async (action: string): Promise<Row[]> =>
    (await this.api("GET", `/events/events/?action=${action}&ordering=-created`)).results as Row[];
}

export const callbackOf = (name: string): string => `http://${name}.home.arpa/callback`;
