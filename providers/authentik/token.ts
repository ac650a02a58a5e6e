import type { Token as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { checkSlug, checkText } from "./text-checks";
import { findUser, noUser } from "./user";

/** What a machine logs in with. */
export interface TokenValues {
  /** **A change makes another token.** */
  readonly identifier: string;
  /** Whose token it is, by user name. **A change makes another token.** */
  readonly user: string;
  /** The token itself, 12 letters or more. Authentik never gives it back. A secret. */
  readonly key: string;
  /** For Authentik's API, or in place of a password. **A change makes another token.** Default `api`. */
  readonly intent?: "api" | "app_password";
  /** What it is for, as Authentik's pages show it. Default none. */
  readonly description?: string;
  /** Only `false`, the default: Authentik would give a token that expires another key. */
  readonly expiring?: false;
}

/** Arguments of {@link Token}. */
export type TokenArgs = Inputs<TokenValues>;

/** What a machine logs in with. Id: its identifier. A token that exists is taken over, with the program's key. */
export class Token extends DynamicResource {
  declare readonly identifier: pulumi.Output<string>;
  declare readonly key: pulumi.Output<string>;

  constructor(name: string, args: TokenArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...token, secrets: ["key"] }, name, args, opts);
  }
}

export const token = kindOf<TokenValues, Row>(
  {
    token: "authentik:Token",
    noun: "token",
    identity: ["identifier"],
    replace: ["user", "intent"],
    writeOnly: ["key"],
    defaults: { intent: "api", description: "", expiring: false },
    check(args, problems) {
      checkSlug("identifier", args.identifier, problems);
      checkText("user", args.user, problems);
      if (args.key !== undefined && !/^[\x21-\x7e]{12,}$/.test(args.key)) {
        problems.add("key", "must have 12 letters or more, without spaces; let a RandomPassword make it");
      }
      problems.oneOf("intent", args.intent, ["api", "app_password"]);
      problems.oneOf("expiring", args.expiring, ["false"]);
    },
  },
  {
    find: (api, { identifier = "" }, subject) =>
      api.find(subject, ({ core }) => core.coreTokensRetrieve({ identifier })),
    create: make,
    async update(api, { identifier, user, userObj }, args, subject, before) {
      if (userObj.username !== args.user) {
        // Whose it is cannot be changed.
        await remove(api, args, subject);
        return make(api, args, subject);
      }
      // Without its owner, it would become the one's who asks.
      const patchedTokenRequest = { ...body(args), user };
      const row = await api.call(subject, ({ core }) =>
        core.coreTokensPartialUpdate({ identifier, patchedTokenRequest }),
      );
      if (before.key !== args.key) await setKey(api, args, subject);
      return row;
    },
    destroy: remove,
    argsOf: (_api, row) => ({
      identifier: row.identifier,
      user: row.userObj.username,
      intent: row.intent as TokenValues["intent"],
      description: row.description,
      expiring: row.expiring as false,
    }),
    outsOf: () => ({}),
  },
);

async function make(api: Authentik, args: TokenValues, subject: Subject): Promise<Row> {
  const user = await findUser(api, args.user, subject);
  if (!user) throw noUser(args.user, subject);
  const tokenRequest = { ...body(args), user: user.pk };
  const row = await api.call(subject, ({ core }) => core.coreTokensCreate({ tokenRequest }));
  await setKey(api, args, subject);
  return row;
}

function remove(api: Authentik, { identifier }: Pick<Row, "identifier">, subject: Subject): Promise<void> {
  return api.call(subject, ({ core }) => core.coreTokensDestroy({ identifier }));
}

const body = ({ identifier, intent, description, expiring }: TokenValues) => ({
  identifier,
  intent,
  description,
  expiring,
});

const setKey = (api: Authentik, { identifier, key }: TokenValues, subject: Subject): Promise<void> =>
  api.call(subject, ({ core }) => core.coreTokensSetKeyCreate({ identifier, tokenSetKeyRequest: { key } }));
