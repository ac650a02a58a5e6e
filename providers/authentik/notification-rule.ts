import type { NotificationRule as Row, NotificationRuleRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { groups, Lookup } from "./lookup";
import { named } from "./named";

/** Who hears of events, and how. */
export interface NotificationRuleValues {
  /** **A change makes another rule, without policies.** */
  readonly name: string;
  /** The names of the {@link NotificationTransport}s. */
  readonly transports: string[];
  /** Default `notice`. */
  readonly severity?: "notice" | "warning" | "alert";
  /** The group whose members are notified. Default none. */
  readonly destinationGroup?: string;
  /** Whether the user that an event is about is notified. Default `false`. */
  readonly destinationEventUser?: boolean;
}

/** Arguments of {@link NotificationRule}. */
export type NotificationRuleArgs = Inputs<NotificationRuleValues>;

/**
 * A rule that sends notifications of the events that pass one of its policies. Without a {@link PolicyBinding} it never
 * fires. Id: its name.
 */
export class NotificationRule extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: NotificationRuleArgs, opts?: pulumi.CustomResourceOptions) {
    super(notificationRule, name, args, opts);
  }
}

const transports = new Lookup({
  noun: "notification transport",
  area: "/events/transports",
  page: ({ events }, page) => events.eventsTransportsList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** Rules, by name. */
export const rules = new Lookup({
  noun: "notification rule",
  area: "/events/rules",
  page: ({ events }, page) => events.eventsRulesList(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

export const notificationRule = named<NotificationRuleValues, Row, NotificationRuleRequest>(
  {
    token: "authentik:NotificationRule",
    noun: "notification rule",
    inputs: ["name", "transports", "severity", "destinationGroup", "destinationEventUser"],
    references: { transports, destinationGroup: groups },
    defaults: { severity: "notice", destinationGroup: "", destinationEventUser: false },
    check(args, problems) {
      problems.oneOf("severity", args.severity, ["notice", "warning", "alert"]);
      const remedy = "is empty, so that nothing would be sent; name at least one transport";
      problems.expect("transports", args.transports, (names) => names.length > 0, remedy);
      if (args.destinationGroup === "" && args.destinationEventUser === false) {
        problems.add("destinationGroup", "is missing, so that nobody would be notified; name a group");
      }
    },
  },
  {
    list: ({ events }, query) => events.eventsRulesList(query),
    create: ({ events }, notificationRuleRequest) => events.eventsRulesCreate({ notificationRuleRequest }),
    update: ({ events }, pbmUuid, notificationRuleRequest) =>
      events.eventsRulesUpdate({ pbmUuid, notificationRuleRequest }),
    destroy: ({ events }, pbmUuid) => events.eventsRulesDestroy({ pbmUuid }),
  },
);
