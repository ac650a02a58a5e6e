import * as pulumi from "@pulumi/pulumi";

import {
  AuthenticatorValidateStage,
  type AuthentikArgs,
  DenyStage,
  ExpressionPolicy,
  Flow,
  FlowStage,
  IdentificationStage,
  PasswordStage,
  PolicyBinding,
  ReputationPolicy,
  UserLoginStage,
} from "../../providers/authentik";
import { lockout } from "./lockout";
import type { SsoConfig } from "./config";

/** Arguments of {@link LoginFlow}. */
export interface LoginFlowArgs {
  /** What every object of Authentik takes: how its API is reached, and which installation it is. */
  authentik: AuthentikArgs;
  /** Whom a code of an authenticator app is asked of (EF-013). */
  secondFactor: SsoConfig["secondFactor"];
}

/** A stage in its place, and what decides whether it is shown. */
interface Step {
  readonly order: number;
  readonly stage: pulumi.Input<string>;
  /** `group/admins`, `policy/...`: the stage is for who passes one of these. Without any it is for everybody. */
  readonly shownTo?: readonly pulumi.Input<string>[];
}

/**
 * How people log in: name, password, code. It is a flow of its own, since Authentik's upgrades set the default one back.
 *
 * Who failed too often is turned away before the password is asked for, before the code is, and before the login (US3.4): a
 * page that asks for one of them may have been open since before the last failure.
 */
export class LoginFlow extends pulumi.ComponentResource {
  /** Its slug, known once it is complete. */
  readonly slug: pulumi.Output<string>;

  constructor(name: string, args: LoginFlowArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:LoginFlow", name, {}, opts);
    const { authentik } = args;
    const child = { parent: this, deletedWith: opts?.deletedWith, dependsOn: opts?.dependsOn };
    const flow = new Flow(
      name,
      { ...authentik, slug: "homelab-login", title: "Log in", designation: "authentication" },
      child,
    );
    const locked = this.locked(name, args, child);
    const steps: Step[] = [
      { order: 10, stage: this.identification(name, args, child) },
      { order: 15, ...locked },
      { order: 20, stage: this.password(name, args, child) },
      { order: 25, ...locked },
      ...this.secondFactor(name, args, child, locked),
      { order: 100, stage: this.login(name, args, child) },
    ];
    const placed = steps.flatMap((step) => place(name, authentik, flow, step, child));
    this.slug = pulumi.all([flow.slug, pulumi.all(placed.map(({ urn }) => urn))]).apply(([slug]) => slug);
    this.registerOutputs({ slug: this.slug });
  }

  private identification(name: string, { authentik }: LoginFlowArgs, child: pulumi.CustomResourceOptions) {
    return new IdentificationStage(`${name}-identification`, { ...authentik, name: "homelab-identification" }, child)
      .name;
  }

  private password(name: string, { authentik }: LoginFlowArgs, child: pulumi.CustomResourceOptions) {
    const args = { ...authentik, name: "homelab-password", failedAttemptsBeforeCancel: lockout.failures };
    return new PasswordStage(`${name}-password`, args, child).name;
  }

  private login(name: string, { authentik }: LoginFlowArgs, child: pulumi.CustomResourceOptions) {
    const args = { ...authentik, name: "homelab-login", sessionDuration: "hours=12" };
    return new UserLoginStage(`${name}-login`, args, child).name;
  }

  private locked(name: string, { authentik }: LoginFlowArgs, child: pulumi.CustomResourceOptions): Omit<Step, "order"> {
    const denyMessage =
      `Too many failed logins. Try again in ${lockout.most} minutes, ` + "or ask whoever runs this house's services.";
    const policy = new ReputationPolicy(
      `${name}-failed-logins`,
      { ...authentik, name: "homelab-failed-logins", threshold: -lockout.failures },
      child,
    );
    const unpurged = new ExpressionPolicy(
      `${name}-unpurged-failures`,
      { ...authentik, name: "homelab-unpurged-failures", expression: unpurgedFailures },
      child,
    );
    const stage = new DenyStage(`${name}-locked`, { ...authentik, name: "homelab-locked", denyMessage }, child);
    const shownTo = [policy, unpurged].map((each) => pulumi.interpolate`policy/${each.name}`);
    return { stage: stage.name, shownTo };
  }

  /** Who has no device yet sets one up at once. */
  private secondFactor(
    name: string,
    { authentik, secondFactor: { everyone, groups } }: LoginFlowArgs,
    child: pulumi.CustomResourceOptions,
    locked: Omit<Step, "order">,
  ): Step[] {
    if (!everyone && groups.length === 0) return [];
    const stage = new AuthenticatorValidateStage(
      `${name}-second-factor`,
      {
        ...authentik,
        name: "homelab-second-factor",
        notConfiguredAction: "configure",
        configurationStages: ["default-authenticator-totp-setup"],
      },
      child,
    );
    const shownTo = everyone ? undefined : [builtInAdmins, ...groups].map((group) => `group/${group}`);
    return [
      { order: 30, stage: stage.name, shownTo },
      { order: 35, ...locked },
    ];
  }
}

/**
 * Of a score that has ended, a reputation policy knows nothing, but failures go on being added to it until it is removed
 * minutes later. Here it counts until then. The manager that the model is looked up by otherwise leaves out what has ended;
 * Django's base manager leaves out nothing.
 */
export const unpurgedFailures = `from authentik.policies.reputation.models import Reputation
rows = Reputation._base_manager.filter(identifier=request.user.username)
return sum(row.score for row in rows) <= -${lockout.failures}`;

/** The group of `akadmin`, which Authentik makes itself. */
export const builtInAdmins = "authentik Admins";

function place(
  name: string,
  authentik: AuthentikArgs,
  flow: Flow,
  { order, stage, shownTo = [] }: Step,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const binding = new FlowStage(`${name}-${order}`, { ...authentik, flow: flow.slug, order, stage }, child);
  const target = pulumi.interpolate`flow-stage/${binding.flow}/${binding.order}`;
  const deciders = shownTo.map(
    (bound, index) =>
      new PolicyBinding(`${name}-${order}-${index}`, { ...authentik, target, bound, order: index }, child),
  );
  return [binding, ...deciders];
}
