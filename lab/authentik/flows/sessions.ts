import { randomBytes } from "node:crypto";

import { keep, type Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import type { Exchange } from "./exchange";
import type { Plan } from "./plan";

/** What a session is found by. */
type Browser = Pick<Exchange, "cookies">;

/** One browser's. Who is logged in outlives a restart, a login that is under way does not. */
export interface Session {
  id: string;
  /** The `pk` of who is logged in. */
  user?: number;
  /** When that was, in milliseconds. */
  since: number;
  expires: number;
  plan?: Plan;
  /** A client has asked for a newer login, and the person was led there. */
  isAskedAgain?: boolean;
}

export const sessionCookie = "authentik_session";

const day = 86_400_000;
const mostInMemory = 5_000;

/** Browsers' sessions, by the cookie `authentik_session`. Its value is a random name; Authentik's is a signed token. */
export class Sessions {
  private readonly live = new Map<string, Session>();

  constructor(private readonly objects: AuthentikObjects) {}

  /** The session of a browser, where it has one. */
  of(exchange: Browser): Session | undefined {
    return this.byId(exchange.cookies[sessionCookie] ?? "");
  }

  /** Nothing where it has expired, or where who was logged in by it is no more. */
  byId(id: string): Session | undefined {
    const row = this.objects.by("sessions", "id", id);
    const session = this.live.get(id) ?? (row && ({ ...row } as Session));
    if (!session) return undefined;
    const isOver = session.expires <= this.objects.clock() || (session.user !== undefined && !row);
    if (isOver) this.drop(session);
    else this.live.set(id, session);
    return isOver ? undefined : session;
  }

  /** The session of a browser; a new one where it has none. */
  ensure(exchange: Exchange): Session {
    const present = this.of(exchange);
    if (present) return present;
    const now = this.objects.clock();
    const session: Session = { id: newId(), since: now, expires: now + day };
    this.live.set(session.id, session);
    const [oldest] = this.live.keys();
    if (this.live.size > mostInMemory && oldest) this.live.delete(oldest);
    exchange.setCookie(sessionCookie, session.id);
    exchange.setCookie("authentik_csrf", newId(), { httpOnly: false });
    return session;
  }

  /** Who is logged in, unless the account has been deactivated or deleted since. */
  userOf(exchange: Browser): Row | undefined {
    const session = this.of(exchange);
    const user = session?.user === undefined ? undefined : this.objects.by("users", "pk", session.user);
    return user?.is_active ? user : undefined;
  }

  /** Logs in. The session gets a new name, so that nobody who knew the old one is in. `lifetime` 0: until the browser is closed. */
  logIn(exchange: Exchange, user: Row, lifetime = 0): Session {
    const { objects } = this;
    const old = this.of(exchange);
    const now = objects.clock();
    const session: Session = { id: newId(), user: user.pk, since: now, expires: now + (lifetime || 14 * day) };
    if (old) this.drop(old);
    keep(objects.sessions, ({ expires }) => expires > now);
    const from = { last_ip: exchange.clientIp, last_user_agent: exchange.request.headers["user-agent"] ?? "" };
    objects.insert("sessions", { ...session, ...from, last_used: objects.now() });
    if (old?.plan) session.plan = old.plan;
    this.live.set(session.id, session);
    user.last_login = objects.now();
    objects.changed();
    exchange.setCookie(sessionCookie, session.id, lifetime > 0 ? { maxAge: lifetime / 1000 } : {});
    return session;
  }

  /** Logs out. */
  logOut(exchange: Exchange): void {
    const session = this.of(exchange);
    if (session) {
      this.drop(session);
      endSession(this.objects, session);
    }
    exchange.setCookie(sessionCookie, "", { maxAge: 0 });
    this.objects.changed();
  }

  private drop({ id }: Session): void {
    this.live.delete(id);
    keep(this.objects.sessions, (row) => row.id !== id);
  }
}

/** Ends a login, with its access tokens and what the outpost let in by it. Refresh tokens go on without it. */
export function endSession({ sessions, hidden }: AuthentikObjects, { id }: Row | Session): void {
  keep(sessions, (row) => row.id !== id);
  const { tokens = {}, proxySessions = {} } = hidden.login;
  for (const [key, { payload }] of Object.entries(tokens as Record<string, Row>)) {
    if (key.startsWith("AccessToken:") && payload.sessionUid === id) delete tokens[key];
  }
  for (const [key, { session }] of Object.entries(proxySessions as Record<string, Row>)) {
    if (session === id) delete proxySessions[key];
  }
}

const newId = (): string => randomBytes(24).toString("base64url");
