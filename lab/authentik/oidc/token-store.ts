import type { Adapter, AdapterPayload } from "oidc-provider";

import type { Row } from "../../kit/rows";
import type { Sessions } from "../flows/sessions";
import type { AuthentikObjects } from "../objects";

const mostTokens = 5_000;

/** Codes and tokens of all clients. A browser's session at the provider is the one that it has at Authentik. */
export class TokenStore {
  constructor(
    private readonly objects: AuthentikObjects,
    private readonly sessions: Sessions,
  ) {}

  /** What oidc-provider keeps its models in, for a client that knows users by these names. */
  adapterOf(subject: (user: Row) => string): (model: string) => Adapter {
    return (model) => (model === "Session" ? this.sessionAdapter(subject) : this.tokenAdapter(model));
  }

  find(model: string, id: string): AdapterPayload | undefined {
    const row = this.rows[`${model}:${id}`];
    return row && row.expires > this.objects.clock() ? (row.payload as AdapterPayload) : undefined;
  }

  private tokenAdapter(model: string): Adapter {
    const key = (id: string): string => `${model}:${id}`;
    const none = (): Promise<undefined> => Promise.resolve(undefined);
    return {
      find: (id) => Promise.resolve(this.find(model, id)),
      findByUid: none,
      findByUserCode: none,
      upsert: async (id, payload, seconds) => {
        this.rows[key(id)] = { payload, expires: this.objects.clock() + (seconds ?? 3600) * 1000 };
        this.purge();
        this.objects.changed();
      },
      consume: async (id) => {
        const row = this.rows[key(id)];
        if (row) row.payload.consumed = Math.floor(this.objects.clock() / 1000);
        this.objects.changed();
      },
      destroy: async (id) => {
        delete this.rows[key(id)];
        this.objects.changed();
      },
      revokeByGrantId: async (grantId) => {
        for (const [each, { payload }] of Object.entries(this.rows)) {
          if (payload.grantId === grantId) delete this.rows[each];
        }
      },
    };
  }

  private sessionAdapter(subject: (user: Row) => string): Adapter {
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    const find = async (id: string): Promise<AdapterPayload | undefined> => {
      const session = this.sessions.byId(id);
      const user = session?.user === undefined ? undefined : this.objects.by("users", "pk", session.user);
      if (!session || !user) return undefined;
      const [loginTs, exp] = [session.since, session.expires].map((time) => Math.floor(time / 1000));
      return { kind: "Session", jti: id, uid: id, accountId: subject(user), loginTs, iat: loginTs, exp };
    };
    return {
      find,
      findByUid: find,
      findByUserCode: nothing,
      upsert: nothing,
      consume: nothing,
      destroy: nothing,
      revokeByGrantId: nothing,
    };
  }

  private purge(): void {
    const keys = Object.keys(this.rows);
    if (keys.length <= mostTokens) return;
    const now = this.objects.clock();
    for (const each of keys) if ((this.rows[each]?.expires ?? 0) <= now) delete this.rows[each];
  }

  private get rows(): Record<string, Row> {
    return (this.objects.hidden.login.tokens ??= {}) as Record<string, Row>;
  }
}
