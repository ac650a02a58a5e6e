import type { ExpressionPolicy as Row, ExpressionPolicyRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { named } from "./named";
import { checkText } from "./text-checks";

/** What a policy in Python is. */
export interface ExpressionPolicyValues {
  /** **A change makes another policy.** */
  readonly name: string;
  /**
   * Python whose `return` says whether it passes. `request.user` is whom it is about; `context` is what the flow knows. Where it
   * fails, the policy does not pass, so let a refusal not depend on it alone.
   */
  readonly expression: string;
}

/** Arguments of {@link ExpressionPolicy}. */
export type ExpressionPolicyArgs = Inputs<ExpressionPolicyValues>;

/** A policy that is decided by Python inside Authentik: for what no other kind of policy says. Id: its name. */
export class ExpressionPolicy extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: ExpressionPolicyArgs, opts?: pulumi.CustomResourceOptions) {
    super(expressionPolicy, name, args, opts);
  }
}

export const expressionPolicy = named<ExpressionPolicyValues, Row, ExpressionPolicyRequest>(
  {
    token: "authentik:ExpressionPolicy",
    noun: "expression policy",
    inputs: ["name", "expression"],
    check: (args, problems) => checkText("expression", args.expression, problems),
  },
  {
    list: ({ policies }, query) => policies.policiesExpressionList(query),
    create: ({ policies }, expressionPolicyRequest) => policies.policiesExpressionCreate({ expressionPolicyRequest }),
    update: ({ policies }, policyUuid, expressionPolicyRequest) =>
      policies.policiesExpressionUpdate({ policyUuid, expressionPolicyRequest }),
    destroy: ({ policies }, policyUuid) => policies.policiesExpressionDestroy({ policyUuid }),
  },
);
