import { randomBytes } from "node:crypto";

import type { AuthentikObjects } from "../objects";
import type { Row } from "../rows";
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

  byId(id: string): Session | undefined {
    const session = this.live.get(id) ?? this.restored(id);
    if (!session || session.expires > this.objects.clock()) return session;
    this.drop(session);
    return undefined;
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
    const old = this.of(exchange);
    const now = this.objects.clock();
    const session: Session = { id: newId(), user: user.pk, since: now, expires: now + (lifetime || 14 * day) };
    if (old) this.drop(old);
    if (old?.plan) session.plan = old.plan;
    this.stored[session.id] = { ...session, plan: undefined };
    this.live.set(session.id, session);
    user.last_login = this.objects.now();
    this.objects.changed();
    exchange.setCookie(sessionCookie, session.id, lifetime > 0 ? { maxAge: lifetime / 1000 } : {});
    return session;
  }

  /** Logs out. The session's access tokens end; refresh tokens go on without it. */
  logOut(exchange: Exchange): void {
    const session = this.of(exchange);
    if (session) {
      this.drop(session);
      const tokens = this.objects.hidden.login.tokens ?? {};
      for (const [key, { payload }] of Object.entries(tokens as Record<string, Row>)) {
        if (key.startsWith("AccessToken:") && payload.sessionUid === session.id) delete tokens[key];
      }
    }
    exchange.setCookie(sessionCookie, "", { maxAge: 0 });
    this.objects.changed();
  }

  private restored(id: string): Session | undefined {
    const row = this.stored[id];
    if (!row) return undefined;
    const session = { ...row } as Session;
    this.live.set(id, session);
    return session;
  }

  private drop({ id }: Session): void {
    this.live.delete(id);
    delete this.stored[id];
  }

  private get stored(): Record<string, Row> {
    return (this.objects.hidden.login.sessions ??= {}) as Record<string, Row>;
  }
}

const newId = (): string => randomBytes(24).toString("base64url");
