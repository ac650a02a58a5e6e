import * as pulumi from "@pulumi/pulumi";

import { roleAttributePath, SsoSettings } from "../../../providers/grafana";
import { Machine } from "../../host/machine";
import type { SignOnApplication } from "../../home";
import type { SsoConfig } from "../config";

/** Arguments of {@link GrafanaLogin}. */
export interface GrafanaLoginArgs {
  /** The machine whose edge Grafana is reached through. */
  machine: Machine;
  /** What vouches for Grafana's certificate, PEM. */
  rootCertificate: pulumi.Input<string>;
  /** Grafana's server administrator. */
  administrator: { username: string; password: pulumi.Input<string> | undefined };
  /** Its client at the single sign-on, which hears when Grafana has a new client secret. */
  application: SignOnApplication;
  /** The administrators' group, and roles by group: `homelab:sso`. */
  sso: SsoConfig;
}

/**
 * An existing Grafana asks the single sign-on (US3.1, EF-015, phase 1), and gives each user the role of the user's groups.
 * Its login form stays, for its own accounts (EC-7). Removing this sets Grafana back to what its own config file says.
 *
 * Grafana's machine has to trust the private root.
 */
export class GrafanaLogin extends pulumi.ComponentResource {
  constructor(name: string, args: GrafanaLoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:GrafanaLogin", name, {}, opts);
    const { machine, rootCertificate, administrator, application, sso } = args;
    const { client, service } = application;
    const settings = new SsoSettings(
      name,
      {
        connection: {
          endpoint: `https://${service.host}`,
          address: machine.address,
          ca: rootCertificate,
          ...administrator,
        },
        enabled: true,
        name: "Homelab",
        clientId: client.clientId,
        clientSecret: client.clientSecret,
        authUrl: client.authorizeUrl,
        tokenUrl: client.tokenUrl,
        apiUrl: client.userInfoUrl,
        signoutRedirectUrl: client.logoutUrl,
        scopes: ["openid", "email", "profile", "offline_access"],
        usePkce: true,
        useRefreshToken: true,
        allowSignUp: true,
        autoLogin: false,
        loginAttributePath: "preferred_username",
        roleAttributeStrict: true,
        allowAssignGrafanaAdmin: true,
        roleAttributePath: rolePath(sso),
      },
      { parent: this, dependsOn: opts?.dependsOn },
    );
    application.accept([settings]);
    this.registerOutputs({});
  }
}

/** The expression that gives a user the role of the user's groups. */
export const rolePath = ({ adminGroup, grafana }: SsoConfig): string =>
  roleAttributePath([{ group: adminGroup, role: "GrafanaAdmin" }, ...(grafana?.roles ?? [])]);
