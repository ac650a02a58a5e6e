import * as pulumi from "@pulumi/pulumi";

import { Configuration, GroupMember, HarborConnection } from "../../providers/harbor";
import { Machine } from "../host/machine";
import type { SignOnApplication } from "../home";
import type { SsoConfig } from "../sso/config";

/** Arguments of {@link RegistryLogin}. */
export interface RegistryLoginArgs {
  /** The machine with Harbor's data: on another one everything is made again, and what goes with it need not be deleted. */
  machine: Machine;
  /** How Harbor is administered. */
  connection: pulumi.Input<HarborConnection>;
  /** Its client at the single sign-on, which hears when Harbor has a new client secret. */
  application: SignOnApplication;
  /** The private project. */
  project: string;
  /** The administrators' group, and roles by group: `homelab:sso`. */
  sso: SsoConfig;
}

/**
 * Harbor asks the single sign-on (EF-015, phase 1): administrators by group, the project's members by group. Harbor's own
 * `admin` can still log in, and robots are not concerned (EC-7).
 */
export class RegistryLogin extends pulumi.ComponentResource {
  constructor(name: string, args: RegistryLoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:RegistryLogin", name, {}, opts);
    const { machine, connection, application, project, sso } = args;
    const { client } = application;
    const harbor = { connection, installation: machine.id };
    const child = { parent: this, deletedWith: machine.resource, dependsOn: opts?.dependsOn };
    const login = new Configuration(
      `${name}-configuration`,
      {
        ...harbor,
        authMode: "oidc_auth",
        oidcName: "Homelab",
        oidcEndpoint: client.issuer,
        oidcClientId: client.clientId,
        oidcClientSecret: client.clientSecret,
        oidcScope: "openid,profile,email,offline_access",
        oidcVerifyCert: true,
        oidcUserClaim: "preferred_username",
        oidcGroupsClaim: "groups",
        oidcAdminGroup: sso.adminGroup,
        oidcAutoOnboard: true,
      },
      child,
    );
    for (const { group, role } of sso.registry.roles) {
      new GroupMember(`${name}-${group}`, { ...harbor, project, group, role }, { ...child, dependsOn: [login] });
    }
    application.accept([login]);
    this.registerOutputs({});
  }
}
