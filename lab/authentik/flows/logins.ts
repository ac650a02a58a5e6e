import type { IncomingMessage, ServerResponse } from "node:http";

import type { Row } from "../../kit/rows";
import type { Login } from "../login";
import type { AuthentikObjects } from "../objects";
import { OpenIdEndpoints } from "../oidc/endpoints";
import { shared } from "../oidc/discovery";
import { Outpost } from "../outpost/outpost";
import { useRecoveryKey } from "../recovery/recovery";
import { cookiesOf, Exchange } from "./exchange";
import { defaultFlow, FlowExecutor } from "./executor";
import { Unsupported } from "../unsupported";
import { Sessions } from "./sessions";

/**
 * Everything of Authentik that a browser or an OpenID client talks to. What it does not simulate:
 *
 * - The web pages. A page says that it is the stand-in; scripts that would run on it are for the caller to play, with the
 *   flow executor, as `tests/helpers/browser` does. A login is not protected against forged requests (CSRF).
 * - Sources, captchas, passkeys, consent, invitations, enrolment, e-mail, devices other than authenticator apps and
 *   static tokens, and `last_auth_threshold`.
 * - Policies other than reputation, and expressions other than those of the default flows and of the program. Whatever else a flow, an application or a scope mapping needs is refused with a
 *   message, not passed over.
 * - OpenID flows other than the code flow with refresh tokens. Access tokens are opaque, Authentik's are JWTs; a client's
 *   failed authentication is 401, Authentik's 400; back-channel logout is not sent.
 * - Outposts other than the embedded one, modes other than `forward_single`, and the headers with a JWT in them.
 */
export class Logins implements Login {
  private readonly sessions: Sessions;
  private readonly executor: FlowExecutor;
  private readonly openId: OpenIdEndpoints;
  private readonly outpost: Outpost;

  constructor(private readonly objects: AuthentikObjects) {
    this.sessions = new Sessions(objects);
    this.executor = new FlowExecutor(objects, this.sessions);
    this.openId = new OpenIdEndpoints(objects, this.sessions);
    this.outpost = new Outpost(objects, this.sessions);
  }

  /** Who has a session, of a browser. */
  userOf(request: IncomingMessage): Row | undefined {
    return this.sessions.userOf({ cookies: cookiesOf(request) });
  }

  /** Answers, unless the request is for another part of Authentik. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const exchange = new Exchange(request, response);
    const answer = this.answerTo(exchange);
    if (!answer) return false;
    try {
      await answer();
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      console.error(error.message);
      exchange.page(500, "Not in the lab", error.message);
    }
    return true;
  }

  private answerTo(exchange: Exchange): (() => Promise<void> | void) | undefined {
    const { pathname } = exchange.url;
    if (pathname.startsWith("/outpost.goauthentik.io/")) return () => this.outpost.handle(exchange);
    if (pathname === shared + "authorize/" && this.outpost.isTheirs(exchange))
      return () => this.outpost.authorize(exchange);
    if (pathname.startsWith(shared)) return () => this.openId.handle(exchange);
    const [, slug] = /^\/api\/v3\/flows\/executor\/([^/]+)\/$/.exec(pathname) ?? [];
    if (slug) return () => this.executor.handle(exchange, slug);
    const [, key] = /^\/recovery\/use-token\/([^/]+)\/$/.exec(pathname) ?? [];
    if (key) return () => useRecoveryKey(this.objects, this.sessions, exchange, key);
    const [, page] = /^\/if\/flow\/([^/]+)\/$/.exec(pathname) ?? [];
    if (page) return () => this.flowPage(exchange, page);
    const [, designation] = /^\/flows\/-\/default\/(authentication|invalidation)\/$/.exec(pathname) ?? [];
    if (designation) return () => this.toDefaultFlow(exchange, designation as "authentication" | "invalidation");
    if (pathname === "/flows/-/cancel/") return () => this.cancel(exchange);
    if (pathname === "/" || /^\/if\/(user|admin)\//.test(pathname)) return () => this.home(exchange);
    return undefined;
  }

  private flowPage(exchange: Exchange, slug: string): void {
    const flow = this.objects.by("flows", "slug", slug);
    if (!flow) return exchange.page(404, "Not Found", "There is no such flow.");
    this.sessions.ensure(exchange);
    exchange.page(
      200,
      flow.title,
      `This page runs the flow ${slug}, which a script asks for at /api/v3/flows/executor/${slug}/.`,
    );
  }

  private toDefaultFlow(exchange: Exchange, designation: "authentication" | "invalidation"): void {
    const flow = defaultFlow(this.objects, designation);
    if (!flow) return exchange.page(404, "Not Found", "There is no flow for this.");
    exchange.redirect(`/if/flow/${flow.slug}/${exchange.url.search}`);
  }

  private cancel(exchange: Exchange): void {
    const session = this.sessions.of(exchange);
    if (session) session.plan = undefined;
    exchange.redirect("/flows/-/default/invalidation/");
  }

  private home(exchange: Exchange): void {
    const { pathname } = exchange.url;
    const user = this.sessions.userOf(exchange);
    if (!user) return exchange.redirect(`/flows/-/default/authentication/?next=${encodeURIComponent(pathname)}`);
    if (pathname === "/") return exchange.redirect("/if/user/");
    exchange.page(200, "My applications", `Logged in as ${user.username}.`);
  }
}
