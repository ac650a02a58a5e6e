import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { cookieOf } from "../../kit/http";
import type { Account } from "../rows";

/** What is known of a browser. */
export interface Session {
  /** Who logged in. */
  account?: Account;
  /** A login at the provider that is under way. */
  login?: { state: string; verifier: string; redirectUrl: string };
  /** What the provider gave, for logging out there. */
  idToken?: string;
}

const cookieName = "sid";

export const carriesSession = (request: IncomingMessage): boolean => cookieOf(request, cookieName) !== undefined;

/** Browsers' sessions. They end with the process, where Harbor's are in its Redis. */
export class Sessions {
  private readonly sessions = new Map<string, { session: Session; expires: number }>();

  /** `minutes` without a request end a session. */
  constructor(private readonly minutes: () => number) {}

  /** The browser's session, if it has one. */
  find(request: IncomingMessage): Session | undefined {
    const id = cookieOf(request, cookieName) ?? "";
    const found = this.sessions.get(id);
    if (!found) return undefined;
    if (found.expires < Date.now()) {
      this.sessions.delete(id);
      return undefined;
    }
    found.expires = this.end();
    return found.session;
  }

  /** Gives the browser a new session in place of the one it had. */
  start(request: IncomingMessage, response: ServerResponse, session: Session): Session {
    this.drop(request);
    const id = randomBytes(16).toString("hex");
    this.sessions.set(id, { session, expires: this.end() });
    response.appendHeader("set-cookie", `${cookieName}=${id}; Path=/; HttpOnly`);
    return session;
  }

  /** Ends the browser's session. */
  drop(request: IncomingMessage): void {
    this.sessions.delete(cookieOf(request, cookieName) ?? "");
  }

  private end(): number {
    return Date.now() + this.minutes() * 60_000;
  }
}
