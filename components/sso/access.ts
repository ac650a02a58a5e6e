import * as pulumi from "@pulumi/pulumi";

import {
  type AuthentikArgs,
  Brand,
  ClosedFlows,
  Defaults,
  EmbeddedOutpost,
  Group,
  KeyPair,
  Settings,
} from "../../providers/authentik";
import { Machine } from "../host/machine";
import { closedGroup } from "./closed-group";
import type { SsoConfig } from "./config";
import { lockout } from "./lockout";
import { LoginFlow } from "./login-flow";
import { RecoveryFlow } from "./recovery-flow";
import { SigningKey } from "./secrets";

/** Arguments of {@link SsoAccess}. */
export interface SsoAccessArgs {
  /** The machine with Authentik's data: on another one everything is made again, and what goes with it need not be deleted. */
  machine: Machine;
  /** How Authentik's API is reached. */
  connection: AuthentikArgs["connection"];
  /** Where users find it: `https://auth.home.arpa`. */
  url: string;
  /** Docker's ids of Authentik's containers: another version may have further flows that have to be closed. */
  containerIds: pulumi.Input<string[]>;
  /** Groups, second factor, retention: `homelab:sso`. */
  sso: SsoConfig;
}

/**
 * How people log in to Authentik, and the groups they may be in (EF-012 to EF-014). `dependsOn` is what has to run before
 * the API answers; what uses groups, flows or the signing key depends on `last`.
 */
export class SsoAccess extends pulumi.ComponentResource {
  /** What every object of Authentik takes. */
  readonly authentik: AuthentikArgs;
  /** The name of the key pair that logins are signed with. */
  readonly signingKey: pulumi.Output<string>;
  /** The name of the group that nobody is in. */
  readonly nobody: pulumi.Output<string>;
  /** The slug of the flow of recovery links, known once links can be made. */
  readonly recoveryFlow: pulumi.Output<string>;
  /** Made after all others. For the component, Pulumi would note all fifty in the state, with each person and membership. */
  readonly last: pulumi.Resource;

  constructor(name: string, args: SsoAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    const { machine, connection, sso, url } = args;
    // The policies let in whom this lets in.
    super("homelab:sso:Access", name, { sso }, opts);
    this.authentik = { connection, installation: machine.id };
    const child = { parent: this, deletedWith: machine.resource };
    const defaults = new Defaults(`${name}-defaults`, this.authentik, { ...child, dependsOn: opts?.dependsOn });
    const later = { ...child, dependsOn: [defaults] };

    const general = settings(name, this.authentik, args, later);
    const outpost = new EmbeddedOutpost(`${name}-outpost`, { ...this.authentik, authentikHost: url }, later);
    const signing = signingKey(name, this.authentik, this, later);
    this.signingKey = signing.name;
    const groups = makeGroups(name, this.authentik, sso, later);
    const nobody = new Group(`${name}-nobody`, { ...this.authentik, name: closedGroup }, later);
    this.nobody = nobody.name;

    const login = { authentik: this.authentik, secondFactor: sso.secondFactor };
    const loginFlow = new LoginFlow(`${name}-login`, login, { ...later, dependsOn: [defaults, ...groups] });
    const recoveryFlow = new RecoveryFlow(`${name}-recovery`, { authentik: this.authentik }, later);
    const brand = new Brand(
      `${name}-brand`,
      {
        ...this.authentik,
        brandingTitle: "Homelab",
        flowAuthentication: loginFlow.slug,
        flowRecovery: recoveryFlow.slug,
      },
      later,
    );
    // Closed before people can log in by the flow of ours, it would leave no way in.
    const group = this.nobody;
    const open = pulumi.all([loginFlow.slug, recoveryFlow.slug]);
    const closed = { ...this.authentik, group, open, startedAs: args.containerIds };
    const others = [general, outpost, signing, ...groups, nobody, loginFlow, recoveryFlow, brand];
    this.last = new ClosedFlows(`${name}-closed-flows`, closed, { ...child, dependsOn: others });
    this.recoveryFlow = pulumi.all([recoveryFlow.slug, brand.urn]).apply(([slug]) => slug);
    this.registerOutputs({ signingKey: this.signingKey, recoveryFlow: this.recoveryFlow });
  }
}

function settings(
  name: string,
  authentik: AuthentikArgs,
  { sso, url }: SsoAccessArgs,
  options: pulumi.CustomResourceOptions,
): Settings {
  return new Settings(
    `${name}-settings`,
    {
      ...authentik,
      baseUrl: url,
      // Pictures from the internet would tell who logs in here.
      avatars: "initials",
      coreDefaultAppAccess: false,
      eventRetention: `days=${parseInt(sso.eventRetention)}`,
      // Who is in another's place is past their second factor, and does things in their name.
      impersonation: false,
      // Further failures have to count while a user is locked, and earlier logins must not.
      reputationLowerLimit: -4 * lockout.failures,
      reputationUpperLimit: 0,
      // Services know users by these.
      defaultUserChangeEmail: false,
      defaultUserChangeUsername: false,
    },
    options,
  );
}

function signingKey(
  name: string,
  authentik: AuthentikArgs,
  parent: SsoAccess,
  options: pulumi.CustomResourceOptions,
): KeyPair {
  const { certificate, key } = new SigningKey(`${name}-signing`, { parent });
  return new KeyPair(`${name}-signing`, { ...authentik, name: "homelab-signing", certificate, key }, options);
}

/** Members of the administrators' group administer Authentik itself. */
function makeGroups(
  name: string,
  authentik: AuthentikArgs,
  { groups, adminGroup }: SsoConfig,
  options: pulumi.CustomResourceOptions,
): Group[] {
  return groups.map(
    (group) =>
      new Group(`${name}-group-${group}`, { ...authentik, name: group, superuser: group === adminGroup }, options),
  );
}
