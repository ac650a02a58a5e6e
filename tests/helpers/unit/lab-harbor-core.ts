import { generateKeyPairSync } from "node:crypto";
import type { Server } from "node:http";

import { Core } from "../../../lab/harbor/core/server";
import type { Settings } from "../../../lab/harbor/core/settings";
import { portOf } from "../../../lab/kit/http";
import type { Row } from "../../../lab/kit/rows";
import { MemoryStore } from "../../../lab/kit/store";

export const adminPassword = "Admin-Password-1";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

const nowhere = "http://127.0.0.1:9";

/** Core alone: whatever else Harbor consists of does not answer. */
export class LoneCore {
  private readonly store = new MemoryStore();
  private server!: Server;
  core!: Core;

  static async start(rootFolders: string[] = []): Promise<LoneCore> {
    const lone = new LoneCore();
    await lone.restart(rootFolders);
    return lone;
  }

  /** Ends core and starts it anew with what it has stored. */
  async restart(rootFolders: string[] = []): Promise<void> {
    await this.stop();
    this.core = await Core.start(settings(rootFolders), this.store, adminPassword);
    this.server = await this.core.listen(0);
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.server)}`;
  }

  /** Calls the REST API with a Basic login. */
  async api(method: string, path: string, body?: object, login = `admin:${adminPassword}`): Promise<Reply> {
    const headers = { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
    return reply(await fetch(`${this.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) }));
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server ? this.server.close(resolve) : resolve(undefined)));
  }
}

export interface Reply {
  status: number;
  headers: Headers;
  body: Row;
}

/** Cookies and the token against forgery, as Harbor's page has them. */
export class HarborPage {
  private readonly cookies = new Map<string, string>();
  private token: string | null = null;

  constructor(private readonly core: LoneCore) {}

  get session(): string | undefined {
    return this.cookies.get("sid");
  }

  async send(method: string, path: string, body?: URLSearchParams | object): Promise<Reply> {
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { cookie, ...(this.token !== null && { "x-harbor-csrf-token": this.token }) };
    const text = body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);
    const options = { method, headers, redirect: "manual", ...(body && { body: text }) } as const;
    const response = await fetch(`${this.core.url}${path}`, options);
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    this.token = response.headers.get("x-harbor-csrf-token") ?? this.token;
    return reply(response);
  }

  get(path: string): Promise<Reply> {
    return this.send("GET", path);
  }

  /** The form of the local login; the first attempt only fetches the token, as the page's does. */
  async logIn(principal: string, password: string): Promise<Reply> {
    const form = new URLSearchParams({ principal, password });
    const first = await this.send("POST", "/c/login", form);
    return first.status === 403 && first.body.errors ? this.send("POST", "/c/login", form) : first;
  }
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json" && text !== "";
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : {}) as Row };
}

const settings = (rootFolders: string[]): Settings => ({
  externalUrl: "https://registry.home.arpa",
  coreUrl: nowhere,
  portalUrl: nowhere,
  registryUrl: nowhere,
  registryLogin: "registry:secret",
  registryctlUrl: nowhere,
  jobserviceUrl: nowhere,
  scannerUrl: nowhere,
  redisUrl: "redis://127.0.0.1:9/0",
  registryRedisUrl: "redis://127.0.0.1:9/1",
  coreSecret: "secret",
  imageStore: "/",
  gcWindowHours: 2,
  rootFolders,
  tokenKey: privateKey,
});
