import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, send } from "../../kit/http";
import type { HarborObjects } from "../objects";
import { accountOf, basicLogin, requireAccount } from "../objects/accounts";
import { type Account, badRequest, notFound, Refusal } from "../rows";
import { checkCsrf } from "./csrf";
import { Sessions } from "./sessions";
import type { Settings } from "./settings";
import { SingleSignOn, usernameOf } from "./single-sign-on";

/** What a CLI secret is good for besides the registry. */
const forSecrets = [
  /^(GET|POST) \/api\/v2\.0\/projects$/,
  /^GET \/api\/v2\.0\/(systeminfo|labels|projects\/.+\/repositories|projects\/.+\/repositories\/.+\/artifacts)$/,
  /^DELETE \/api\/v2\.0\/projects\/.+\/repositories\/.+\/artifacts\/.+\/tags\/.+$/,
  /^[A-Z]+ \/(service\/token|v2(\/.*)?)$/,
];

/**
 * Logging in and out below `/c/`, and who sends a request. The page on which people choose a name at their first login, for
 * when they are not onboarded by themselves, is not simulated.
 */
export class SignIn {
  private readonly sessions: Sessions;
  private readonly singleSignOn: SingleSignOn;

  constructor(
    private readonly objects: HarborObjects,
    private readonly settings: Settings,
    private readonly save: () => Promise<void>,
  ) {
    this.sessions = new Sessions(() => Number(objects.configuration.session_timeout));
    this.singleSignOn = new SingleSignOn(objects, settings, save);
  }

  /** Who sends a request: by CLI secret, by a login of their own, or by session. Refuses one that another site sent. */
  async account(request: IncomingMessage, response: ServerResponse): Promise<Account | undefined> {
    checkCsrf(request, response, this.settings.externalUrl);
    const { authorization } = request.headers;
    return (
      (await this.bySecret(request)) ?? accountOf(this.objects, authorization) ?? this.sessions.find(request)?.account
    );
  }

  /** Answers a request below `/c/`. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkCsrf(request, response, this.settings.externalUrl);
    const { pathname, searchParams } = new URL(request.url ?? "", "http://core");
    switch (`${request.method} ${pathname}`) {
      case "POST /c/login":
        return this.login(request, response);
      case "GET /c/log_out":
        return this.logOut(request, response);
      case "GET /c/oidc/login":
        return this.begin(request, response, searchParams.get("redirect_url") ?? "");
      case "GET /c/oidc/callback":
        return this.finish(request, response, searchParams);
      case "GET /c/oidc/logout":
        return this.leave(request, response);
      default:
        throw notFound(pathname);
    }
  }

  /** With single sign-on, a name other than the administrator's is sent there. */
  private async login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams((await readBody(request)).toString());
    const principal = form.get("principal") ?? "";
    if (this.singleSignOn.isOn && principal !== "admin") return this.elsewhere(response, "/c/oidc/login");
    const login = Buffer.from(`${principal}:${form.get("password") ?? ""}`).toString("base64");
    const account = requireAccount(this.objects, `Basic ${login}`);
    if (account.robot) throw new Refusal(401, "UNAUTHORIZED", "unauthorized");
    this.sessions.start(request, response, { account });
    send(response, 200);
  }

  private logOut(request: IncomingMessage, response: ServerResponse): void {
    const person = this.sessions.find(request)?.account?.person;
    if (this.singleSignOn.isOn && person) return this.elsewhere(response, "/c/oidc/logout");
    this.sessions.drop(request);
    send(response, 200);
  }

  private async begin(request: IncomingMessage, response: ServerResponse, redirectUrl: string): Promise<void> {
    this.requireSingleSignOn();
    const { url, ...login } = await this.singleSignOn.begin();
    if (!/^$|^\/(?!\/)[^\\\r\n\t]*$/.test(redirectUrl)) throw badRequest("cannot redirect to other site");
    const session = this.sessions.find(request) ?? this.sessions.start(request, response, {});
    session.login = { ...login, redirectUrl };
    redirect(response, url);
  }

  private async finish(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    this.requireSingleSignOn();
    const session = this.sessions.find(request);
    const { login } = session ?? {};
    if (!session || !login || query.get("state") !== login.state) throw badRequest("State mismatch");
    const error = query.get("error");
    if (error) throw badRequest(`OIDC callback returned error: ${error} - ${query.get("error_description") ?? ""}`);
    delete session.login;
    const { info, tokens } = await this.singleSignOn.finish(query.get("code") ?? "", login.verifier);
    const account = this.singleSignOn.admit(info, tokens);
    const idToken = tokens.id_token;
    if (!account) {
      return redirect(response, `/oidc-onboard?username=${usernameOf(info)}&redirect_url=${login.redirectUrl}`);
    }
    await this.save();
    this.sessions.start(request, response, { account, ...(idToken !== undefined && { idToken }) });
    redirect(response, login.redirectUrl || "/");
  }

  private async leave(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requireSingleSignOn();
    const idToken = this.sessions.find(request)?.idToken;
    this.sessions.drop(request);
    const isWanted = idToken !== undefined && this.objects.configuration.oidc_logout === true;
    const there = isWanted ? await this.singleSignOn.endSessionUrl(idToken) : undefined;
    redirect(response, there ?? "/account/sign-in");
  }

  private async bySecret(request: IncomingMessage): Promise<Account | undefined> {
    const { pathname } = new URL(request.url ?? "", "http://core");
    const line = `${request.method} ${pathname.replace(/\/$/, "")}`;
    const [name, secret] = basicLogin(request.headers.authorization) ?? [];
    if (name === undefined || secret === undefined || !this.singleSignOn.isOn) return undefined;
    if (!forSecrets.some((pattern) => pattern.test(line))) return undefined;
    return this.singleSignOn.verifySecret(name, secret).catch((error: unknown) => {
      console.error(`failed to verify secret, username: ${name}, error: ${String(error)}`);
      return undefined;
    });
  }

  /** A script cannot follow a redirect to another site, so Harbor's page is told where to go. */
  private elsewhere(response: ServerResponse, path: string): void {
    send(response, 403, { redirect_location: `${this.settings.externalUrl.replace(/\/$/, "")}${path}` });
  }

  private requireSingleSignOn(): void {
    const mode = String(this.objects.configuration.auth_mode);
    if (!this.singleSignOn.isOn) throw new Refusal(412, "PRECONDITION", `auth mode: ${mode} is not OIDC based`);
  }
}

const redirect = (response: ServerResponse, location: string): void => send(response, 302, undefined, { location });
