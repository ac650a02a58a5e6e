import * as pulumi from "@pulumi/pulumi";

import {
  type AuthentikArgs,
  Flow,
  FlowStage,
  PasswordPolicy,
  PromptStage,
  UserLoginStage,
  UserWriteStage,
} from "../../providers/authentik";

/** Arguments of {@link RecoveryFlow}. */
export interface RecoveryFlowArgs {
  authentik: AuthentikArgs;
}

/**
 * Where the link leads that a new user gets, or one who forgot the password (EC-9): a new password, twice, and in. There is
 * no mail server, so an administrator hands the link over. Who needs a second factor is asked for it at the next login.
 */
export class RecoveryFlow extends pulumi.ComponentResource {
  /** Its slug, known once it is complete. */
  readonly slug: pulumi.Output<string>;

  constructor(name: string, { authentik }: RecoveryFlowArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:RecoveryFlow", name, {}, opts);
    const child = { parent: this, deletedWith: opts?.deletedWith, dependsOn: opts?.dependsOn };
    const flow = new Flow(
      name,
      { ...authentik, slug: "homelab-recovery", title: "Choose a password", designation: "recovery" },
      child,
    );
    const policy = new PasswordPolicy(
      `${name}-policy`,
      { ...authentik, name: "homelab-passwords", lengthMin: 12, errorMessage: "Choose at least 12 letters." },
      child,
    );
    const password = new PromptStage(
      `${name}-password`,
      {
        ...authentik,
        name: "homelab-new-password",
        fields: passwordFields,
        validationPolicies: policy.name.apply((only) => [only]),
      },
      child,
    );
    const write = new UserWriteStage(`${name}-write`, { ...authentik, name: "homelab-write-password" }, child);
    const login = new UserLoginStage(`${name}-login`, { ...authentik, name: "homelab-recovered" }, child);
    const placed = [password, write, login].map((stage, index) => {
      const order = (index + 1) * 10;
      return new FlowStage(`${name}-${order}`, { ...authentik, flow: flow.slug, order, stage: stage.name }, child);
    });
    this.slug = pulumi.all([flow.slug, pulumi.all(placed.map(({ urn }) => urn))]).apply(([slug]) => slug);
    this.registerOutputs({ slug: this.slug });
  }
}

/** Made by Authentik's own blueprint `default/flow-password-change.yaml`. */
const passwordFields = ["default-password-change-field-password", "default-password-change-field-password-repeat"];
