import type { Row } from "../../../kit/rows";
import type { AuthentikObjects } from "../../objects";
import { type Collection, routesOf } from "../collection";
import { flag, type Context, type Route } from "../context";
import { invalid } from "../errors";
import { to } from "../references";
import { providerShown } from "./providers";

/** They are in addresses of OpenID Connect that all applications share. */
const reserved = ["authorize", "token", "device", "userinfo", "introspect", "revoke"];

const applications: Collection = {
  path: "/core/applications/",
  id: "slug",
  key: "slug",
  table: "applications",
  model: "Application",
  label: "authentik_core.application",
  search: ["name", "slug", "meta_launch_url", "meta_description", "meta_publisher", "group"],
  unique: {
    slug: "Application with this slug already exists.",
    provider: "Application with this provider already exists.",
  },
  validate({ slug }) {
    if (reserved.includes(slug as string)) {
      throw invalid("slug", `The slug '${slug}' is reserved and cannot be used for applications.`);
    }
  },
  references: { provider: to.provider, backchannel_providers: to.provider },
  defaults: () => ({
    ...{ name: "", slug: "", provider: null, backchannel_providers: [], open_in_new_tab: false, group: "" },
    ...{ meta_launch_url: "", meta_icon: "", meta_description: "", meta_publisher: "", meta_hide: false },
    policy_engine_mode: "any",
  }),
  listed: (rows, context) =>
    flag(context, "superuser_full_list", false) ? rows : rows.filter((row) => isOpen(row, context)),
  filters: {
    for_user: () => true,
    superuser_full_list: () => true,
    only_with_launch_url: (row, value, { objects }) => value !== "true" || launchUrl(row, objects) !== null,
  },
  shown: (row, context) => ({
    pbm_uuid: row.pk,
    provider_obj: providerOf(row, context),
    backchannel_providers_obj: [],
    launch_url: launchUrl(row, context.objects),
    meta_icon_url: row.meta_icon || null,
    meta_icon_themed_urls: null,
  }),
};

function providerOf(row: Row, context: Context): Row | null {
  const provider = context.objects.providerOf(row);
  return provider ? { ...provider, ...providerShown(provider, context.objects) } : null;
}

function launchUrl(row: Row, objects: AuthentikObjects): string | null {
  if (row.meta_launch_url) return row.meta_launch_url;
  const provider = objects.providerOf(row);
  const first = provider?.external_host ?? provider?.redirect_uris[0]?.url;
  return first ? new URL("/", first).href : null;
}

/** Whether an administrator gets the application in a list: by its groups and users alone. */
function isOpen(row: Row, { objects, user }: Context): boolean {
  const bindings = objects.bindingsOf(row.pk).filter(({ enabled, policy }) => enabled === true && !policy);
  if (bindings.length === 0) return objects.settings.flags?.core_default_app_access !== false;
  const groups = objects.allGroupsOf(user).map(({ pk }) => pk);
  const passing = bindings.map(
    ({ group, user: pk, negate }) => (group ? groups.includes(group) : pk === user.pk) !== negate,
  );
  return row.policy_engine_mode === "all" ? passing.every(Boolean) : passing.some(Boolean);
}

export const applicationRoutes: Route[] = routesOf(applications);
