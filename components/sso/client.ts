import type { Service } from "../../config/services";
import type { Login, OidcClient } from "../home";
import type { SsoConfig } from "./config";

/** Where a service finds the single sign-on. */
export type ClientUrls = Omit<OidcClient, "clientId" | "clientSecret">;

/** {@link ClientUrls} of the catalogue's entry with this name; `url` is where users find Authentik. */
export const clientUrls = (url: string, name: string): ClientUrls => ({
  issuer: `${url}/application/o/${name}/`,
  authorizeUrl: `${url}/application/o/authorize/`,
  tokenUrl: `${url}/application/o/token/`,
  userInfoUrl: `${url}/application/o/userinfo/`,
  logoutUrl: `${url}/application/o/${name}/end-session/`,
});

/** The entries of the catalogue that ask the single sign-on, themselves or through the edge. Proxmox does from phase 2 on. */
export const asking = (services: readonly Service[], { phase, proxmox }: SsoConfig): Service[] =>
  services.filter(
    ({ auth, name }) => (auth === "oidc" || auth === "proxy") && (phase === 2 || name !== proxmox.service),
  );

/** Where the answer of a login goes: as the stack sets the service up, and as its entry says. */
export function redirectUris({ name, redirectUris: given = [] }: Service, logins: readonly Login[]): string[] {
  const own = logins.filter(({ service }) => service === name).flatMap((login) => login.redirectUris);
  return [...new Set([...own, ...given])];
}

/** The logins of services that were there before the stack, and are set up from here: Grafana, and Proxmox in phase 2. */
export function existingLogins(
  services: readonly Service[],
  { phase, proxmox, grafana }: SsoConfig,
  hasProxmox: boolean,
): Login[] {
  return services.flatMap(({ name, host }) => {
    if (name === grafana?.service) return [{ service: name, redirectUris: [`https://${host}/login/generic_oauth`] }];
    if (name !== proxmox.service || phase === 1 || !hasProxmox) return [];
    return [{ service: name, redirectUris: [`https://${host}`, ...proxmox.origins] }];
  });
}

/**
 * What a service's logout goes through. Authentik's default for this ends nothing; this one, of Authentik's own too, ends the
 * session and the access tokens that it gave out. Source: https://docs.goauthentik.io/add-secure-apps/flows-stages/stages/user_logout/
 */
export const invalidationFlow = "default-invalidation-flow";

/** What clients are told of a user, by scope mappings of Authentik's own; `profile` has the groups. */
export const scopeMappings: readonly string[] = ["openid", "email", "profile", "offline_access"].map(
  (scope) => `goauthentik.io/providers/oauth2/scope-${scope}`,
);
