import * as pulumi from "@pulumi/pulumi";

import type { Service } from "../../config/services";
import type { Machine } from "../host/machine";
import type { Login, OidcClient, SignOn, SignOnApplication } from "../home";
import type { SsoAccess } from "./access";
import { OidcApplication, ProxyApplication } from "./application";
import { asking, redirectUris } from "./client";
import type { SsoConfig } from "./config";

/** Arguments of {@link Applications}. */
export interface ApplicationsArgs {
  /** The machine with Authentik's data: what goes with it need not be deleted. */
  machine: Machine;
  /** How people log in: an application takes its signing key, and the group that nobody is in. */
  access: SsoAccess;
  /** Where users find Authentik: `https://auth.home.arpa`. */
  url: string;
  /** The catalogue, the stack's own services included. */
  services: readonly Service[];
  /** The entries that are set up from here: who does so says when the service has a new client secret. */
  logins: readonly Login[];
  /** Whether Proxmox asks yet, from phase 2 on: `homelab:sso`. */
  sso: SsoConfig;
}

/** An application for each catalogue entry that asks the single sign-on, itself (`oidc`) or through the edge (`proxy`). */
export class Applications extends pulumi.ComponentResource implements SignOn {
  /**
   * What the entries without a login of `logins` are set up with by hand, by name. A secret. For them a new client secret
   * counts at once, and the old one is refused.
   */
  readonly clients: pulumi.Output<Record<string, pulumi.Unwrap<OidcClient>>>;
  private readonly byName: ReadonlyMap<string, OidcApplication>;

  constructor(name: string, args: ApplicationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:Applications", name, {}, opts);
    const { access, url, services, logins, sso } = args;
    const child = { parent: this, deletedWith: args.machine.resource, dependsOn: [access.last] };
    const asked = asking(services, sso);
    for (const service of asked.filter(({ auth }) => auth === "proxy")) {
      new ProxyApplication(`${name}-${service.name}`, { access, service }, child);
    }
    const applications = asked
      .filter(({ auth }) => auth === "oidc")
      .map((service) => {
        const application = { access, service, url, redirectUris: redirectUris(service, logins) };
        return new OidcApplication(`${name}-${service.name}`, application, child);
      });
    this.byName = new Map(applications.map((each) => [each.service.name, each]));

    const byHand = applications.filter((each) => !logins.some(({ service }) => service === each.service.name));
    for (const application of byHand) application.accept();
    const clients = byHand.map(({ service, client }) => [service.name, client] as const);
    this.clients = pulumi.secret(pulumi.output(Object.fromEntries(clients)));
    this.registerOutputs({});
  }

  application(service: string): SignOnApplication | undefined {
    return this.byName.get(service);
  }
}
