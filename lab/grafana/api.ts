import type { Accounts } from "./accounts";
import { Refusal } from "./refusal";
import { provider, type SsoSettings } from "./sso-settings";
import type { User } from "./state";

/** A call of the API. */
export interface ApiCall {
  readonly method: string;
  /** Below `/api`. */
  readonly path: string;
  readonly authorization?: string;
  /** The user of the session. */
  readonly user?: User;
  /** The body, as text. */
  readonly content: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** Tokens of service accounts, which in the open-source edition never administer the server. */
export type ServiceAccountTokens = readonly string[];

/** Grafana's HTTP API, as far as it is about logging in. */
export class Api {
  constructor(
    private readonly settings: SsoSettings,
    private readonly accounts: Accounts,
    private readonly tokens: ServiceAccountTokens,
    private readonly save: () => void,
  ) {}

  answer(call: ApiCall): ApiAnswer {
    const { method, path } = call;
    if (path === "/health") return { status: 200, body: { database: "ok", version: "12.2.0", commit: "lab" } };
    const user = this.callerOf(call);
    const [, key] = /^\/v1\/sso-settings(?:\/([^/]*))?$/.exec(path) ?? [];
    if (/^\/v1\/sso-settings(\/|$)/.test(path)) return this.ssoSettings(call, user, decodeURIComponent(key ?? ""));
    if (method !== "GET" || user === undefined) throw notFound();
    if (path === "/user") return { status: 200, body: profile(user) };
    if (path === "/user/orgs") return { status: 200, body: [{ orgId: 1, name: "Main Org.", role: user.role }] };
    if (path === "/org") return { status: 200, body: { id: 1, name: "Main Org.", address: {} } };
    throw notFound();
  }

  private ssoSettings({ method, content }: ApiCall, user: User | undefined, key: string): ApiAnswer {
    if (user?.isGrafanaAdmin !== true) throw denied(method === "GET" ? "settings:read" : "settings:write");
    if (method === "GET" && key === "") return { status: 200, body: [this.settings.get(provider)] };
    if (method === "GET") return { status: 200, body: this.settings.get(key) };
    if (method === "PUT") this.settings.put(key, bodyOf(content).settings);
    else if (method === "DELETE") this.settings.delete(key);
    else throw notFound();
    this.save();
    return { status: 204 };
  }

  /** Who calls; `undefined` for a service account, which is no user. */
  private callerOf({ authorization = "", user }: ApiCall): User | undefined {
    const [, scheme = "", value = ""] = /^(\w+) (.+)$/.exec(authorization) ?? [];
    if (scheme.toLowerCase() === "basic") {
      const [, login = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, "base64").toString()) ?? [];
      return this.accounts.local(login, password);
    }
    if (scheme.toLowerCase() === "bearer") {
      if (this.tokens.includes(value)) return undefined;
      throw new Refusal(401, "api-key.invalid", "Invalid API key");
    }
    if (user) return user;
    throw new Refusal(401, "auth.unauthorized", "Unauthorized");
  }
}

const notFound = (): Refusal => new Refusal(404, "", "Not found");

const denied = (action: string): Refusal =>
  new Refusal(403, "", `You'll need additional permissions to perform this action. Permissions needed: ${action}`);

export function bodyOf(content: string): Record<string, unknown> {
  try {
    return JSON.parse(content) as Record<string, unknown>;
  } catch {
    throw new Refusal(400, "", "Failed to parse request body");
  }
}

const profile = ({ id, login, email, name, isGrafanaAdmin, subject }: User): object => ({
  id,
  login,
  email,
  name,
  orgId: 1,
  isGrafanaAdmin,
  isDisabled: false,
  isExternal: subject !== undefined,
  authLabels: subject === undefined ? [] : ["Generic OAuth"],
});
