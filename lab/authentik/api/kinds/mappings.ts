import { type Collection, routesOf } from "../collection";
import type { Route } from "../context";

const scopeMapping: Omit<Collection, "path"> = {
  id: "pm_uuid",
  table: "scopeMappings",
  model: "Scope Mapping",
  label: "authentik_providers_oauth2.scopemapping",
  unique: {
    name: "Property Mapping with this name already exists.",
    managed: "Property Mapping with this managed already exists.",
  },
  search: ["name", "expression", "managed"],
  defaults: () => ({ managed: null, description: "" }),
  shown: () => ({
    component: "ak-property-mapping-provider-scope-form",
    verbose_name: "Scope Mapping",
    verbose_name_plural: "Scope Mappings",
    meta_model_name: "authentik_providers_oauth2.scopemapping",
  }),
};

/** The expressions are Python, and what they mean is known of the ones that come with Authentik and with this project. */
export const mappingRoutes: Route[] = [
  ...routesOf({ ...scopeMapping, path: "/propertymappings/provider/scope/" }),
  ...routesOf({ ...scopeMapping, path: "/propertymappings/all/", methods: ["list", "retrieve", "destroy"] }),
];
