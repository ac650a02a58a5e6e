import { createHash, randomBytes } from "node:crypto";

import type { Row } from "../../kit/rows";
import type { Exchange } from "../flows/exchange";
import { defaultFlow } from "../flows/executor";
import { mayUse } from "../flows/policies";
import { named } from "../flows/reputation";
import type { Sessions } from "../flows/sessions";
import type { AuthentikObjects } from "../objects";
import { subjectOf } from "../oidc/claims";
import { refuse } from "../oidc/endpoints";
import { duration } from "../rows";

const base = "/outpost.goauthentik.io";
const embedded = "goauthentik.io/outposts/embedded";

interface Pending {
  readonly provider: number;
  readonly url: string;
  readonly user?: number;
  /** The id of the session by which they are logged in. */
  readonly session?: string;
  readonly expires: number;
}

/**
 * The embedded outpost: decides for a proxy in front of an application whether a request may pass. Each application has a
 * cookie of its own on its own host; the login is at Authentik's. Whoever is in stays in until that cookie's time is over or the
 * session at Authentik ends, even if a group has changed since; an account that is deactivated is out at once.
 */
export class Outpost {
  /** By `state`: where a login began. */
  private readonly states = new Map<string, Pending>();
  /** By code: who has just logged in. */
  private readonly codes = new Map<string, Pending>();

  constructor(
    private readonly objects: AuthentikObjects,
    private readonly sessions: Sessions,
  ) {}

  handle(exchange: Exchange): void {
    const path = exchange.url.pathname.slice(base.length);
    if (path === "/ping") return void exchange.response.writeHead(204).end();
    const provider = this.providerFor(exchange.url.host);
    if (!provider) return exchange.json(404, { Message: "no app for hostname", Host: exchange.url.host });
    switch (path) {
      case "/auth/traefik":
        return this.decide(exchange, provider);
      case "/start":
        return this.start(exchange, provider, exchange.url.searchParams.get("rd") ?? "");
      case "/callback":
        return this.callback(exchange, provider);
      case "/sign_out":
        return this.signOut(exchange, provider);
      default:
        return exchange.page(404, "Not Found", "There is no such page.");
    }
  }

  /** Whether a login was begun by this outpost. */
  isTheirs({ url }: Exchange): boolean {
    return this.provider(url.searchParams.get("client_id")) !== undefined;
  }

  /** Authentik's side of a login that was begun here. */
  authorize(exchange: Exchange): void {
    const { objects, sessions } = this;
    const { searchParams: query, pathname, search } = exchange.url;
    const provider = this.provider(query.get("client_id"));
    const application = objects.by("applications", "provider", provider?.pk);
    if (!provider || !application) return refuse(exchange);
    const callback = query.get("redirect_uri");
    if (callback !== callbackOf(provider)) {
      return exchange.page(400, "Redirect URI Error", "The redirect URI is not the one of this application.");
    }
    const user = sessions.userOf(exchange);
    if (!user) {
      const flow = defaultFlow(objects, "authentication");
      return exchange.redirect(`/if/flow/${flow?.slug}/?next=${encodeURIComponent(pathname + search)}`);
    }
    if (!mayUse(objects, application, { user, username: user.username, ip: exchange.clientIp }))
      return refuse(exchange);
    const code = this.remember(this.codes, {
      provider: provider.pk,
      url: "",
      user: user.pk,
      session: sessions.of(exchange)?.id,
      expires: objects.clock() + 60_000,
    });
    objects.record("authorize_application", user, { authorized_application: named(application) }, exchange.clientIp);
    objects.changed();
    exchange.redirect(`${callback}&code=${code}&state=${encodeURIComponent(query.get("state") ?? "")}`);
  }

  /** Answers 200 with headers that say who it is, or leads to the login. */
  private decide(exchange: Exchange, provider: Row): void {
    const { headers } = exchange.request;
    const path = String(headers["x-forwarded-uri"] ?? "/");
    if (path.startsWith(`${base}/`)) return void exchange.response.writeHead(200).end();
    const user = this.userOf(exchange, provider);
    if (!user) {
      if (isOpen(provider, path)) return void exchange.response.writeHead(200).end();
      return this.start(exchange, provider, `${exchange.url.origin}${path}`);
    }
    const application = this.objects.by("applications", "provider", provider.pk);
    const { response } = exchange;
    response.setHeader("X-authentik-username", user.username);
    response.setHeader(
      "X-authentik-groups",
      this.objects
        .groupsOf(user)
        .map(({ name }) => name as string)
        .join("|"),
    );
    response.setHeader("X-authentik-email", user.email);
    response.setHeader("X-authentik-name", utf8(user.name));
    response.setHeader("X-authentik-uid", subjectOf(user, provider));
    response.setHeader("X-authentik-entitlements", "");
    response.setHeader("X-authentik-meta-outpost", this.outpost?.name ?? "");
    response.setHeader("X-authentik-meta-provider", provider.name);
    response.setHeader("X-authentik-meta-app", application?.slug ?? "");
    response.writeHead(200).end();
  }

  private start(exchange: Exchange, provider: Row, url: string): void {
    const target = url.startsWith(provider.external_host) ? url : provider.external_host;
    const state = this.remember(this.states, {
      provider: provider.pk,
      url: target,
      expires: this.objects.clock() + 600_000,
    });
    exchange.setCookie(`${cookieOf(provider)}_state`, state, { maxAge: 600 });
    const host = String(this.outpost?.config?.authentik_host || "http://0.0.0.0:9000").replace(/\/$/, "");
    const query = new URLSearchParams({
      client_id: provider.client_id,
      redirect_uri: callbackOf(provider),
      response_type: "code",
      scope: "openid email profile ak_proxy",
      state,
    });
    exchange.redirect(`${host}/application/o/authorize/?${query}`);
  }

  private callback(exchange: Exchange, provider: Row): void {
    const { searchParams: query } = exchange.url;
    const state = query.get("state") ?? "";
    const [begun, code] = [take(this.states, state), take(this.codes, query.get("code") ?? "")];
    const now = this.objects.clock();
    const isOurs = state !== "" && exchange.cookies[`${cookieOf(provider)}_state`] === state;
    if (!begun || !isOurs) return exchange.redirect(provider.external_host);
    if (!code || code.provider !== provider.pk || code.expires < now) {
      return exchange.page(400, "Bad Request", "The login could not be finished.");
    }
    const lifetime = duration(provider.access_token_validity || "hours=24") ?? 86_400_000;
    const id = randomBytes(24).toString("base64url");
    this.signedIn[id] = { user: code.user, session: code.session, provider: provider.pk, expires: now + lifetime };
    this.objects.changed();
    exchange.setCookie(`${cookieOf(provider)}_state`, "", { maxAge: 0 });
    exchange.setCookie(cookieOf(provider), id, { maxAge: lifetime / 1000 });
    exchange.redirect(begun.url);
  }

  private signOut(exchange: Exchange, provider: Row): void {
    delete this.signedIn[exchange.cookies[cookieOf(provider)] ?? ""];
    this.objects.changed();
    exchange.setCookie(cookieOf(provider), "", { maxAge: 0 });
    const application = this.objects.by("applications", "provider", provider.pk);
    const host = String(this.outpost?.config?.authentik_host ?? "").replace(/\/$/, "");
    exchange.redirect(`${host}/application/o/${application?.slug}/end-session/`);
  }

  private userOf(exchange: Exchange, provider: Row): Row | undefined {
    const session = this.signedIn[exchange.cookies[cookieOf(provider)] ?? ""];
    if (!session || session.provider !== provider.pk || session.expires < this.objects.clock()) return undefined;
    const user = this.objects.by("users", "pk", session.user);
    return user?.is_active ? user : undefined;
  }

  private get outpost(): Row | undefined {
    return this.objects.by("outposts", "managed", embedded);
  }

  /** The provider of an application with this address, if the outpost serves it. */
  private providerFor(host: string): Row | undefined {
    return this.objects.proxyProviders.find(
      (row) => this.isServed(row) && row.mode === "forward_single" && new URL(row.external_host).host === host,
    );
  }

  private provider(clientId: string | null): Row | undefined {
    const row = clientId ? this.objects.by("proxyProviders", "client_id", clientId) : undefined;
    return row && this.isServed(row) ? row : undefined;
  }

  private isServed({ pk }: Row): boolean {
    return (this.outpost?.providers ?? []).includes(pk);
  }

  private get signedIn(): Record<string, Row> {
    return (this.objects.hidden.login.proxySessions ??= {}) as Record<string, Row>;
  }

  private remember(where: Map<string, Pending>, pending: Pending): string {
    for (const [key, { expires }] of where) if (expires < this.objects.clock()) where.delete(key);
    const key = randomBytes(24).toString("base64url");
    where.set(key, pending);
    return key;
  }
}

/** A header is bytes: these are those of the text. */
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");

const cookieOf = ({ client_id }: Row): string =>
  `authentik_proxy_${createHash("sha256").update(String(client_id)).digest("hex").slice(0, 8)}`;

const callbackOf = ({ external_host }: Row): string =>
  `${String(external_host).replace(/\/$/, "")}${base}/callback?X-authentik-auth-callback=true`;

function isOpen({ skip_path_regex: patterns = "" }: Row, path: string): boolean {
  const [pathname = ""] = path.split("?");
  return String(patterns)
    .split("\n")
    .some((pattern) => pattern.trim() !== "" && new RegExp(pattern.trim()).test(pathname));
}

function take(where: Map<string, Pending>, key: string): Pending | undefined {
  const found = where.get(key);
  where.delete(key);
  return found;
}
