import { randomBytes } from "node:crypto";

import type { Row } from "../../../kit/rows";
import type { AuthentikObjects } from "../../objects";
import { duration } from "../../rows";
import { badDuration, type Collection, routesOf, rowOf } from "../collection";
import { type ApiResult, type Context, ok, type Route } from "../context";
import { invalid, notFound } from "../errors";
import { listed } from "../list";
import { to } from "../references";

const name = "provider with this name already exists.";
const clientId = "OAuth2/OpenID Provider with this Client ID already exists.";
const validities = [
  "access_code_validity",
  "access_token_validity",
  "refresh_token_validity",
  "refresh_token_threshold",
];

const common = {
  authentication_flow: to.flow,
  authorization_flow: to.flow,
  invalidation_flow: to.flow,
  property_mappings: to.mapping,
} as const;

/** A secret of Authentik's length and alphabet. */
const generated = (length: number): string =>
  randomBytes(length * 2)
    .toString("base64")
    .replace(/[^a-zA-Z0-9]/g, "")
    .slice(0, length);

function checkDurations(body: Row): void {
  for (const field of validities) {
    if (body[field] !== undefined && duration(body[field]) === undefined) throw badDuration(field, body[field]);
  }
}

/** A name or a client id is one of all providers, of whatever type. */
function checkNames(body: Row, { objects }: Context, row?: Row): void {
  const others = [...objects.oauth2Providers, ...objects.proxyProviders].filter((other) => other !== row);
  if (others.some((other) => other.name === body.name)) throw invalid("name", name);
  if (body.client_id !== undefined && others.some((other) => other.client_id === body.client_id)) {
    throw invalid("client_id", clientId);
  }
}

const oauth2Providers: Collection = {
  path: "/providers/oauth2/",
  id: "id",
  table: "oauth2Providers",
  model: "OAuth2/OpenID Provider",
  label: "authentik_providers_oauth2.oauth2provider",
  references: { ...common, signing_key: to.keypair, encryption_key: to.keypair },
  filters: {
    application: (row, value, { objects }) => objects.by("applications", "provider", row.pk)?.pk === value,
  },
  defaults: () => ({
    ...{ authentication_flow: null, property_mappings: [], client_type: "confidential", grant_types: [] },
    ...{ client_id: generated(40), client_secret: generated(128) },
    ...{ access_code_validity: "minutes=1", access_token_validity: "hours=1" },
    ...{ refresh_token_validity: "days=30", refresh_token_threshold: "seconds=0", include_claims_in_id_token: true },
    ...{ signing_key: null, encryption_key: null, logout_uri: "", logout_method: "backchannel" },
    ...{ sub_mode: "hashed_user_id", issuer_mode: "per_provider" },
    ...{ jwt_federation_sources: [], jwt_federation_providers: [] },
  }),
  validate(body, context, row) {
    checkNames(body, context, row);
    checkDurations(body);
    if (body.grant_types?.length === 0) throw invalid("grant_types", "This list may not be empty.");
    if (/[^\x20-\x7e]/.test(body.client_secret ?? "")) {
      throw invalid("client_secret", "The value must consist of printable ASCII characters.");
    }
    for (const { matching_mode, url } of (body.redirect_uris as Row[] | undefined) ?? []) {
      if (matching_mode === "regex" && !isPattern(url)) throw invalid("redirect_uris", `Invalid Regex Pattern: ${url}`);
    }
  },
  write(row, body) {
    const uris = (body.redirect_uris as Row[] | undefined)?.map((uri) => ({
      redirect_uri_type: "authorization",
      ...uri,
    }));
    Object.assign(row, body, uris ? { redirect_uris: uris } : {});
  },
  shown: (row, { objects }) => providerShown(row, objects),
};

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const proxyScopes = ["openid", "profile", "email", "entitlements"].map(
  (each) => `goauthentik.io/providers/oauth2/scope-${each}`,
);

const proxyProviders: Collection = {
  path: "/providers/proxy/",
  id: "id",
  table: "proxyProviders",
  model: "Proxy Provider",
  label: "authentik_providers_proxy.proxyprovider",
  references: { ...common, certificate: to.keypair },
  filters: {
    application__isnull: (row, value, { objects }) =>
      (objects.by("applications", "provider", row.pk) === undefined) === (value === "true"),
  },
  defaults: () => ({
    ...{ authentication_flow: null, property_mappings: [], client_id: generated(40), client_secret: generated(128) },
    ...{ internal_host: "", internal_host_ssl_validation: true, certificate: null, skip_path_regex: "", mode: "proxy" },
    ...{ basic_auth_enabled: false, basic_auth_password_attribute: "", basic_auth_user_attribute: "" },
    ...{ intercept_header_auth: true, cookie_domain: "", access_token_validity: "hours=24" },
    ...{ refresh_token_validity: "days=30", jwt_federation_sources: [], jwt_federation_providers: [] },
  }),
  validate(body, context, row) {
    checkNames(body, context, row);
    checkDurations(body);
    // It looks at the body alone: a change without the mode is held to be one of a proxy.
    if ((body.mode ?? "proxy") === "proxy" && !body.internal_host) {
      throw invalid("internal_host", "Internal host cannot be empty when forward auth is disabled.");
    }
    if (body.basic_auth_enabled && !(body.basic_auth_user_attribute && body.basic_auth_password_attribute)) {
      throw invalid("basic_auth_enabled", "User and password attributes must be set when basic auth is enabled.");
    }
  },
  write(row, body, { objects }) {
    Object.assign(row, body);
    const host = String(row.external_host).replace(/\/$/, "");
    const callback = "X-authentik-auth-callback=true";
    row.redirect_uris = [
      {
        matching_mode: "regex",
        url: `${escaped(host)}/outpost\\.goauthentik\\.io/callback\\?${callback}`,
        redirect_uri_type: "authorization",
      },
      { matching_mode: "regex", url: `${escaped(host)}\\?${callback}`, redirect_uri_type: "authorization" },
    ];
    const scopes = [...proxyScopes, "goauthentik.io/providers/proxy/scope-proxy"];
    const managed = objects.scopeMappings
      .filter((mapping) => scopes.includes(mapping.managed))
      .map(({ pk }) => pk as string);
    row.property_mappings = [...new Set([...row.property_mappings, ...managed])];
  },
  shown: (row, { objects }) => ({
    ...providerShown(row, objects),
    outpost_set: objects.outposts.filter(({ providers }) => providers.includes(row.pk)).map((outpost) => outpost.name),
  }),
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** What every provider shows besides its own fields. */
export function providerShown(row: Row, objects: AuthentikObjects): Row {
  const application = objects.by("applications", "provider", row.pk);
  const isProxy = "external_host" in row;
  return {
    component: isProxy ? "ak-provider-proxy-form" : "ak-provider-oauth2-form",
    verbose_name: isProxy ? "Proxy Provider" : "OAuth2/OpenID Provider",
    verbose_name_plural: isProxy ? "Proxy Providers" : "OAuth2/OpenID Providers",
    meta_model_name: isProxy ? proxyProviders.label : oauth2Providers.label,
    assigned_application_slug: application?.slug ?? null,
    assigned_application_name: application?.name ?? null,
    assigned_backchannel_application_slug: null,
    assigned_backchannel_application_name: null,
  };
}

/** Where the endpoints of a provider are, as its own application's users find them. */
function setupUrls(context: Context): Row {
  const provider = rowOf(oauth2Providers, context);
  const base = `${context.request.origin}/application/o/`;
  const slug = context.objects.by("applications", "provider", provider.pk)?.slug as string | undefined;
  const own = slug === undefined ? null : `${base}${slug}/`;
  return {
    issuer: provider.issuer_mode === "global" ? `${context.request.origin}/` : own,
    ...{ authorize: `${base}authorize/`, token: `${base}token/`, user_info: `${base}userinfo/` },
    provider_info: own && `${own}.well-known/openid-configuration`,
    logout: own && `${own}end-session/`,
    jwks: own && `${own}jwks/`,
    dcr_registration: null,
  };
}

const anyProvider: Collection = {
  path: "/providers/all/",
  id: "id",
  table: "oauth2Providers",
  model: "Provider",
  label: "authentik_core.provider",
  filters: {
    backchannel: () => true,
    application__isnull: (row, value, { objects }) =>
      (objects.by("applications", "provider", row.pk) === undefined) === (value === "true"),
  },
  shown: (row, { objects }) => providerShown(row, objects),
};

function all(context: Context): ApiResult {
  const { oauth2Providers: some, proxyProviders: others } = context.objects;
  return ok(listed([...some, ...others], anyProvider, context));
}

function oneOfAll(context: Context): ApiResult {
  const { oauth2Providers: some, proxyProviders: others } = context.objects;
  const row = [...some, ...others].find(({ pk }) => String(pk) === context.params.id);
  if (!row) throw notFound("Provider");
  return ok({ ...row, ...providerShown(row, context.objects) });
}

export const providerRoutes: Route[] = [
  ...routesOf(oauth2Providers),
  ...routesOf(proxyProviders),
  { method: "GET", path: "/providers/oauth2/{id}/setup_urls/", handle: (context) => ok(setupUrls(context)) },
  { method: "GET", path: "/providers/all/", handle: all },
  { method: "GET", path: "/providers/all/{id}/", handle: oneOfAll },
];
