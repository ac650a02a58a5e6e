import type { OAuth2Provider as Row, RedirectURIRequest } from "@goauthentik/api";

import type { Subject } from "../dynamic/http";
import type { Known } from "../dynamic/kind";
import { sortedSet } from "../dynamic/values";
import type { Authentik } from "./api";
import { flows, keyPairs, Lookup, scopeMappings } from "./lookup";

export const grantTypes = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
] as const;

export const subModes = ["hashed_user_id", "user_id", "user_uuid", "user_username", "user_email", "user_upn"] as const;

/**
 * What a client of OpenID Connect is to Authentik. The client keeps its secret: PKCE alone is not enough. What is left out,
 * and has no default here, is not managed.
 */
export interface OAuth2ProviderValues {
  /** No other provider may have it, of whatever type. **A change makes another provider.** */
  readonly name: string;
  /** What the client calls itself, 1 to 255 letters without spaces. No other provider may have it. */
  readonly clientId: string;
  /** 12 letters or more. A change does not refuse the old one at once: see `ClientAuthentication`. A secret. */
  readonly clientSecret: string;
  /** Where people are sent back to after a login: exactly these, https only. */
  readonly redirectUris: string[];
  /** Where people may be sent after a logout: exactly these, https only. Default none. */
  readonly postLogoutUris?: string[];
  /** What the client may do to get tokens. Default: log people in, and renew their tokens. */
  readonly grantTypes?: (typeof grantTypes)[number][];
  /** The name of the RSA key pair that signs tokens. Without one, the client's own secret would, which few clients take. */
  readonly signingKey: string;
  /** What tokens tell: scope mappings by their managed id, own ones by name. Default: openid, email and profile. */
  readonly scopeMappings?: string[];
  /** The slug of the flow that asks for consent. Default: the one that does not ask. */
  readonly authorizationFlow?: string;
  /** The slug of the flow that logs out. Default `default-provider-invalidation-flow`, which ends nothing at Authentik. */
  readonly invalidationFlow?: string;
  /**
   * What tokens call the user. **A change makes another provider: every client would take each user for a new one.**
   * Default `hashed_user_id`.
   */
  readonly subMode?: (typeof subModes)[number];
  /** Whether the ID token has the claims too, for clients that do not ask for user information. Default `true`. */
  readonly includeClaimsInIdToken?: boolean;
  /** How long a code is good. Default `minutes=1`. */
  readonly accessCodeValidity?: string;
  /** How long a token is good. Default `hours=1`. */
  readonly accessTokenValidity?: string;
  /** How long a session can be renewed. Default `days=30`. */
  readonly refreshTokenValidity?: string;
  /** How long before its end a refresh token is replaced. Authentik's default `seconds=0`: at each use. */
  readonly refreshTokenThreshold?: string;
  /** Where the client hears of a logout, https only; empty for nowhere. Authentik's default: nowhere. */
  readonly logoutUri?: string;
  /** Whether Authentik itself calls `logoutUri`, or the user's browser does in a frame. Authentik's default `backchannel`. */
  readonly logoutMethod?: "backchannel" | "frontchannel";
}

/** OAuth2 providers, by name, with all there is to know of them. */
export const oauth2Providers = new Lookup({
  noun: "OAuth2 provider",
  area: "/providers/oauth2",
  page: ({ providers }, page) => providers.providersOauth2List(page),
  names: ({ name }) => [name],
  id: ({ pk }) => pk,
});

/** The provider as it is now, by one call. */
export async function findProvider(api: Authentik, name: string, subject: Subject): Promise<Row | undefined> {
  const { results } = await api.call(subject, ({ providers }) => providers.providersOauth2List({ name }));
  return results.find((row) => row.name === name);
}

/** What the inputs say, as Authentik takes it. */
export async function body(api: Authentik, args: OAuth2ProviderValues, subject: Subject) {
  const { redirectUris, postLogoutUris = [], signingKey, authorizationFlow = "", invalidationFlow = "" } = args;
  return {
    name: args.name,
    clientId: args.clientId,
    clientSecret: args.clientSecret,
    grantTypes: args.grantTypes,
    redirectUris: [...redirectUris.map(strict("authorization")), ...postLogoutUris.map(strict("logout"))],
    signingKey: await keyPairs.id(api, signingKey, subject),
    propertyMappings: await scopeMappings.ids(api, args.scopeMappings ?? [], subject),
    authorizationFlow: await flows.id(api, authorizationFlow, subject),
    invalidationFlow: await flows.id(api, invalidationFlow, subject),
    subMode: args.subMode,
    includeClaimsInIdToken: args.includeClaimsInIdToken,
    accessCodeValidity: args.accessCodeValidity,
    accessTokenValidity: args.accessTokenValidity,
    refreshTokenValidity: args.refreshTokenValidity,
    refreshTokenThreshold: args.refreshTokenThreshold,
    logoutUri: args.logoutUri,
    logoutMethod: args.logoutMethod,
  };
}

/** What the inputs would have to be for the row. */
export async function argsOf(api: Authentik, row: Row, subject: Subject): Promise<Known<OAuth2ProviderValues>> {
  return {
    name: row.name,
    clientId: row.clientId,
    clientSecret: row.clientSecret,
    redirectUris: urls(row, "authorization"),
    postLogoutUris: urls(row, "logout"),
    grantTypes: sortedSet(row.grantTypes ?? []) as OAuth2ProviderValues["grantTypes"],
    signingKey: await keyPairs.name(api, row.signingKey, subject),
    scopeMappings: sortedSet(await scopeMappings.names(api, row.propertyMappings, subject)),
    authorizationFlow: await flows.name(api, row.authorizationFlow, subject),
    invalidationFlow: await flows.name(api, row.invalidationFlow, subject),
    subMode: row.subMode as OAuth2ProviderValues["subMode"],
    includeClaimsInIdToken: row.includeClaimsInIdToken,
    accessCodeValidity: row.accessCodeValidity,
    accessTokenValidity: row.accessTokenValidity,
    refreshTokenValidity: row.refreshTokenValidity,
    refreshTokenThreshold: row.refreshTokenThreshold,
    logoutUri: row.logoutUri,
    logoutMethod: row.logoutMethod as OAuth2ProviderValues["logoutMethod"],
  };
}

type UriType = "authorization" | "logout";

const strict =
  (redirectUriType: UriType) =>
  (url: string): RedirectURIRequest => ({ matchingMode: "strict", url, redirectUriType });

/** A pattern that somebody put in by hand is told as one, and so is no address of the inputs. */
const urls = ({ redirectUris }: Row, type: UriType): string[] =>
  sortedSet(
    redirectUris
      .filter(({ redirectUriType = "authorization" }) => redirectUriType === type)
      .map(({ matchingMode, url }) => (matchingMode === "strict" ? url : `${matchingMode}:${url}`)),
  );
