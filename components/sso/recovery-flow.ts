import * as pulumi from "@pulumi/pulumi";

import {
  type AuthentikArgs,
  DenyStage,
  ExpressionPolicy,
  Flow,
  FlowStage,
  PasswordPolicy,
  PolicyBinding,
  PromptStage,
  UserLoginStage,
  UserWriteStage,
} from "../../providers/authentik";

/** Arguments of {@link RecoveryFlow}. */
export interface RecoveryFlowArgs {
  /** What every object of Authentik takes: how its API is reached, and which installation it is. */
  authentik: AuthentikArgs;
}

/**
 * Where the link leads that a new user gets, or one who forgot the password (EC-9): a new password, twice, and in. There is
 * no mail server, so an administrator hands the link over. Who needs a second factor is asked for it at the next login.
 *
 * The login page has a link to the flow that the brand recovers by, and the flow of links has to be that one: who comes without
 * a link is told whom to ask.
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
    const without = new DenyStage(
      `${name}-without-link`,
      { ...authentik, name: "homelab-no-link", denyMessage },
      child,
    );
    const place = (order: number, { name: stage }: { name: pulumi.Output<string> }): FlowStage =>
      new FlowStage(`${name}-${order}`, { ...authentik, flow: flow.slug, order, stage }, child);
    const refusal = place(5, without);
    const placed = [
      refusal,
      this.decider(name, authentik, refusal, child),
      ...[password, write, login].map((stage, index) => place((index + 1) * 10, stage)),
    ];
    this.slug = pulumi.all([flow.slug, pulumi.all(placed.map(({ urn }) => urn))]).apply(([slug]) => slug);
    this.registerOutputs({ slug: this.slug });
  }

  /** Lets a place in the flow be for those who come without a link. */
  private decider(
    name: string,
    authentik: AuthentikArgs,
    { flow, order }: FlowStage,
    child: pulumi.CustomResourceOptions,
  ): PolicyBinding {
    const args = { ...authentik, name: "homelab-without-link", expression: withoutLink };
    const policy = new ExpressionPolicy(`${name}-without-link`, args, child);
    const target = pulumi.interpolate`flow-stage/${flow}/${order}`;
    const bound = pulumi.interpolate`policy/${policy.name}`;
    return new PolicyBinding(`${name}-5-0`, { ...authentik, target, bound }, child);
  }
}

/** Whether somebody comes without a link. */
export const withoutLink = 'return "is_restored" not in context';

const denyMessage =
  "A new password is chosen by a link. Ask whoever runs this house's services for one: it works once, in a private window.";

/** Made by Authentik's own blueprint `default/flow-password-change.yaml`. */
export const passwordFields = [
  "default-password-change-field-password",
  "default-password-change-field-password-repeat",
];
