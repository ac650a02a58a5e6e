import type { Settings as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { checkDuration } from "./words";

/** Settings of the whole system. What is left out is not managed. */
export interface SettingsValues {
  /** Whether an application that nothing is bound to is open to every user. Authentik's default `true`. */
  readonly coreDefaultAppAccess?: boolean;
  /** Where users' pictures come from: `initials`, or a list of sources. Authentik's default asks gravatar.com. */
  readonly avatars?: string;
  /** Where Authentik is, without a path: `https://auth.home.arpa`. Authentik's default: none. */
  readonly baseUrl?: string;
  /** How long events are kept: `days=90`. Authentik's default `days=365`. */
  readonly eventRetention?: string;
  /**
   * How far failed logins can take a score down, 0 or less. Authentik's default -5. It must be below the threshold of
   * each {@link ReputationPolicy}.
   */
  readonly reputationLowerLimit?: number;
  /** How far logins can take a score up, 0 or more. With 0, nobody has failures in hand. Authentik's default 5. */
  readonly reputationUpperLimit?: number;
  /** Whether users may change their own name. Authentik's default `true`. */
  readonly defaultUserChangeName?: boolean;
  /** Whether users may change their own e-mail address, by which services may know them. Authentik's default `false`. */
  readonly defaultUserChangeEmail?: boolean;
  /** Whether users may change their own user name, by which services may know them. Authentik's default `false`. */
  readonly defaultUserChangeUsername?: boolean;
  /** Whether administrators may act as another user. Authentik's default `true`. */
  readonly impersonation?: boolean;
  /** Whether the events of a user go when the user is deleted. Authentik's default `true`. */
  readonly gdprCompliance?: boolean;
  /** How long a token is good that is made without an end: `hours=12`. Authentik's default `days=1`. */
  readonly defaultTokenDuration?: string;
}

/** Arguments of {@link Settings}. */
export type SettingsArgs = Inputs<SettingsValues>;

/** Authentik's settings, of which there is one. Deleting this leaves them as they are. */
export class Settings extends DynamicResource {
  constructor(name: string, args: SettingsArgs, opts?: pulumi.CustomResourceOptions) {
    super(settings, name, args, opts);
  }
}

export const settings: Kind<Authentik, SettingsValues> = {
  observeFirst: true,
  ...kindOf<SettingsValues, Row>(
    {
      token: "authentik:Settings",
      noun: "settings",
      identity: [],
      check(args, problems) {
        const isOrigin = (text: string): boolean => /^https:\/\/[^/?#@]+$/.test(text);
        problems.expect(
          "baseUrl",
          args.baseUrl,
          isOrigin,
          "{value} is no https address; write it as https://auth.home.arpa",
        );
        checkDuration("eventRetention", args.eventRetention, problems);
        checkDuration("defaultTokenDuration", args.defaultTokenDuration, problems);
        problems.wholeNumber("reputationLowerLimit", args.reputationLowerLimit, -1_000_000, 0);
        problems.wholeNumber("reputationUpperLimit", args.reputationUpperLimit, 0, 1_000_000);
        problems.expect("avatars", args.avatars, (text) => text !== "", 'is empty; write "initials"');
      },
    },
    {
      find: (api, _names, subject) => retrieve(api, subject),
      create: async (api, args, subject) => write(api, await retrieve(api, subject), args, subject),
      update: write,
      destroy: () => Promise.resolve(),
      argsOf: (_api, { flags, ...row }) => ({
        coreDefaultAppAccess: flags.coreDefaultAppAccess,
        avatars: row.avatars,
        baseUrl: row.baseUrl,
        eventRetention: row.eventRetention,
        reputationLowerLimit: row.reputationLowerLimit,
        reputationUpperLimit: row.reputationUpperLimit,
        defaultUserChangeName: row.defaultUserChangeName,
        defaultUserChangeEmail: row.defaultUserChangeEmail,
        defaultUserChangeUsername: row.defaultUserChangeUsername,
        impersonation: row.impersonation,
        gdprCompliance: row.gdprCompliance,
        defaultTokenDuration: row.defaultTokenDuration,
      }),
      outsOf: () => ({}),
    },
  ),
};

const retrieve = (api: Authentik, subject: Subject): Promise<Row> =>
  api.call(subject, ({ admin }) => admin.adminSettingsRetrieve());

/** Flags are written all or none. */
function write(api: Authentik, { flags }: Row, args: SettingsValues, subject: Subject): Promise<Row> {
  const { coreDefaultAppAccess, ...patchedSettingsRequest } = args;
  const changed = coreDefaultAppAccess === undefined ? {} : { flags: { ...flags, coreDefaultAppAccess } };
  return api.call(subject, ({ admin }) =>
    admin.adminSettingsPartialUpdate({ patchedSettingsRequest: { ...patchedSettingsRequest, ...changed } }),
  );
}
