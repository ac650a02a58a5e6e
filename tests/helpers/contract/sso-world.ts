import { Secret, TOTP } from "otpauth";

import { lockout } from "../../../components/sso/lockout";
import { newUser } from "../../../lab/authentik/api/kinds/users";
import { Logins } from "../../../lab/authentik/flows/logins";
import { type RunningAuthentik, startAuthentik } from "../../../lab/authentik/testing";
import type { Row } from "../../../lab/kit/rows";
import { freshness } from "../../../providers/authentik/memory";
import { deploy } from "../unit/pulumi-mocks";
import { Stack } from "../unit/provider-stack";
import { authentikType, config, makeAccess, objects } from "../unit/sso-program";
import { Browser, jsonIn, type Page } from "../browser";

export const auth = "http://auth.home.arpa";
export const password = "Correct-Horse-2";
const totp = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** The lab's Authentik in this process, set up as the program does, with a clock that a test puts forward. */
export class SsoWorld {
  private readonly browsers: Browser[] = [];
  /** Each object that the program made, by its name. */
  readonly made = new Map<string, { stack: Stack; args: object }>();
  now = Date.parse("2026-11-28T12:00:00Z");

  private constructor(readonly authentik: RunningAuthentik) {
    this.objects.clock = () => this.now;
  }

  static async start(changes: Record<string, unknown> = {}): Promise<SsoWorld> {
    process.env.AUTHENTIK_REPUTATION__EXPIRY = String(lockout.minutes * 60);
    // What a test does by hand is seen at once.
    freshness.time = 0;
    const authentik = await startAuthentik({ before: (request, response) => logins.handle(request, response) });
    const logins = new Logins(authentik.objects);
    const world = new SsoWorld(authentik);
    const deployed = await deploy(() => makeAccess(config(changes).sso));
    const connection = { endpoint: authentik.url, token: authentik.token };
    for (const { type, name, inputs } of objects(deployed)) {
      // The recorded key is none.
      if (type === authentikType("KeyPair")) continue;
      const kind = type.replace(authentikType(""), "");
      const args = Object.fromEntries(
        Object.entries(inputs).filter(([key]) => !["connection", "installation", "__provider"].includes(key)),
      );
      const stack = new Stack(kind, connection, "authentik");
      await stack.up(args);
      world.made.set(name, { stack, args });
    }
    return world;
  }

  get objects() {
    return this.authentik.objects;
  }

  /** Adds somebody with {@link password}; `hasTotp`: and an authenticator app. */
  user(username: string, groups: readonly string[] = [], hasTotp = false): Row {
    const row = this.objects.insertNumbered("users", {
      ...{ ...newUser(this.objects), username, name: username, email: `${username}@home.arpa` },
      groups: groups.map((name) => this.objects.by("groups", "name", name)?.pk),
    });
    this.objects.setPassword(row, password);
    if (hasTotp) {
      const device = { type: "totp", user: row.pk, name: "phone", confirmed: true, digits: 6 };
      this.objects.hidden.totpSecrets[this.objects.insertNumbered("devices", device).pk] = totp;
    }
    return row;
  }

  /** The code that an authenticator app shows now. */
  code = (): string => new TOTP({ secret: Secret.fromBase32(totp) }).generate({ timestamp: this.now });

  /** What is behind the `?` of a link for a new password. */
  async recoveryLink({ pk }: Row): Promise<string> {
    const headers = { authorization: `Bearer ${this.authentik.token}`, "content-type": "application/json" };
    const body = JSON.stringify({ token_duration: "hours=1" });
    const url = `${this.authentik.url}/api/v3/core/users/${pk}/recovery/`;
    const { link } = (await (await fetch(url, { method: "POST", headers, body })).json()) as { link: string };
    return new URL(link).search.slice(1);
  }

  visitor(): Visitor {
    const browser = new Browser({ addresses: { "*.home.arpa": new URL(this.authentik.url).host } });
    this.browsers.push(browser);
    return new Visitor(browser);
  }

  /** What the last answer is of a login by the flow that the brand has. */
  async login(username: string, ...answers: object[]): Promise<Row> {
    return this.visitor().go("homelab-login", { uid_field: username }, ...answers);
  }

  /** Fails to log in so many times. */
  async fail(username: string, times: number): Promise<void> {
    for (let count = 0; count < times; count++) await this.login(username, { password: "wrong" });
  }

  async stop(): Promise<void> {
    for (const browser of this.browsers) browser.close();
    await this.authentik.stop();
  }
}

/** One browser in front of the flow executor. */
export class Visitor {
  constructor(readonly browser: Browser) {}

  /** Asks for the next challenge of a flow, or answers the one before. */
  async ask(slug: string, json?: object, query = ""): Promise<Row> {
    const page = { url: new URL(`${auth}/if/flow/${slug}/`) } as Page;
    const url = `/api/v3/flows/executor/${slug}/?query=${encodeURIComponent(query)}`;
    return jsonIn<Row>(await this.browser.fetch(page, url, json ? { method: "POST", json } : {}));
  }

  /** Begins a flow and gives these answers, until it is over; what comes last. */
  async go(slug: string, ...answers: object[]): Promise<Row> {
    let challenge = await this.ask(slug);
    for (const json of answers) {
      if (isOver(challenge)) break;
      challenge = await this.ask(slug, json);
    }
    return challenge;
  }

  /** Whether somebody is logged in. */
  async isIn(): Promise<boolean> {
    return (await this.browser.step(`${auth}/if/user/`)).status === 200;
  }
}

const isOver = ({ component }: Row): boolean => /^(ak-stage-access-denied|xak-flow-redirect)$/.test(String(component));
