import type { Row } from "../../kit/rows";
import type { SigningKey } from "./keys";

/** The addresses that applications share. */
export const shared = "/application/o/";

export const issuerOf = (origin: string, application: Row, provider: Row): string =>
  provider.issuer_mode === "global" ? `${origin}/` : `${origin}${shared}${application.slug}/`;

/** `.well-known/openid-configuration` of an application, as far as the stand-in does what it says. */
export function discovery(
  origin: string,
  application: Row,
  provider: Row,
  key: SigningKey | undefined,
  scopes: string[],
  claims: string[],
): Row {
  const own = `${origin}${shared}${application.slug}/`;
  return {
    issuer: issuerOf(origin, application, provider),
    authorization_endpoint: `${origin}${shared}authorize/`,
    token_endpoint: `${origin}${shared}token/`,
    userinfo_endpoint: `${origin}${shared}userinfo/`,
    end_session_endpoint: `${own}end-session/`,
    introspection_endpoint: `${origin}${shared}introspect/`,
    revocation_endpoint: `${origin}${shared}revoke/`,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "fragment", "form_post"],
    jwks_uri: `${own}jwks/`,
    grant_types_supported: provider.grant_types ?? [],
    id_token_signing_alg_values_supported: [key?.algorithm ?? "HS256"],
    subject_types_supported: ["public"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    acr_values_supported: ["goauthentik.io/providers/oauth2/default"],
    scopes_supported: scopes,
    request_parameter_supported: false,
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "nonce", ...claims],
    claims_parameter_supported: false,
    code_challenge_methods_supported: ["S256"],
  };
}
