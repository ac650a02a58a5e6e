import type { Row } from "../../../kit/rows";
import { duration } from "../../rows";
import { badDuration } from "../collection";
import { type Context, ok, type Route } from "../context";

/** What a new Authentik is set to. */
export const initialSettings = (): Row => ({
  ...{ avatars: "gravatar,initials", base_url: "" },
  ...{ default_user_change_name: true, default_user_change_email: false, default_user_change_username: false },
  ...{ event_retention: "days=365", reputation_lower_limit: -5, reputation_upper_limit: 5 },
  ...{ footer_links: [], gdpr_compliance: true, impersonation: true, impersonation_require_reason: true },
  ...{ default_token_duration: "days=1", default_token_length: 60 },
  ...{ pagination_default_page_size: 20, pagination_max_page_size: 100 },
  flags: {
    core_default_app_access: true,
    enterprise_audit_include_expanded_diff: false,
    flows_continuous_login: false,
    flows_refresh_others: false,
  },
});

function change({ objects, body }: Context): Row {
  for (const field of ["event_retention", "default_token_duration"]) {
    if (body[field] !== undefined && duration(body[field]) === undefined) throw badDuration(field, body[field]);
  }
  return Object.assign(objects.settings, body);
}

export const settingsRoutes: Route[] = [
  { method: "GET", path: "/admin/settings/", handle: ({ objects }) => ok(objects.settings) },
  { method: "PUT", path: "/admin/settings/", handle: (context) => ok(change(context)) },
  { method: "PATCH", path: "/admin/settings/", handle: (context) => ok(change(context)) },
];
