import { randomUUID } from "node:crypto";

import type { OAuth2Provider as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Known } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { sortedSet } from "../dynamic/values";
import { checkClient } from "./client-checks";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { providers } from "./lookup";
import { argsOf, body, findProvider, oauth2Providers, type OAuth2ProviderValues } from "./oauth2-rows";

interface OAuth2ProviderOuts {
  readonly providerId: number;
  readonly rotation?: string;
}

/** Arguments of {@link OAuth2Provider}. */
export type OAuth2ProviderArgs = Inputs<OAuth2ProviderValues>;

/**
 * What logs people in to a service that speaks OpenID Connect. Id: its name. Nobody can use it before an
 * {@link Application} has it.
 *
 * When the secret changes, both get in until {@link ClientAuthentication} has run, so that no login fails meanwhile.
 */
export class OAuth2Provider extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly clientId: pulumi.Output<string>;
  declare readonly clientSecret: pulumi.Output<string>;
  /** Authentik's id of it; one that was replaced has another. */
  declare readonly providerId: pulumi.Output<number>;
  /** Another one after each change of the secret; none before the first. */
  declare readonly rotation: pulumi.Output<string>;

  constructor(name: string, args: OAuth2ProviderArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...oauth2Provider, secrets: ["clientSecret"] }, name, args, opts);
  }
}

/** A row, and what this run has done to it. */
type Written = Row & { rotation?: string };

export const oauth2Provider = kindOf<OAuth2ProviderValues, Written, OAuth2ProviderOuts>(
  {
    // The type in a state has letters only.
    token: "authentik:OAuthProvider",
    noun: "OAuth2 provider",
    identity: ["name"],
    replace: ["subMode"],
    outputs: ["providerId", "rotation"],
    initial: { rotation: "" },
    defaults: {
      postLogoutUris: [],
      grantTypes: ["authorization_code", "refresh_token"],
      scopeMappings: ["openid", "email", "profile"].map((scope) => `goauthentik.io/providers/oauth2/scope-${scope}`),
      authorizationFlow: "default-provider-authorization-implicit-consent",
      invalidationFlow: "default-provider-invalidation-flow",
      subMode: "hashed_user_id",
      includeClaimsInIdToken: true,
      accessCodeValidity: "minutes=1",
      accessTokenValidity: "hours=1",
      refreshTokenValidity: "days=30",
    },
    normalise: (args) => ({ ...args, ...sorted(args) }),
    check: checkClient,
  },
  {
    find: (api, { name = "" }, subject) => findProvider(api, name, subject),
    look: (api, { name = "" }, subject) => oauth2Providers.row(api, name, subject),
    async create(api, args, subject) {
      const oAuth2ProviderRequest = { ...(await body(api, args, subject)), clientType: "confidential" as const };
      const row = await api.call(subject, ({ providers }) =>
        providers.providersOauth2Create({ oAuth2ProviderRequest }),
      );
      providers.made(api, row);
      return oauth2Providers.made(api, row);
    },
    async update(api, { pk, clientSecret }, args, subject, before) {
      // The client still has the old secret. Of a public client Authentik asks none, so that either gets in.
      const isRotation = before.clientSecret !== undefined && clientSecret !== args.clientSecret;
      const patchedOAuth2ProviderRequest = {
        ...(await body(api, args, subject)),
        ...(isRotation && { clientType: "public" as const }),
      };
      const row = await api.call(subject, ({ providers }) =>
        providers.providersOauth2PartialUpdate({ id: pk, patchedOAuth2ProviderRequest }),
      );
      return isRotation ? { ...row, rotation: randomUUID() } : row;
    },
    destroy: (api, { pk }, subject) =>
      api.call(subject, ({ providers }) => providers.providersOauth2Destroy({ id: pk })),
    argsOf,
    outsOf: ({ pk, rotation }) => (rotation === undefined ? { providerId: pk } : { providerId: pk, rotation }),
  },
);

/** The lists whose order means nothing. */
const sorted = (args: Known<OAuth2ProviderValues>): Known<OAuth2ProviderValues> => ({
  ...(args.redirectUris && { redirectUris: sortedSet(args.redirectUris) }),
  ...(args.postLogoutUris && { postLogoutUris: sortedSet(args.postLogoutUris) }),
  ...(args.grantTypes && { grantTypes: sortedSet(args.grantTypes) as OAuth2ProviderValues["grantTypes"] }),
  ...(args.scopeMappings && { scopeMappings: sortedSet(args.scopeMappings) }),
});
