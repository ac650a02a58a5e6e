import type { HomelabConfig } from "../../config";
import type { Service } from "../../config/services";

/** Where a service finds the single sign-on. */
export interface ClientUrls {
  /** With the slash at its end. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly logoutUrl: string;
}

/** {@link ClientUrls} of the catalogue's entry with this name; `url` is where users find Authentik. */
export const clientUrls = (url: string, name: string): ClientUrls => ({
  issuer: `${url}/application/o/${name}/`,
  authorizeUrl: `${url}/application/o/authorize/`,
  tokenUrl: `${url}/application/o/token/`,
  userInfoUrl: `${url}/application/o/userinfo/`,
  logoutUrl: `${url}/application/o/${name}/end-session/`,
});

/** The entries of the catalogue that ask the single sign-on, themselves or through the edge. Proxmox does from phase 2 on. */
export const asking = (services: readonly Service[], { phase, proxmox }: HomelabConfig["sso"]): Service[] =>
  services.filter(
    ({ auth, name }) => (auth === "oidc" || auth === "proxy") && (phase === 2 || name !== proxmox.service),
  );

/** Where the answer of a login goes: as the entry says, or as the services do that are set up from here. */
export function redirectUris({ name, host, redirectUris: given = [] }: Service, sso: HomelabConfig["sso"]): string[] {
  const own = new Map([
    ["registry", [`https://${host}/c/oidc/callback`]],
    [sso.proxmox.service, [`https://${host}`, ...sso.proxmox.origins]],
    [sso.grafana?.service, [`https://${host}/login/generic_oauth`]],
  ]);
  return [...new Set([...(own.get(name) ?? []), ...given])];
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
