import type { User as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import type { Inputs } from "./connection";
import { users } from "./lookup";
import { checkText } from "./text-checks";
import { findUser, noUser } from "./user";
import { checkDuration } from "./words";

/** Who gets a link, and for how long. */
export interface RecoveryLinkValues {
  /** Who gets the link. **A change makes another link.** */
  readonly username: string;
  /** How long it is good. **A change makes another link.** Default `days=3`. */
  readonly validity?: string;
  /**
   * The slug of the brand's recovery flow, so that the link comes after it. A change makes no other link. Left out:
   * `dependsOn` has to name the {@link Brand}.
   */
  readonly flow?: string;
}

interface RecoveryLinkOuts {
  readonly link: string;
  readonly userId: number;
}

/** Arguments of {@link RecoveryLink}. */
export type RecoveryLinkArgs = Inputs<RecoveryLinkValues>;

/**
 * An address that lets a user choose a password, once. It is made once, and again for a user who was made again; another
 * one comes with `pulumi up --replace <urn>`. Authentik keeps one link for each user: making this revokes the one there is,
 * whoever made it, and deleting this revokes the one that it made. Id: the user name. The brand must have a recovery flow.
 */
export class RecoveryLink extends DynamicResource {
  /** A secret: who has it, has the account. */
  declare readonly link: pulumi.Output<string>;

  constructor(name: string, args: RecoveryLinkArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...recoveryLink, secrets: ["link"] }, name, args, opts);
  }
}

export const recoveryLink: Kind<Authentik, RecoveryLinkValues, RecoveryLinkOuts> = {
  token: "authentik:RecoveryLink",
  noun: "recovery link",
  identity: ["username"],
  replace: ["validity"],
  writeOnly: ["validity", "flow"],
  outputs: ["link", "userId"],
  defaults: { validity: "days=3" },

  check(args, problems) {
    checkText("username", args.username, problems);
    checkDuration("validity", args.validity, problems);
  },

  async create(api, { username, validity }) {
    const subject = about("create", username);
    const newborn = users.newborn(api, username);
    if (newborn) return { link: await requestLink(api, newborn, validity, subject), userId: newborn.pk };
    const user = await findUser(api, username, subject);
    if (!user) throw noUser(username, subject);
    return { link: await newRecoveryLink(api, user, validity, subject), userId: user.pk };
  },

  // A link that nobody has heard of helps nobody.
  adopt: () => Promise.resolve(undefined),
  sync: () => Promise.resolve({}),

  async read(api, { username = "" }, known) {
    const user = await users.row(api, username, about("read", username));
    // Another user of that name: the link in the state is not theirs.
    if (!user || (known.userId !== undefined && known.userId !== user.pk)) return undefined;
    return { args: { username }, outs: { link: known.link ?? "", userId: user.pk } };
  },

  async delete(api, { username }, { link = "", userId }) {
    const subject = about("delete", username);
    const user = await findUser(api, username, subject);
    if (!user || user.pk !== userId || !URL.canParse(link)) return;
    const { identifier } = tokenOf(user);
    const token = await api.find(subject, ({ core }) => core.coreTokensViewKeyRetrieve({ identifier }));
    // Another link may have been made since.
    if (token?.key === new URL(link).searchParams.get("flow_token")) await revoke(api, user, subject);
  },
};

/**
 * Makes a link by which the user chooses a password, good for a time such as `hours=1`. Until it is opened or purged,
 * Authentik gives the same one again, so that the one there is, is revoked first: one that leaked ends with it.
 */
export async function newRecoveryLink(
  api: Authentik,
  user: Row,
  tokenDuration: string | undefined,
  subject: Subject,
): Promise<string> {
  await revoke(api, user, subject);
  return requestLink(api, user, tokenDuration, subject);
}

/** The link of a user who has none, or whatever link there is. */
async function requestLink(
  api: Authentik,
  { pk: id }: Row,
  tokenDuration: string | undefined,
  subject: Subject,
): Promise<string> {
  const request = { id, userRecoveryLinkRequest: { tokenDuration } };
  return (await api.call(subject, ({ core }) => core.coreUsersRecoveryCreate(request))).link;
}

/** What Authentik keeps a user's link by; see `_create_recovery_link` in authentik/core/api/users.py. */
const tokenOf = ({ uid }: Row) => ({ identifier: `${uid}-password-reset` });

const revoke = (api: Authentik, user: Row, subject: Subject): Promise<void> =>
  api.find(subject, ({ core }) => core.coreTokensDestroy(tokenOf(user)));

const about = (action: string, name: string): Subject => ({
  action,
  object: "recovery link",
  name,
  remedies: { 400: "Give the brand a recovery flow, and make this resource depend on it." },
});
