import type { Row } from "../../../kit/rows";
import { type Collection, routesOf } from "../collection";
import { ok, type Context, type Route } from "../context";
import { invalid } from "../errors";
import { to } from "../references";

const flows = [
  ...["authentication", "user_switch", "invalidation", "recovery", "unenrollment", "user_settings"],
  ...["device_code", "lockdown", "request"],
].map((name) => `flow_${name}`);

/** What a brand has that was just made, besides what was said. */
export const newBrand = (): Row => ({
  ...{ default: false, branding_title: "authentik", branding_custom_css: "", branding_map_tiles: "" },
  branding_logo: "/static/dist/assets/icons/icon_left_brand.svg",
  branding_favicon: "/static/dist/assets/icons/icon.png",
  branding_default_flow_background: "/static/dist/assets/images/flow_background.jpg",
  ...Object.fromEntries(flows.map((field) => [field, null])),
  ...{ default_application: null, web_certificate: null, client_certificates: [], attributes: {} },
});

const brands: Collection = {
  path: "/core/brands/",
  id: "brand_uuid",
  key: "brand_uuid",
  table: "brands",
  model: "Brand",
  label: "authentik_brands.brand",
  ordering: "domain",
  search: ["domain", "branding_title", "web_certificate"],
  references: {
    ...Object.fromEntries(flows.map((field) => [field, to.flow])),
    default_application: to.application,
    web_certificate: to.keypair,
    client_certificates: to.keypair,
  },
  defaults: newBrand,
  validate(body, { objects }, row) {
    if (body.default === true && objects.brands.some((other) => other !== row && other.default === true)) {
      throw invalid("default", "Only a single brand can be set as default.");
    }
  },
  write(row, body) {
    Object.assign(row, body, { brand_uuid: row.brand_uuid ?? row.pk });
  },
};

/** What everybody may know of the brand. */
function current({ objects }: Context): Row {
  const brand = objects.brand ?? newBrand();
  const slugs = flows.flatMap((field): [string, string][] => {
    const flow = objects.by("flows", "pk", brand[field]);
    return flow ? [[field, flow.slug]] : [];
  });
  return {
    matched_domain: brand.domain ?? "",
    ...{ branding_title: brand.branding_title, branding_logo: brand.branding_logo, branding_logo_themed_urls: null },
    ...{ branding_favicon: brand.branding_favicon, branding_favicon_themed_urls: null },
    ...{ branding_custom_css: brand.branding_custom_css, branding_map_tiles: brand.branding_map_tiles },
    ...{ ui_footer_links: objects.settings.footer_links ?? [], ui_theme: "automatic", default_locale: "" },
    ...Object.fromEntries(slugs),
    flags: objects.settings.flags,
  };
}

export const brandRoutes: Route[] = [
  ...routesOf(brands),
  { method: "GET", path: "/core/brands/current/", open: true, handle: (context) => ok(current(context)) },
];
