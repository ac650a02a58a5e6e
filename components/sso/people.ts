import * as pulumi from "@pulumi/pulumi";

import { type AuthentikArgs, GroupMembership, RecoveryLink, User } from "../../providers/authentik";
import { Machine } from "../host/machine";
import type { SsoConfig } from "./config";

/** Arguments of {@link People}. */
export interface PeopleArgs {
  /** The machine with Authentik's data: what goes with it need not be deleted. */
  machine: Machine;
  /** What every object of Authentik takes: how its API is reached, and which installation it is. */
  authentik: AuthentikArgs;
  /** Known once recovery links can be made. */
  recoveryFlow: pulumi.Input<string>;
  /** Users and their groups: `homelab:sso`. */
  sso: SsoConfig;
}

/**
 * The people of the house (US3.3). Passwords are not ours: each new user gets a link that works once, to choose one. Who is
 * no longer in the config is deleted, with every session.
 */
export class People extends pulumi.ComponentResource {
  /** By user name, the link that was made with the user. Secret, and of no more use once it was used or has expired. */
  readonly links: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: PeopleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:People", name, {}, opts);
    const { machine, authentik, recoveryFlow, sso } = args;
    const child = { parent: this, deletedWith: machine.resource, dependsOn: opts?.dependsOn };
    const links = sso.users.map(({ username, name: fullName, email, groups }) => {
      const user = new User(`${name}-${username}`, { ...authentik, username, name: fullName, email }, child);
      for (const group of groups) {
        const member = { ...authentik, group, username: user.username };
        new GroupMembership(`${name}-${username}@${group}`, member, child);
      }
      const { link } = new RecoveryLink(
        `${name}-${username}-link`,
        { ...authentik, username: user.username, validity: `days=${parseInt(sso.linkValidity)}`, flow: recoveryFlow },
        child,
      );
      return link.apply((url) => [username, url] as const);
    });
    this.links = pulumi.secret(pulumi.all(links).apply((pairs) => Object.fromEntries(pairs)));
    this.registerOutputs({});
  }
}
