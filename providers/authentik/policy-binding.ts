import type { PolicyBinding as Row, PolicyBindingRequest } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { ApiError, type Subject } from "../dynamic/http";
import type { Known, Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { stageAt } from "./flow-stage";
import { applications, groups, policies, users } from "./lookup";
import { rules } from "./notification-rule";
import { checkOwnName } from "./words";

/** What decides about something. */
export interface PolicyBindingValues {
  /**
   * What is decided about: `application/<slug>`, `flow-stage/<flow>/<order>` or `notification-rule/<name>`. **A change makes
   * another binding and removes this one.**
   */
  readonly target: string;
  /** What decides: `group/<name>`, `policy/<name>` or `user/<user name>`. **A change makes another binding.** */
  readonly bound: string;
  /** Bindings are asked in the order of these numbers. Default 0. */
  readonly order?: number;
  /** Whether it passes for everybody else. Default `false`. */
  readonly negate?: boolean;
  /** Default `true`. */
  readonly enabled?: boolean;
  /** After how many seconds a policy is given up. Default 30. */
  readonly timeout?: number;
  /** Whether it passes where it fails to decide. Default `false`. */
  readonly failureResult?: boolean;
}

/** Arguments of {@link PolicyBinding}. */
export type PolicyBindingArgs = Inputs<PolicyBindingValues>;

/**
 * A group that may use an application, or a policy that decides about a stage of a flow. Id: `target/bound`.
 *
 * ```ts
 * new PolicyBinding("media", { connection, target: "application/media", bound: "group/family" });
 * ```
 */
export class PolicyBinding extends DynamicResource {
  declare readonly target: pulumi.Output<string>;
  declare readonly bound: pulumi.Output<string>;

  constructor(name: string, args: PolicyBindingArgs, opts?: pulumi.CustomResourceOptions) {
    super(policyBinding, name, args, opts);
  }
}

/** A binding, and what it binds by name. */
interface Named {
  readonly row: Row;
  readonly target: string;
  readonly bound: string;
}

export const policyBinding: Kind<Authentik, PolicyBindingValues> = {
  // Authentik would bind a group twice.
  observeFirst: true,
  ...kindOf<PolicyBindingValues, Named>(
    {
      token: "authentik:PolicyBinding",
      noun: "policy binding",
      identity: ["target", "bound"],
      defaults: { order: 0, negate: false, enabled: true, timeout: 30, failureResult: false },
      check(args, problems) {
        const targets = '"application/media", "flow-stage/homelab-login/15" or "notification-rule/failed-logins"';
        const isTarget = (text: string): boolean =>
          /^(application|notification-rule)\/.|^flow-stage\/[^/]+\/\d+$/.test(text);
        problems.expect("target", args.target, isTarget, `{value} is nothing to bind to; write it as ${targets}`);
        const [, flow] = /^flow-stage\/([^/]+)\//.exec(args.target ?? "") ?? [];
        checkOwnName("target", flow, problems);
        const isBound = (text: string): boolean => /^(group|policy|user)\/./.test(text);
        const words = '"group/family", "policy/failed-logins" or "user/jo"';
        problems.expect("bound", args.bound, isBound, `{value} cannot decide; write it as ${words}`);
        problems.wholeNumber("order", args.order, 0, 1_000_000);
        problems.wholeNumber("timeout", args.timeout, 0, 3600);
      },
    },
    {
      async find(api, names, subject) {
        const found = await targetOf(api, names.target, subject);
        if (!found || found.isNew) return undefined;
        const target = found.model;
        const rows = await api.list(subject, ({ policies }, page) =>
          policies.policiesBindingsList({ target, ...page }),
        );
        return pick(rows, found, names);
      },
      async look(api, names, subject) {
        const found = await targetOf(api, names.target, subject);
        if (!found) return undefined;
        const rows = await api.recall("/policies/bindings", () =>
          api.list(subject, ({ policies }, page) => policies.policiesBindingsList(page)),
        );
        return pick(rows, found, names);
      },
      async create(api, args, subject) {
        const policyBindingRequest = await body(api, args, subject);
        const row = await api.call(subject, ({ policies }) =>
          policies.policiesBindingsCreate({ policyBindingRequest }),
        );
        return { ...args, row };
      },
      // PATCH without a target fails.
      async update(api, { row: { pk } }, args, subject) {
        const request = { policyBindingUuid: pk, policyBindingRequest: await body(api, args, subject) };
        const row = await api.call(subject, ({ policies }) => policies.policiesBindingsUpdate(request));
        return { ...args, row };
      },
      destroy: (api, { row: { pk } }, subject) =>
        api.call(subject, ({ policies }) => policies.policiesBindingsDestroy({ policyBindingUuid: pk })),
      argsOf: (_api, { row, target, bound }) => ({
        target,
        bound,
        order: row.order,
        negate: row.negate,
        enabled: row.enabled,
        timeout: row.timeout,
        failureResult: row.failureResult,
      }),
      outsOf: () => ({}),
    },
  ),
};

/** The type and the name in `group/family`. */
function split(text: string): [type: string, name: string] {
  const at = text.indexOf("/");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** An object that policies can be bound to. */
interface Target {
  readonly pk: string;
  /** Its id as such an object, by which Authentik filters bindings. */
  readonly model: string;
  /** Whether this client just made it, and has bound nothing to it. */
  readonly isNew?: boolean;
}

async function targetOf(api: Authentik, target = "", subject: Subject): Promise<Target | undefined> {
  const [type, name] = split(target);
  if (type === "application") {
    const newborn = applications.newborn(api, name);
    const row = newborn ?? (await applications.row(api, name, subject));
    return row && { pk: row.pk, model: row.pbmUuid, isNew: newborn !== undefined };
  }
  if (type === "notification-rule") {
    const row = await rules.row(api, name, subject);
    return row && { pk: row.pk, model: row.pk };
  }
  const [flow, order] = split(name);
  const row = await stageAt(api, flow, order, subject);
  return row && { pk: row.pk, model: row.policybindingmodelPtrId };
}

function pick(rows: Row[], { pk }: Target, { target = "", bound = "" }: Known<PolicyBindingValues>): Named | undefined {
  const row = rows.find((each) => each.target === pk && boundOf(each) === bound);
  return row && { row, target, bound };
}

async function body(
  api: Authentik,
  { target, bound, ...rest }: PolicyBindingValues,
  subject: Subject,
): Promise<PolicyBindingRequest> {
  const found = await targetOf(api, target, subject);
  if (!found) {
    const remedies = { 412: "Make it first, and let this resource depend on it." };
    throw new ApiError("Authentik", 412, { ...subject, remedies }, `there is no ${target}`);
  }
  return { order: 0, ...rest, target: found.pk, ...(await deciding(api, bound, subject)) };
}

async function deciding(api: Authentik, bound: string, subject: Subject): Promise<Partial<PolicyBindingRequest>> {
  const [type, name] = split(bound);
  if (type === "group") return { group: await groups.id(api, name, subject) };
  if (type === "user") return { user: await users.id(api, name, subject) };
  return { policy: await policies.id(api, name, subject) };
}

function boundOf({ groupObj, policyObj, userObj }: Row): string {
  if (groupObj) return `group/${groupObj.name}`;
  if (userObj) return `user/${userObj.username}`;
  return `policy/${policyObj?.name}`;
}
