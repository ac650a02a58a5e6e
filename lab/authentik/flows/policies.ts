import type { AuthentikObjects } from "../objects";
import type { Row } from "../rows";
import { total, type Who } from "./reputation";

/** Something that the stand-in does not do, although Authentik does. */
export class Unsupported extends Error {}

/** Whether the bindings of an object let somebody pass. Without any, `empty` says so. */
export function passes(objects: AuthentikObjects, target: Row, who: Who, empty = true): boolean {
  const bindings = objects.bindingsOf(target.pk).filter(({ enabled }) => enabled !== false);
  if (bindings.length === 0) return empty;
  const decides = (binding: Row): boolean => decision(objects, binding, who) !== (binding.negate === true);
  return target.policy_engine_mode === "all" ? bindings.every(decides) : bindings.some(decides);
}

/** Whether somebody may use an application: by its bindings; without any, as the flag says that is for all of them. */
export const mayUse = (objects: AuthentikObjects, application: Row, who: Who): boolean =>
  passes(objects, application, who, objects.settings.flags?.core_default_app_access !== false);

function decision(objects: AuthentikObjects, binding: Row, who: Who): boolean {
  const { user } = who;
  if (binding.group)
    return user?.groups !== undefined && objects.allGroupsOf(user).some(({ pk }) => pk === binding.group);
  if (binding.user) return user?.pk === binding.user;
  const policy = objects.by("policies", "pk", binding.policy);
  if (policy?.component === "ak-policy-reputation-form") {
    const by = { username: policy.check_username === true, ip: policy.check_ip === true };
    return total(objects, who, by) <= policy.threshold;
  }
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
