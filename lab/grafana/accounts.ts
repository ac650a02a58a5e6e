import { randomBytes, timingSafeEqual } from "node:crypto";

import { Refusal } from "./refusal";
import type { StateStore, User } from "./state";

/** Somebody as an identity provider describes them. */
export interface Identity {
  readonly subject: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  /** `undefined` where the settings do not let the provider say so. */
  readonly isGrafanaAdmin?: boolean;
}

/** Users and sessions. There is one local user, the server administrator `admin`. */
export class Accounts {
  constructor(
    private readonly store: StateStore,
    private readonly adminPassword: string,
  ) {
    if (this.users.some(({ id }) => id === 1)) return;
    const admin = { id: 1, login: "admin", email: "admin@localhost", name: "", role: "Admin", isGrafanaAdmin: true };
    this.users.push(admin);
  }

  /** The local user with this password. */
  local(login: string, password: string): User {
    const admin = this.users.find(({ id }) => id === 1);
    if (admin && [admin.login, admin.email].includes(login) && isSame(password, this.adminPassword)) return admin;
    throw new Refusal(401, "password-auth.failed", "Invalid username or password");
  }

  /** The user of a provider; made at the first login, and brought up to date at each. */
  external(identity: Identity, maySignUp: boolean): User {
    const known = this.users.find(({ subject }) => subject === identity.subject);
    const taken = this.users.some(
      (user) => user !== known && (user.login === identity.login || user.email === identity.email),
    );
    if (taken) throw new Refusal(500, "user.sync.internal", "User sync failed");
    if (!known && !maySignUp) throw new Refusal(401, "user.sync.signup-disabled", "Sign up is disabled");
    const id = Math.max(...this.users.map((user) => user.id)) + 1;
    const user = known ?? { id, ...identity, isGrafanaAdmin: false };
    const { login, email, name, role, isGrafanaAdmin = user.isGrafanaAdmin } = identity;
    Object.assign(user, { login, email, name, role, isGrafanaAdmin });
    if (!known) this.users.push(user);
    this.store.save();
    return user;
  }

  /** A new session's cookie. */
  begin(user: User): string {
    const session = randomBytes(16).toString("hex");
    this.store.state.sessions[session] = user.id;
    this.store.save();
    return session;
  }

  of(session: string | undefined): User | undefined {
    const id = session === undefined ? undefined : this.store.state.sessions[session];
    return this.users.find((user) => user.id === id);
  }

  end(session: string): void {
    delete this.store.state.sessions[session];
    this.store.save();
  }

  private get users(): User[] {
    return this.store.state.users;
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
