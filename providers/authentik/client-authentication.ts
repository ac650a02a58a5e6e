import type { OAuth2Provider as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { findProvider, oauth2Providers } from "./oauth2-rows";
import { checkText } from "./text-checks";

/** That a client must show its secret. */
export interface ClientAuthenticationValues {
  /** The name of the {@link OAuth2Provider}. */
  readonly provider: string;
  /** The secret that the client has by now. A change ends the time in which the old one gets in as well. */
  readonly clientSecret: string;
  /**
   * The provider's `rotation`: it tells of a time that began when a secret was set right that was changed by hand. Left
   * out: only a refresh tells of it.
   */
  readonly rotation?: string;
  /** Only `confidential`, the default: a client that must show its secret. */
  readonly clientType?: "confidential";
}

/** Arguments of {@link ClientAuthentication}. */
export type ClientAuthenticationArgs = Inputs<ClientAuthenticationValues>;

/**
 * Ends the time in which a client gets in with its old secret as with its new one. Let it depend on what tells the client
 * its secret: it then runs last. Id: the provider's name. Deleting this changes nothing.
 *
 * ```ts
 * const { clientSecret, rotation } = provider;
 * new ClientAuthentication("grafana", { connection, provider: provider.name, clientSecret, rotation }, { dependsOn: [settings] });
 * ```
 */
export class ClientAuthentication extends DynamicResource {
  constructor(name: string, args: ClientAuthenticationArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...clientAuthentication, secrets: ["clientSecret"] }, name, args, opts);
  }
}

export const clientAuthentication = kindOf<ClientAuthenticationValues, Row>(
  {
    token: "authentik:ClientAuthentication",
    noun: "client authentication",
    identity: ["provider"],
    writeOnly: ["clientSecret", "rotation"],
    defaults: { clientType: "confidential" },
    check(args, problems) {
      checkText("provider", args.provider, problems);
      problems.oneOf("clientType", args.clientType, ["confidential"]);
    },
  },
  {
    find: (api, { provider = "" }, subject) => findProvider(api, provider, subject),
    look: (api, { provider = "" }, subject) => oauth2Providers.row(api, provider, subject),
    async create(api, { provider }, subject) {
      const newborn = oauth2Providers.newborn(api, provider);
      const id = await oauth2Providers.id(api, provider, subject);
      const row = newborn ?? (await api.call(subject, ({ providers }) => providers.providersOauth2Retrieve({ id })));
      return makeConfidential(api, row, subject);
    },
    update: (api, row, _args, subject) => makeConfidential(api, row, subject),
    // That a client must show its secret is not undone.
    destroy: async () => undefined,
    argsOf: (_api, { name, clientType }) => ({ provider: name, clientType: clientType as "confidential" }),
    outsOf: () => ({}),
  },
);

async function makeConfidential(api: Authentik, row: Row, subject: Subject): Promise<Row> {
  const { pk: id, clientType } = row;
  if (clientType === "confidential") return row;
  const patchedOAuth2ProviderRequest = { clientType: "confidential" as const };
  return api.call(subject, ({ providers }) =>
    providers.providersOauth2PartialUpdate({ id, patchedOAuth2ProviderRequest }),
  );
}
