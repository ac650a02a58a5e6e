import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { cookieOf, readBody, send } from "../kit/http";
import { find, type Route } from "../kit/router";
import type { Accounts } from "./accounts";
import { bodyOf, type Api } from "./api";
import { identityFrom } from "./claims";
import { homePage, loginPage } from "./pages";
import { Refusal } from "./refusal";
import { begin, finish, type Surroundings } from "./relying-party";
import { isOn, type SsoSettings } from "./sso-settings";

/** What the pages are made from. */
export interface FrontParts {
  readonly settings: SsoSettings;
  readonly accounts: Accounts;
  readonly api: Api;
  readonly surroundings: Surroundings;
}

interface Asked {
  readonly visit: Visit;
  readonly url: URL;
  readonly content: string;
}

type Page = (asked: Asked, values: readonly string[]) => Promise<void> | void;

const cookies = {
  session: "grafana_session",
  state: "oauth_state",
  verifier: "oauth_code_verifier",
  error: "login_error",
};

/** Answers the requests of browsers and of clients of the API. */
export class Front {
  private readonly pages: readonly Route<Page>[] = [
    [/^\w+ \/api(\/.*)$/, ({ visit, content }, [path = ""]) => this.answerApi(visit, path, content)],
    [/^POST \/login$/, ({ visit, content }) => this.logIn(visit, content)],
    [/^\w+ \/login$/, ({ visit, url }) => this.showLogin(visit, url)],
    [/^\w+ \/login\/generic_oauth$/, ({ visit, url }) => this.logInElsewhere(visit, url)],
    [/^\w+ \/logout$/, ({ visit }) => this.logOut(visit)],
  ];

  constructor(private readonly parts: FrontParts) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.parts.surroundings.rootUrl);
    const path = url.pathname.replace(/(.)\/$/, "$1");
    const visit = new Visit(request, response);
    const content = (await readBody(request)).toString();
    const found = find(this.pages, `${request.method} ${path}`);
    if (found) return found.target({ visit, url, content }, found.values);
    const user = this.parts.accounts.of(visit.cookie(cookies.session));
    if (!user) return visit.redirect("/login");
    visit.html(homePage(user));
  }

  private answerApi(visit: Visit, path: string, content: string): void {
    const user = this.parts.accounts.of(visit.cookie(cookies.session));
    const { method = "GET", headers } = visit.request;
    const { authorization } = headers;
    const { status, body } = this.parts.api.answer({ method, path, authorization, user, content });
    visit.json(status, body);
  }

  private logIn(visit: Visit, content: string): void {
    const { user = "", password = "" } = bodyOf(content) as { user?: string; password?: string };
    visit.setCookie(cookies.session, this.parts.accounts.begin(this.parts.accounts.local(user, password)));
    visit.json(200, { message: "Logged in", redirectUrl: "/" });
  }

  private showLogin(visit: Visit, url: URL): void {
    const settings = this.parts.settings.current;
    const error = visit.cookie(cookies.error);
    if (error !== undefined) visit.setCookie(cookies.error, "", 0);
    const goesOn = isOn(settings.enabled) && isOn(settings.auto_login) && error === undefined;
    if (goesOn && !url.searchParams.has("disableAutoLogin")) return visit.redirect("/login/generic_oauth", 307);
    visit.html(loginPage(settings, error && decodeURIComponent(error)));
  }

  /** Begins a login at the provider, or takes the browser that comes back from there. Failures end at the login page. */
  private async logInElsewhere(visit: Visit, { searchParams }: URL): Promise<void> {
    const { settings, surroundings } = this.parts;
    try {
      if (!isOn(settings.current.enabled)) throw new Refusal(404, "auth.client.notConfigured", "OAuth not enabled");
      if (searchParams.has("error"))
        throw new Refusal(401, "", `Login provider denied login request: ${searchParams.get("error")}`);
      const code = searchParams.get("code");
      if (code !== null) return await this.comeBack(visit, code, searchParams.get("state") ?? "");
      const begun = begin(settings.current, surroundings);
      visit.setCookie(cookies.state, this.hashed(begun.state), 600);
      visit.setCookie(cookies.verifier, begun.verifier, 600);
      visit.redirect(begun.url);
    } catch (error) {
      const said = error instanceof Refusal ? error.message : "Login failed";
      console.error(`grafana: ${String(error)}`);
      visit.setCookie(cookies.error, encodeURIComponent(said), 60);
      visit.redirect("/login");
    }
  }

  private async comeBack(visit: Visit, code: string, state: string): Promise<void> {
    const { settings, accounts, surroundings } = this.parts;
    const expected = visit.cookie(cookies.state) ?? "";
    const verifier = visit.cookie(cookies.verifier) ?? "";
    // Also where the login fails.
    for (const name of [cookies.state, cookies.verifier]) visit.setCookie(name, "", 0);
    if (expected === "") throw new Refusal(400, "auth.oauth.state.missing", "Missing saved oauth state");
    if (expected !== this.hashed(state))
      throw new Refusal(401, "auth.oauth.state.invalid", "Provided state does not match stored state");
    if (isOn(settings.current.use_pkce) && verifier === "")
      throw new Refusal(400, "auth.oauth.pkce.missing", "Missing required pkce cookie");
    const sources = await finish(settings.current, surroundings, code, verifier);
    const user = accounts.external(identityFrom(sources, settings.current), isOn(settings.current.allow_sign_up));
    visit.setCookie(cookies.session, accounts.begin(user));
    visit.redirect("/");
  }

  /** As Grafana does it: with the client's secret, so that a login does not outlive a change of it. */
  private hashed(state: string): string {
    return createHash("sha256")
      .update(`${state}${String(this.parts.settings.current.client_secret)}`)
      .digest("hex");
  }

  private logOut(visit: Visit): void {
    const { accounts, settings } = this.parts;
    const session = visit.cookie(cookies.session) ?? "";
    const isExternal = accounts.of(session)?.subject !== undefined;
    accounts.end(session);
    visit.setCookie(cookies.session, "", 0);
    const elsewhere = String(settings.current.signout_redirect_url ?? "");
    visit.redirect(isExternal && elsewhere !== "" ? elsewhere : "/login");
  }
}

/** One request and its answer. */
class Visit {
  private readonly set: string[] = [];

  constructor(
    readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {}

  cookie(name: string): string | undefined {
    return cookieOf(this.request, name);
  }

  setCookie(name: string, value: string, seconds = 30 * 24 * 3600): void {
    this.set.push(`${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax`);
  }

  redirect(to: string, status = 302): void {
    this.response.writeHead(status, { location: to, "set-cookie": this.set }).end();
  }

  html(content: string): void {
    send(this.response, 200, content, { "content-type": "text/html; charset=UTF-8", "set-cookie": this.set });
  }

  json(status: number, body: unknown): void {
    send(this.response, status, body, { "cache-control": "no-store", "set-cookie": this.set });
  }
}
