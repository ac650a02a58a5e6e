import { IncomingMessage } from "node:http";

import type Provider from "oidc-provider";

import type { Row } from "../../kit/rows";
import type { Exchange } from "../flows/exchange";
import { defaultFlow } from "../flows/executor";
import { mayUse } from "../flows/policies";
import { named } from "../flows/reputation";
import type { Sessions } from "../flows/sessions";
import type { AuthentikObjects } from "../objects";
import { Unsupported } from "../unsupported";
import { scopesOf } from "./claims";
import { discovery, issuerOf, shared } from "./discovery";
import { signingKey } from "./keys";
import { type Client, fingerprint, internalCookie, isRedirectUri, makeProvider } from "./provider";
import { TokenStore } from "./token-store";

/** The OpenID endpoints of all applications: those of one client each, and the shared ones, which find out whose request it is. */
export class OpenIdEndpoints {
  private readonly made = new Map<string, { fingerprint: string; provider: Promise<Provider> }>();
  private readonly store: TokenStore;

  constructor(
    private readonly objects: AuthentikObjects,
    private readonly sessions: Sessions,
  ) {
    this.store = new TokenStore(objects, sessions);
  }

  async handle(exchange: Exchange): Promise<void> {
    const [name = "", ...rest] = exchange.url.pathname.slice(shared.length).split("/");
    switch (name) {
      case "authorize":
        return this.authorize(exchange);
      case "token":
      case "introspect":
      case "revoke":
        return this.forClient(exchange, `/${name}`);
      case "userinfo":
        return this.userinfo(exchange);
      default:
        return this.ofApplication(exchange, name, rest.join("/"));
    }
  }

  private async authorize(exchange: Exchange): Promise<void> {
    const { objects, sessions } = this;
    const query = exchange.method === "POST" ? new URLSearchParams(await exchange.body()) : exchange.url.searchParams;
    const client = this.client(exchange, query.get("client_id"));
    if (!client)
      return exchange.page(400, "Client ID Error", "The client identifier (client_id) is missing or invalid.");
    const { application, provider } = client;
    if (!isRedirectUri(provider, query.get("redirect_uri") ?? "")) {
      const message = "Invalid redirect URI used by provider";
      objects.record("configuration_error", undefined, { message, provider: named(provider) }, exchange.clientIp);
      objects.changed();
      return exchange.page(
        400,
        "Redirect URI Error",
        "The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).",
      );
    }
    const user = sessions.userOf(exchange);
    const session = sessions.of(exchange);
    const prompts = (query.get("prompt") ?? "").split(" ").filter(Boolean);
    if (!prompts.includes("none")) {
      if (!user || !session) return this.logIn(exchange);
      session.isAskedAgain = !session.isAskedAgain && this.isStale(session.since, query);
      if (session.isAskedAgain) return this.logIn(exchange);
    }
    if (user && !mayUse(objects, application, { user, username: user.username, ip: exchange.clientIp })) {
      return refuse(exchange);
    }
    this.needsNoConsent(provider);
    const scopes = (query.get("scope") ?? "").split(" ").filter((scope) => this.scopeNames(provider).includes(scope));
    query.set("scope", scopes.join(" "));
    query.delete("max_age");
    query.delete("prompt");
    // OpenID wants consent for offline access. Authentik gives it without.
    if (prompts.includes("none")) query.set("prompt", "none");
    else if (scopes.includes("offline_access")) query.set("prompt", "consent");
    const id = user && session ? session.id : "none";
    exchange.response.once("finish", () => {
      if (user && /[?&#]code=/.test(String(exchange.response.getHeader("location") ?? "")))
        this.authorized(exchange, user, client, scopes);
    });
    await this.pass(exchange, client, `/authorize?${query}`, { method: "GET", cookie: `${internalCookie}=${id}` });
  }

  /** Leads to the login page, and back here. */
  private logIn(exchange: Exchange): void {
    const flow = defaultFlow(this.objects, "authentication");
    if (!flow) return exchange.page(404, "Not Found", "There is no flow to log in with.");
    const next = encodeURIComponent(exchange.url.pathname + exchange.url.search);
    exchange.redirect(`/if/flow/${flow.slug}/?next=${next}`);
  }

  /** Whether the client wants a login that is newer. One of the last seconds is the one that it asked for. */
  private isStale(since: number, query: URLSearchParams): boolean {
    const age = (this.objects.clock() - since) / 1000;
    const most = (query.get("prompt") ?? "").split(" ").includes("login") ? "0" : query.get("max_age");
    return most !== null && age > Math.max(Number(most), 10);
  }

  private authorized(exchange: Exchange, user: Row, { application, provider }: Client, scopes: string[]): void {
    const { pk, name } = application;
    const context = {
      authorized_application: {
        pk: String(pk).replaceAll("-", ""),
        app: "authentik_core",
        name,
        model_name: "application",
      },
      flow: String(provider.authorization_flow ?? "").replaceAll("-", ""),
      scopes: scopes.join(", "),
    };
    this.objects.record("authorize_application", user, context, exchange.clientIp);
    this.objects.changed();
  }

  private needsNoConsent(provider: Row): void {
    const flow = this.objects.by("flows", "pk", provider.authorization_flow);
    if (!flow || this.objects.stagesOf(flow).length === 0) return;
    throw new Unsupported(`the lab's Authentik has no authorization flow with stages, as ${flow.slug}`);
  }

  private async forClient(exchange: Exchange, path: string): Promise<void> {
    const form = new URLSearchParams(await exchange.body());
    const client = this.client(exchange, basic(exchange)?.[0] ?? form.get("client_id"));
    if (!client)
      return exchange.json(400, { error: "invalid_client", error_description: "Client authentication failed" });
    if (client.provider.client_type === "public") {
      // A public client may send a secret, which nobody looks at.
      form.delete("client_secret");
      form.set("client_id", client.provider.client_id);
      return this.pass(exchange, client, path, { method: exchange.method, form });
    }
    await this.pass(exchange, client, path, {
      method: exchange.method,
      form,
      authorization: exchange.request.headers.authorization,
    });
  }

  private async userinfo(exchange: Exchange): Promise<void> {
    const { authorization = "" } = exchange.request.headers;
    const [, token = ""] = /^Bearer\s+(\S+)$/i.exec(authorization) ?? [];
    const stored = this.store.find("AccessToken", token);
    const client = this.client(exchange, stored?.clientId ?? null);
    if (client) return this.pass(exchange, client, "/userinfo", { method: "GET", authorization });
    exchange.response.setHeader(
      "www-authenticate",
      'Bearer error="invalid_token", error_description="The access token is invalid"',
    );
    exchange.json(401, {
      error: "invalid_token",
      error_description: "The access token provided is expired, revoked, malformed, or invalid",
    });
  }

  private async ofApplication(exchange: Exchange, slug: string, rest: string): Promise<void> {
    const application = this.objects.by("applications", "slug", slug);
    const provider = application && this.objects.providerOf(application);
    if (!application || !provider) return exchange.page(404, "Not Found", "There is no such application.");
    if (rest === "end-session/") return this.endSession(exchange, application, provider);
    const known = ["jwks/", ".well-known/openid-configuration"].includes(rest);
    if (!known || !this.objects.oauth2Providers.includes(provider)) {
      return exchange.page(404, "Not Found", "There is no such page.");
    }
    const key = signingKey(this.objects, provider.signing_key);
    exchange.response.setHeader("access-control-allow-origin", "*");
    if (rest === "jwks/") return exchange.json(200, key ? { keys: [key.publicKey] } : {});
    const claims = scopesOf(this.objects, provider).flatMap((scope) => scope.claims);
    exchange.json(200, discovery(exchange.url.origin, application, provider, key, this.scopeNames(provider), claims));
  }

  /** Ends the session where the provider's invalidation flow does, and goes where the client asks, if that is registered. */
  private endSession(exchange: Exchange, application: Row, provider: Row): void {
    const flow = this.objects.by("flows", "pk", provider.invalidation_flow);
    const logsOut =
      flow && this.objects.stagesOf(flow).some(({ stage }) => stage.component === "ak-stage-user-logout-form");
    const user = this.sessions.userOf(exchange);
    if (logsOut) {
      if (user) this.objects.record("logout", user, {}, exchange.clientIp);
      this.sessions.logOut(exchange);
    }
    const back = exchange.url.searchParams.get("post_logout_redirect_uri") ?? "";
    if (back && isRedirectUri(provider, back, "logout")) {
      const state = exchange.url.searchParams.get("state");
      return exchange.redirect(
        state ? `${back}${back.includes("?") ? "&" : "?"}state=${encodeURIComponent(state)}` : back,
      );
    }
    exchange.page(200, "Logged out", `You've logged out of ${application.name}.`);
  }

  private client(exchange: Exchange, id: string | null): Client | undefined {
    const provider = id ? this.objects.by("oauth2Providers", "client_id", id) : undefined;
    const application = provider && this.objects.by("applications", "provider", provider.pk);
    return application && { issuer: issuerOf(exchange.url.origin, application, provider), application, provider };
  }

  private scopeNames(provider: Row): string[] {
    return [...new Set(scopesOf(this.objects, provider).map(({ name }) => name))];
  }

  /** Lets the client's provider answer a request, which says what it says here. */
  private async pass(exchange: Exchange, client: Client, path: string, sent: Sent): Promise<void> {
    const provider = await this.providerOf(client);
    await provider.callback()(rewritten(exchange, path, sent), exchange.response);
  }

  private providerOf(client: Client): Promise<Provider> {
    const known = this.made.get(client.issuer);
    const print = fingerprint(this.objects, client);
    if (known?.fingerprint === print) return known.provider;
    const provider = makeProvider(this.objects, this.store, client);
    this.made.set(client.issuer, { fingerprint: print, provider });
    return provider;
  }
}

interface Sent {
  readonly method: string;
  readonly form?: URLSearchParams;
  readonly cookie?: string;
  readonly authorization?: string;
}

/** Authentik's page for whoever may not use an application. Its status is 200. */
export const refuse = (exchange: Exchange): void => exchange.page(200, "Permission denied", "Request has been denied.");

function rewritten(
  { request, url }: Exchange,
  path: string,
  { method, form, cookie, authorization }: Sent,
): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  const body = form ? Buffer.from(form.toString()) : undefined;
  const headers: Record<string, string> = {
    host: url.host,
    "x-forwarded-proto": url.protocol.slice(0, -1),
    accept: "*/*",
  };
  if (cookie) headers.cookie = cookie;
  if (authorization) headers.authorization = authorization;
  if (body)
    Object.assign(headers, {
      "content-type": "application/x-www-form-urlencoded",
      "content-length": String(body.length),
    });
  Object.assign(copy, {
    method,
    url: path,
    httpVersion: "1.1",
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    complete: true,
  });
  Object.defineProperty(copy, "headers", { value: headers });
  if (body) copy.push(body);
  copy.push(null);
  return copy;
}

function basic({ request }: Exchange): [string, string] | undefined {
  const [, text] = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!text) return undefined;
  const [id = "", ...secret] = Buffer.from(text, "base64").toString().split(":");
  return [decodeURIComponent(id), secret.join(":")];
}
