import * as pulumi from "@pulumi/pulumi";

import { HomelabConfig } from "../../config";
import { Service } from "../../config/services";
import { Machine } from "../machine";
import type { SsoAccess } from "./access";
import { OidcApplication, OidcClient, ProxyApplication } from "./application";
import { asking, redirectUris } from "./client";

/** Arguments of {@link Applications}. */
export interface ApplicationsArgs {
  machine: Machine;
  access: SsoAccess;
  /** Where users find Authentik. */
  url: string;
  /** The catalogue, the stack's own services included. */
  services: Service[];
  sso: HomelabConfig["sso"];
}

/**
 * An application for each catalogue entry that asks the single sign-on, itself (`oidc`) or through the edge (`proxy`). Services
 * that are set up from here take theirs with {@link setUp}; the others are set up by hand, with what {@link clients} tells.
 */
export class Applications extends pulumi.ComponentResource {
  private readonly byHand: Map<string, OidcApplication>;

  constructor(name: string, args: ApplicationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:Applications", name, {}, opts);
    const { access, url, services, sso } = args;
    const child = { parent: this, deletedWith: args.machine.resource, dependsOn: [access.last] };
    const asked = asking(services, sso);
    for (const service of asked.filter(({ auth }) => auth === "proxy")) {
      new ProxyApplication(`${name}-${service.name}`, { access, service }, child);
    }
    this.byHand = new Map(
      asked
        .filter(({ auth }) => auth === "oidc")
        .map((service) => {
          const application = { access, service, url, redirectUris: redirectUris(service, sso) };
          return [service.name, new OidcApplication(`${name}-${service.name}`, application, child)];
        }),
    );
    this.registerOutputs({});
  }

  /** Hands the application of an entry to what sets the service up. Where the entry asks nobody (yet), nothing happens. */
  setUp(entry: string, use: (application: OidcApplication) => pulumi.Resource): void {
    const application = this.byHand.get(entry);
    if (!application) return;
    this.byHand.delete(entry);
    use(application);
  }

  /**
   * What the remaining entries are set up with by hand; call it last. For them a new secret counts at once, and the old one
   * is refused.
   */
  clients(): pulumi.Output<Record<string, pulumi.Unwrap<OidcClient>>> {
    for (const application of this.byHand.values()) application.accept();
    const clients = [...this.byHand].map(([name, { client }]) => [name, client] as const);
    return pulumi.secret(pulumi.output(Object.fromEntries(clients)));
  }
}
