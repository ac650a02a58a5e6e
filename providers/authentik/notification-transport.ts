import type { NotificationTransport as Row, NotificationTransportRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { keyPairs } from "./lookup";
import { named } from "./named";

/** How notifications are sent. */
export interface NotificationTransportValues {
  /** **A change makes another transport.** */
  readonly name: string;
  /** Into Authentik's own list, to a URL, or by e-mail. Default `local`. */
  readonly mode?: "local" | "webhook" | "webhook_slack" | "email";
  /** Where a webhook goes, which needs one. Who knows it can often post there: it is encrypted in the state. Default none. */
  readonly webhookUrl?: string;
  /** The {@link KeyPair} that has the CA of the webhook's server. Default: what the machine trusts. */
  readonly webhookCa?: string;
  /** Whether a notification goes out once, and not once for each member of the group. Default `false`. */
  readonly sendOnce?: boolean;
}

/** Arguments of {@link NotificationTransport}. */
export type NotificationTransportArgs = Inputs<NotificationTransportValues>;

/** A way that notifications take. Id: its name. */
export class NotificationTransport extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: NotificationTransportArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...notificationTransport, secrets: ["webhookUrl"] }, name, args, opts);
  }
}

export const notificationTransport = named<NotificationTransportValues, Row, NotificationTransportRequest>(
  {
    token: "authentik:NotificationTransport",
    noun: "notification transport",
    inputs: ["name", "mode", "webhookUrl", "webhookCa", "sendOnce"],
    references: { webhookCa: keyPairs },
    defaults: { mode: "local", webhookUrl: "", webhookCa: "", sendOnce: false },
    check({ mode, webhookUrl }, problems) {
      problems.oneOf("mode", mode, ["local", "webhook", "webhook_slack", "email"]);
      if (webhookUrl === undefined) return;
      if (webhookUrl === "" && mode?.startsWith("webhook")) {
        problems.add("webhookUrl", "is missing, and a webhook needs it");
      } else if (webhookUrl !== "" && !/^https?:$/.test(protocol(webhookUrl))) {
        problems.add("webhookUrl", "is no URL; write it as https://chat.home.arpa/hooks/…");
      }
    },
  },
  {
    list: ({ events }, query) => events.eventsTransportsList(query),
    create: ({ events }, notificationTransportRequest) =>
      events.eventsTransportsCreate({ notificationTransportRequest }),
    update: ({ events }, uuid, notificationTransportRequest) =>
      events.eventsTransportsUpdate({ uuid, notificationTransportRequest }),
    destroy: ({ events }, uuid) => events.eventsTransportsDestroy({ uuid }),
  },
);

const protocol = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : "");
