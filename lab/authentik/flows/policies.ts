import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import { Unsupported } from "../unsupported";
import type { Context } from "./context";
import { decide } from "./expressions";
import { total, type Who } from "./reputation";

/** What a decision is about, besides who asks. */
interface About {
  /** Whether an object without bindings lets everybody pass. Default: true. */
  readonly empty?: boolean;
  /** What the stages of the flow know, where it is about one. */
  readonly context?: Context;
}

/**
 * Whether the bindings of an object let somebody pass: one of them, or all, as its policy engine mode says. Who is not logged
 * in passes no binding of a group or a user, not even a negated one.
 */
export function passes(
  objects: AuthentikObjects,
  target: Row,
  who: Who,
  { empty = true, context }: About = {},
): boolean {
  const bindings = objects.bindingsOf(target.pk).filter(({ enabled }) => enabled !== false);
  if (bindings.length === 0) return empty;
  const decides = (binding: Row): boolean => {
    if (!binding.policy && who.user?.pk === undefined) return false;
    return decision(objects, binding, who, context) !== (binding.negate === true);
  };
  return target.policy_engine_mode === "all" ? bindings.every(decides) : bindings.some(decides);
}

/** Whether somebody may use an application: by its bindings; without any, as the flag says that is for all of them. */
export const mayUse = (objects: AuthentikObjects, application: Row, who: Who): boolean =>
  passes(objects, application, who, { empty: objects.settings.flags?.core_default_app_access !== false });

function decision(objects: AuthentikObjects, binding: Row, who: Who, context?: Context): boolean {
  const { user } = who;
  if (binding.group)
    return user?.groups !== undefined && objects.allGroupsOf(user).some(({ pk }) => pk === binding.group);
  if (binding.user) return user?.pk === binding.user;
  const policy = objects.by("policies", "pk", binding.policy);
  if (policy?.component === "ak-policy-reputation-form") {
    const by = { username: policy.check_username === true, ip: policy.check_ip === true };
    return total(objects, who, by) <= policy.threshold;
  }
  if (policy?.component === "ak-policy-expression-form") return decide(policy, { objects, who, context });
  throw new Unsupported(`the lab's Authentik cannot decide by the policy ${policy?.name} (${policy?.component})`);
}

/**
 * What a policy has against what was typed. Of a password its length counts here; how easy it is to guess, which Authentik
 * tells by zxcvbn, does not.
 */
export function complaint(objects: AuthentikObjects, uuid: string, typed: Row): string | undefined {
  const policy = objects.by("policies", "pk", uuid);
  if (policy?.component !== "ak-policy-password-form")
    throw new Unsupported(`the lab's Authentik cannot check what was typed by the policy ${policy?.name ?? uuid}`);
  const password = String(typed[policy.password_field] ?? "");
  const isShort = policy.check_static_rules && password.length < policy.length_min;
  return isShort ? policy.error_message || "Password is not long enough." : undefined;
}
