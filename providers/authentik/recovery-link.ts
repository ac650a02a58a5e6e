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
  readonly username: string;
  /** How long it is good. **A change makes another link.** Default `days=3`. */
  readonly validity?: string;
  /** The slug of the brand's recovery flow, so that the link comes after it. A change makes no other link. */
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
 * one comes with `pulumi up --replace <urn>`. Id: the user name. Deleting this takes back nothing: a link ends by itself.
 * The brand must have a recovery flow.
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
    const user = await findUser(api, username, subject);
    if (!user) throw noUser(username, subject);
    const userRecoveryLinkRequest = { tokenDuration: validity };
    const { link } = await api.call(subject, ({ core }) =>
      core.coreUsersRecoveryCreate({ id: user.pk, userRecoveryLinkRequest }),
    );
    return { link, userId: user.pk };
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

  delete: () => Promise.resolve(),
};

const about = (action: string, name: string): Subject => ({
  action,
  object: "recovery link",
  name,
  remedies: { 400: "Give the brand a recovery flow, and make this resource depend on it." },
});
