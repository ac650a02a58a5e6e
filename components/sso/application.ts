import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { Service } from "../../config/services";
import {
  Application,
  type AuthentikArgs,
  ClientAuthentication,
  OAuth2Provider,
  OutpostMembership,
  PolicyBinding,
  ProxyProvider,
} from "../../providers/authentik";
import type { OidcClient, SignOnApplication } from "../home";
import type { SsoAccess } from "./access";
import { clientUrls, invalidationFlow, scopeMappings } from "./client";

/** Arguments of {@link OidcApplication} and {@link ProxyApplication}. */
export interface ApplicationArgs {
  /** How people log in: an application takes its signing key, and the group that nobody is in. */
  access: SsoAccess;
  /** The catalogue's entry. Its groups may open it; without any, nobody may. */
  service: Service;
}

/** Arguments of {@link OidcApplication}. */
export interface OidcApplicationArgs extends ApplicationArgs {
  /** Where users find Authentik: `https://auth.home.arpa`. */
  url: string;
  /** Where the service gets the answer of a login, exactly as it sends it. */
  redirectUris: string[];
}

/**
 * A service that asks the single sign-on itself (EF-011): provider, application, client and who may in.
 *
 * With another client secret, the old one gets in as well until {@link accept} says that the service has taken the new one.
 */
export class OidcApplication extends pulumi.ComponentResource implements SignOnApplication {
  readonly client: OidcClient;
  /** The catalogue's entry. */
  readonly service: Service;
  private readonly provider: OAuth2Provider;
  private readonly child: pulumi.CustomResourceOptions;
  private readonly authentik: AuthentikArgs;

  constructor(
    private readonly name: string,
    args: OidcApplicationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("homelab:sso:OidcApplication", name, {}, opts);
    const { access, service, url, redirectUris } = args;
    this.service = service;
    this.authentik = access.authentik;
    this.child = { parent: this, deletedWith: opts?.deletedWith, dependsOn: opts?.dependsOn };
    const secret = new random.RandomPassword(`${name}-secret`, { length: 64, special: false }, { parent: this });
    this.provider = new OAuth2Provider(
      name,
      {
        ...this.authentik,
        name: service.name,
        clientId: service.name,
        clientSecret: secret.result,
        redirectUris,
        invalidationFlow,
        signingKey: access.signingKey,
        // At a renewal nobody asks which groups the user is in. Renewing does not lengthen it: who left one is out in a day.
        refreshTokenValidity: "days=1",
        refreshTokenThreshold: "seconds=1",
        scopeMappings: [...scopeMappings],
      },
      this.child,
    );
    application(name, args, this.provider, `https://${service.host}`, this.child);
    this.client = {
      ...clientUrls(url, service.name),
      clientId: service.name,
      clientSecret: this.provider.clientSecret,
    };
    this.registerOutputs({});
  }

  /** Ends the time in which an old client secret gets in, once the service has the new one. Without a service: at once. */
  accept(service: pulumi.Resource[] = []): void {
    new ClientAuthentication(
      `${this.name}-authentication`,
      {
        ...this.authentik,
        provider: this.provider.name,
        clientSecret: this.provider.clientSecret,
        rotation: this.provider.rotation,
      },
      { ...this.child, dependsOn: service },
    );
  }
}

/** A service that the edge asks the single sign-on for: what has no login of its own. Each host has cookies of its own. */
export class ProxyApplication extends pulumi.ComponentResource {
  constructor(name: string, args: ApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:ProxyApplication", name, {}, opts);
    const { authentik } = args.access;
    const { service } = args;
    const child = { parent: this, deletedWith: opts?.deletedWith, dependsOn: opts?.dependsOn };
    const externalHost = `https://${service.host}`;
    const provider = new ProxyProvider(
      name,
      {
        ...authentik,
        name: service.name,
        externalHost,
        invalidationFlow,
        // App passwords know no second factor; a header `Authorization` is the service's own.
        interceptHeaderAuth: false,
        accessTokenValidity: "hours=1",
      },
      child,
    );
    const made = application(name, args, provider, externalHost, child);
    new OutpostMembership(
      `${name}-outpost`,
      { ...authentik, provider: provider.name, providerId: provider.providerId },
      // Served before it is decided who may in, it would be served to nobody; but the order is the safe one.
      { ...child, dependsOn: made },
    );
    this.registerOutputs({});
  }
}

/** The application in front of a provider, and a binding for each group that may open it. */
function application(
  name: string,
  { access: { authentik, nobody }, service }: ApplicationArgs,
  provider: OAuth2Provider | ProxyProvider,
  launchUrl: string,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const made = new Application(
    name,
    {
      ...authentik,
      slug: service.name,
      name: service.name,
      provider: provider.name,
      providerId: provider.providerId,
      launchUrl,
      description: service.description ?? "",
    },
    child,
  );
  // What nothing is bound to, Authentik may take for open.
  const groups: readonly pulumi.Input<string>[] = service.groups?.length ? service.groups : [nobody];
  const bindings = groups.map((group, order) => {
    const bound = pulumi.interpolate`group/${group}`;
    const target = pulumi.interpolate`application/${made.slug}`;
    const label = typeof group === "string" ? group : "nobody";
    return new PolicyBinding(`${name}@${label}`, { ...authentik, target, bound, order }, child);
  });
  return [made, ...bindings];
}
