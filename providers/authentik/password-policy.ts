import type { PasswordPolicy as Row, PasswordPolicyRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { named } from "./named";

/** What a policy on new passwords is. */
export interface PasswordPolicyValues {
  /** **A change makes another policy.** */
  readonly name: string;
  /** The key of the prompt's field. Default `password`. */
  readonly passwordField?: string;
  /** How many letters a password has at least. Default 12. */
  readonly lengthMin?: number;
  /** What people read whose password is too short. Default none. */
  readonly errorMessage?: string;
  /** Whether the length counts at all. Default `true`. */
  readonly checkStaticRules?: boolean;
  /** Whether a password that is easy to guess is refused. Default `true`. */
  readonly checkZxcvbn?: boolean;
  /** From 0 to 4: a password is refused whose strength is this or less. Default 2. */
  readonly zxcvbnScoreThreshold?: number;
  /** Whether a part of the password's hash is sent to haveibeenpwned.com. Default `false`. */
  readonly checkHaveIBeenPwned?: boolean;
}

/** Arguments of {@link PasswordPolicy}. */
export type PasswordPolicyArgs = Inputs<PasswordPolicyValues>;

/** A policy that a new password must pass, as one of a {@link PromptStage}'s validation policies. Id: its name. */
export class PasswordPolicy extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: PasswordPolicyArgs, opts?: pulumi.CustomResourceOptions) {
    super(passwordPolicy, name, args, opts);
  }
}

export const passwordPolicy = named<PasswordPolicyValues, Row, PasswordPolicyRequest>(
  {
    token: "authentik:PasswordPolicy",
    noun: "password policy",
    inputs: [
      "name",
      "passwordField",
      "lengthMin",
      "errorMessage",
      "checkStaticRules",
      "checkZxcvbn",
      "zxcvbnScoreThreshold",
      "checkHaveIBeenPwned",
    ],
    defaults: {
      passwordField: "password",
      lengthMin: 12,
      errorMessage: "",
      checkStaticRules: true,
      checkZxcvbn: true,
      zxcvbnScoreThreshold: 2,
      checkHaveIBeenPwned: false,
    },
    check(args, problems) {
      problems.wholeNumber("lengthMin", args.lengthMin, 8, 128);
      problems.wholeNumber("zxcvbnScoreThreshold", args.zxcvbnScoreThreshold, 0, 4);
    },
  },
  {
    list: ({ policies }, query) => policies.policiesPasswordList(query),
    create: ({ policies }, passwordPolicyRequest) => policies.policiesPasswordCreate({ passwordPolicyRequest }),
    update: ({ policies }, policyUuid, passwordPolicyRequest) =>
      policies.policiesPasswordUpdate({ policyUuid, passwordPolicyRequest }),
    destroy: ({ policies }, policyUuid) => policies.policiesPasswordDestroy({ policyUuid }),
  },
);
