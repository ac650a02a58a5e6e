import type Provider from "oidc-provider";
import type { ClientMetadata, Configuration } from "oidc-provider";

import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import { duration } from "../rows";
import { scopesOf, subjectOf, type Scope } from "./claims";
import { algorithms, signingKey } from "./keys";
import type { TokenStore } from "./token-store";

/** The name of the cookie by which oidc-provider gets the session of a request. It never leaves this process. */
export const internalCookie = "homelab_session";

const knownGrants = ["authorization_code", "refresh_token"];

/** What an OpenID provider of one application is made from: another is made when this changes. */
export interface Client {
  readonly issuer: string;
  readonly application: Row;
  readonly provider: Row;
}

/** Everything that the provider depends on, as text. */
export function fingerprint(objects: AuthentikObjects, { issuer, provider }: Client): string {
  const mappings = (provider.property_mappings ?? []).map((pk: string) => objects.by("scopeMappings", "pk", pk));
  return JSON.stringify([issuer, provider, mappings, objects.hidden.keyData[provider.signing_key ?? ""] ?? null]);
}

/** An OpenID provider with one client. Its addresses are `/authorize`, `/token`, `/userinfo`, `/introspect` and `/revoke`. */
export async function makeProvider(objects: AuthentikObjects, store: TokenStore, client: Client): Promise<Provider> {
  const { Provider, interactionPolicy } = await import("oidc-provider");
  const { provider: row } = client;
  const key = signingKey(objects, row.signing_key);
  const scopes = scopesOf(objects, row);
  const prompts = interactionPolicy.base();
  prompts.get("login")?.checks.remove("login_prompt");
  prompts.get("consent")?.checks.clear();
  const made: Provider = new Provider(client.issuer, {
    adapter: store.adapterOf((user) => subjectOf(user, row)),
    clients: [metadata(row, key?.algorithm ?? "HS256")],
    ...(key ? { jwks: { keys: [key.privateKey as never] } } : {}),
    enabledJWA: { idTokenSigningAlgValues: ["HS256", ...Object.values(algorithms)] },
    cookies: { names: { session: internalCookie }, keys: [] },
    scopes: [...new Set(["openid", "offline_access", ...scopes.map(({ name }) => name)])],
    claims: claimsOf(scopes),
    conformIdTokenClaims: row.include_claims_in_id_token === false,
    pkce: { required: () => false },
    findAccount: (_context, id) => account(objects, row, scopes, id),
    loadExistingGrant: async (context) => {
      const { oidc } = context;
      const grant = new made.Grant({ accountId: oidc.account?.accountId ?? "", clientId: oidc.client?.clientId ?? "" });
      grant.addOIDCScope(String(oidc.params?.scope ?? ""));
      await grant.save();
      return grant;
    },
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: lifetimes(row),
    interactions: { policy: prompts, url: () => "/" },
    routes: { authorization: "/authorize", userinfo: "/userinfo", introspection: "/introspect", revocation: "/revoke" },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: isOwn },
      revocation: { enabled: true, allowedPolicy: isOwn },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
    },
    renderError: (context, { error, error_description: description }) => {
      context.status = 400;
      context.type = "html";
      context.body = `<!doctype html><title>${error} - authentik</title><h1>${error}</h1><p>${description ?? ""}</p>`;
    },
  } satisfies Configuration);
  made.proxy = true;
  made.use(async (context, next) => {
    await next();
    context.remove("set-cookie");
  });
  Object.assign(made.Client.prototype, { redirectUriAllowed: (uri: string) => isRedirectUri(row, uri) });
  return made;
}

/** Whether a provider sends codes there. */
export function isRedirectUri({ redirect_uris: uris = [] }: Row, uri: string, type = "authorization"): boolean {
  return (uris as Row[])
    .filter(({ redirect_uri_type = "authorization" }) => redirect_uri_type === type)
    .some(({ matching_mode, url }) => (matching_mode === "regex" ? new RegExp(`^(?:${url})$`).test(uri) : url === uri));
}

/** A client asks about its own tokens only. */
const isOwn = (_context: unknown, client: { clientId: string }, token: { clientId?: string }): boolean =>
  token.clientId === client.clientId;

function metadata(row: Row, algorithm: string): ClientMetadata {
  const grants = (row.grant_types as string[]).filter((grant) => knownGrants.includes(grant));
  const uris = (row.redirect_uris as Row[]).filter(
    ({ url, matching_mode }) => matching_mode !== "regex" && URL.canParse(url),
  );
  return {
    client_id: row.client_id,
    client_secret: row.client_secret,
    token_endpoint_auth_method: row.client_type === "public" ? "none" : "client_secret_basic",
    grant_types: grants,
    response_types: grants.includes("authorization_code") ? ["code"] : [],
    // Which of them a request may name is decided by `isRedirectUri`.
    redirect_uris: uris.length > 0 ? uris.map(({ url }) => url as string) : ["https://localhost/"],
    id_token_signed_response_alg: algorithm as ClientMetadata["id_token_signed_response_alg"],
  };
}

function claimsOf(scopes: Scope[]): Record<string, string[]> {
  const claims: Record<string, string[]> = { openid: ["sub"] };
  for (const scope of scopes) claims[scope.name] = [...(claims[scope.name] ?? []), ...scope.claims];
  return claims;
}

/** Who a subject is, as long as the account is active. */
function account(objects: AuthentikObjects, provider: Row, scopes: Scope[], id: string) {
  const user = objects.users.find((each) => each.is_active && subjectOf(each, provider) === id);
  if (!user) return undefined;
  return {
    accountId: id,
    claims: (_use: string, scope: string) => {
      const asked = scope.split(" ");
      const values = scopes.filter(({ name }) => asked.includes(name)).map((each) => each.valuesOf(user));
      return { ...Object.assign({}, ...values), sub: id };
    },
  };
}

function lifetimes(row: Row): Record<string, number> {
  const seconds = (text: string | undefined, fallback: string): number =>
    Math.max(1, Math.floor((duration(text || fallback) ?? 0) / 1000));
  const access = seconds(row.access_token_validity, "hours=1");
  const refresh = seconds(row.refresh_token_validity, "days=30");
  return {
    AuthorizationCode: seconds(row.access_code_validity, "minutes=1"),
    AccessToken: access,
    IdToken: access,
    RefreshToken: refresh,
    Grant: Math.max(access, refresh),
    Session: 86_400,
    Interaction: 600,
  };
}
