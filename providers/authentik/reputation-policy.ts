import type { ReputationPolicy as Row, ReputationPolicyRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { named } from "./named";

/** What a policy on failed logins is. */
export interface ReputationPolicyValues {
  /** **A change makes another policy.** */
  readonly name: string;
  /** Whether failures count per user name. Default `true`. */
  readonly checkUsername?: boolean;
  /** Whether failures count per address. Default `false`: behind one address there are many people. */
  readonly checkIp?: boolean;
  /** It passes from this score down; a failure takes 1 off. Default -5. */
  readonly threshold?: number;
}

/** Arguments of {@link ReputationPolicy}. */
export type ReputationPolicyArgs = Inputs<ReputationPolicyValues>;

/**
 * A policy that passes for who failed to log in too often; bind a {@link DenyStage} with it. How long a failure counts is
 * the environment's `AUTHENTIK_REPUTATION__EXPIRY`, how far a score can fall is in {@link Settings}. Id: its name.
 */
export class ReputationPolicy extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: ReputationPolicyArgs, opts?: pulumi.CustomResourceOptions) {
    super(reputationPolicy, name, args, opts);
  }
}

export const reputationPolicy = named<ReputationPolicyValues, Row, ReputationPolicyRequest>(
  {
    token: "authentik:ReputationPolicy",
    noun: "reputation policy",
    inputs: ["name", "checkUsername", "checkIp", "threshold"],
    defaults: { checkUsername: true, checkIp: false, threshold: -5 },
    check(args, problems) {
      problems.wholeNumber("threshold", args.threshold, -1_000_000, 1_000_000);
      if (args.checkUsername === false && args.checkIp === false) {
        problems.add("checkUsername", "is off, as is `checkIp`, so that nothing would count; switch one on");
      }
    },
  },
  {
    list: ({ policies }, query) => policies.policiesReputationList(query),
    create: ({ policies }, reputationPolicyRequest) => policies.policiesReputationCreate({ reputationPolicyRequest }),
    update: ({ policies }, policyUuid, reputationPolicyRequest) =>
      policies.policiesReputationUpdate({ policyUuid, reputationPolicyRequest }),
    destroy: ({ policies }, policyUuid) => policies.policiesReputationDestroy({ policyUuid }),
  },
);
