import type { Row } from "../../../kit/rows";
import { type Collection, routesOf } from "../collection";
import type { Route } from "../context";
import { invalid } from "../errors";
import { to } from "../references";
import { providerShown } from "./providers";

/** The `managed` name of the outpost that is part of the server. */
export const embedded = "goauthentik.io/outposts/embedded";

const outposts: Collection = {
  path: "/outposts/instances/",
  id: "uuid",
  table: "outposts",
  model: "Outpost",
  label: "authentik_outposts.outpost",
  unique: { name: "Outpost with this name already exists.", managed: "Outpost with this managed already exists." },
  references: { providers: to.provider },
  search: ["name"],
  filters: {
    providers_by_pk: (row, value) => row.providers.map(String).includes(value),
    providers__isnull: (row, value) => (row.providers.length === 0) === (value === "true"),
  },
  defaults: () => ({ providers: [], service_connection: null, config: {}, managed: null }),
  validate({ providers = [], type, name }, { objects }, row) {
    const kind = type ?? row?.type;
    const wrong = objects.oauth2Providers.find(({ pk }) => providers.includes(pk));
    if (kind === "proxy" && wrong) {
      throw invalid("non_field_errors", `Outpost type ${kind} can't be used with OAuth2Provider providers.`);
    }
    if (row?.managed === embedded && name !== undefined && name !== row.name) {
      throw invalid("name", "Embedded outpost's name cannot be changed");
    }
  },
  shown: (row, { objects }) => ({
    providers_obj: objects.proxyProviders
      .filter(({ pk }) => row.providers.includes(pk))
      .map((provider): Row => ({ ...provider, ...providerShown(provider, objects) })),
    service_connection_obj: null,
    refresh_interval_s: 300,
    token_identifier: `ak-outpost-${row.pk}-api`,
  }),
};

export const outpostRoutes: Route[] = routesOf(outposts);
