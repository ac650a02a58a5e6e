import { Refusal } from "../../../kit/refusal";
import type { Row } from "../../../kit/rows";
import { type Collection, routesOf, rowOf, show } from "../collection";
import { type Context, ok, type Route } from "../context";
import { to } from "../references";
import { groups } from "./groups";

const events: Collection = {
  path: "/events/events/",
  id: "event_uuid",
  table: "events",
  model: "Event",
  label: "authentik_events.event",
  methods: ["list", "retrieve"],
  ordering: "-created",
  search: ["pk", "user.username", "user.email", "action", "app", "client_ip", "context.username"],
  filters: {
    actions: (row, value) => row.action === value,
    username: (row, value) => row.user.username === value,
    client_ip: (row, value) => row.client_ip === value,
    brand_name: (row, value) => row.brand.name === value,
    context_authorized_app: (row, value) => row.context.authorized_application?.pk === value.replaceAll("-", ""),
    context_model_app: (row, value) => row.context.model?.app === value,
    context_model_name: (row, value) => row.context.model?.model_name === value,
    context_model_pk: (row, value) => row.context.model?.pk === value.replaceAll("-", ""),
  },
};

const modes: Record<string, string> = {
  local: "authentik inbuilt notifications",
  webhook: "Generic Webhook",
  webhook_slack: "Slack Webhook (Slack/Discord)",
  email: "Email",
};

const transports: Collection = {
  path: "/events/transports/",
  id: "uuid",
  table: "transports",
  model: "Notification Transport",
  label: "authentik_events.notificationtransport",
  search: ["name", "mode", "webhook_url"],
  unique: { name: "Notification Transport with this name already exists." },
  references: { webhook_ca: to.keypair, webhook_mapping_body: to.mapping, webhook_mapping_headers: to.mapping },
  defaults: newTransport,
  validate({ mode, webhook_url }) {
    // It looks at the body alone: a change must say both.
    if (["webhook", "webhook_slack"].includes(mode) && !webhook_url) {
      throw new Refusal(400, { webhook_url: "Webhook URL may not be empty." });
    }
  },
  shown: ({ mode }) => ({ mode_verbose: modes[mode] }),
};

/** What a transport has that was just made, besides what was said. */
export function newTransport(): Row {
  return {
    ...{ mode: "local", webhook_url: "", webhook_ca: null, webhook_mapping_body: null, webhook_mapping_headers: null },
    ...{ email_subject_prefix: "authentik Notification: ", email_template: "email/event_notification.html" },
    send_once: false,
  };
}

const rules: Collection = {
  path: "/events/rules/",
  id: "pbm_uuid",
  table: "rules",
  model: "Notification Rule",
  label: "authentik_events.notificationrule",
  search: ["name", "severity"],
  unique: { name: "Notification Rule with this name already exists." },
  references: { transports: to.transport, destination_group: to.group },
  filters: {
    destination_group__name: (row, value, { objects }) =>
      objects.by("groups", "pk", row.destination_group)?.name === value,
  },
  defaults: newRule,
  shown(row, context) {
    const group = context.objects.by("groups", "pk", row.destination_group);
    return { destination_group_obj: group ? show(groups, group, context) : null };
  },
};

/** What a rule has that was just made, besides what was said. */
export function newRule(): Row {
  return { transports: [], severity: "notice", destination_group: null, destination_event_user: false };
}

/** How many events of each action there were, by the hour. */
function volume({ objects, request }: Context): Row[] {
  const days = Number(request.query.get("history_days") ?? 7);
  const since = objects.now(-days * 86_400_000);
  const counts = new Map<string, Row>();
  for (const { action, created } of objects.events) {
    if (created < since) continue;
    const time = `${String(created).slice(0, 13)}:00:00.000Z`;
    const row = counts.get(`${action} ${time}`) ?? { action, time, count: 0 };
    row.count++;
    counts.set(`${action} ${time}`, row);
  }
  return [...counts.values()];
}

export const eventRoutes: Route[] = [
  ...routesOf(events),
  ...routesOf(transports),
  ...routesOf(rules),
  { method: "GET", path: "/events/events/volume/", handle: (context) => ok(volume(context)) },
  {
    method: "POST",
    path: "/events/transports/{uuid}/test/",
    handle: (context) => {
      rowOf(transports, context);
      return ok({ messages: [] });
    },
  },
];
