import type { EventMatcherPolicy as Row, EventMatcherPolicyRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { named } from "./named";
import { itself } from "./references";

/** Which events a policy is for. */
export interface EventMatcherPolicyValues {
  /** **A change makes another policy.** */
  readonly name: string;
  /** What happened: `login_failed`. Default: anything. */
  readonly action?: string;
  /** From which address. Default: any. */
  readonly clientIp?: string;
  /** In which part of Authentik: `authentik.core`. Default: any. */
  readonly app?: string;
  /** To which type of object: `authentik_core.user`. Default: any. */
  readonly model?: string;
}

/** Arguments of {@link EventMatcherPolicy}. */
export type EventMatcherPolicyArgs = Inputs<EventMatcherPolicyValues>;

/** A policy that passes for some events. Bound to a {@link NotificationRule} it says what people hear of. Id: its name. */
export class EventMatcherPolicy extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: EventMatcherPolicyArgs, opts?: pulumi.CustomResourceOptions) {
    super(eventMatcherPolicy, name, args, opts);
  }
}

export const eventMatcherPolicy = named<EventMatcherPolicyValues, Row, EventMatcherPolicyRequest>(
  {
    token: "authentik:EventMatcherPolicy",
    noun: "event matcher policy",
    inputs: ["name", "action", "clientIp", "app", "model"],
    references: { action: itself, clientIp: itself, app: itself, model: itself },
    // All are sent, for Authentik fails where one is missing.
    defaults: { action: "", clientIp: "", app: "", model: "" },
    check(args, problems) {
      const { action, clientIp, app, model } = args;
      if (action === "" && clientIp === "" && app === "" && model === "") {
        problems.add("action", 'is missing, and so is any other condition; give one, such as action "login_failed"');
      }
    },
  },
  {
    list: ({ policies }, query) => policies.policiesEventMatcherList(query),
    create: ({ policies }, eventMatcherPolicyRequest) =>
      policies.policiesEventMatcherCreate({ eventMatcherPolicyRequest }),
    update: ({ policies }, policyUuid, eventMatcherPolicyRequest) =>
      policies.policiesEventMatcherUpdate({ policyUuid, eventMatcherPolicyRequest }),
    destroy: ({ policies }, policyUuid) => policies.policiesEventMatcherDestroy({ policyUuid }),
  },
);
