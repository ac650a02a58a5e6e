import type { Row } from "../../../kit/rows";
import { purge } from "../../flows/reputation";
import type { AuthentikObjects } from "../../objects";
import { type Collection, routesOf } from "../collection";
import type { Route } from "../context";
import { invalid, invalidBody } from "../errors";
import { bindable, to } from "../references";
import { partialGroup } from "./shown";

/** A type of policy: where its requests are, what it is called, and what a new one has. */
interface PolicyType {
  path: string;
  component: string;
  verbose: string;
  label: string;
  defaults: Row;
  validate?: (body: Row) => void;
}

const policyTypes: readonly PolicyType[] = [
  {
    path: "reputation",
    component: "ak-policy-reputation-form",
    verbose: "Reputation Policy",
    label: "authentik_policies_reputation.reputationpolicy",
    defaults: { check_ip: true, check_username: true, threshold: -5 },
    // It looks at the body alone: a change must say at least one.
    validate({ check_ip, check_username }) {
      if (!check_ip && !check_username) throw invalidBody("Either IP or Username must be checked");
    },
  },
  {
    path: "password",
    component: "ak-policy-password-form",
    verbose: "Password Policy",
    label: "authentik_policies_password.passwordpolicy",
    defaults: {
      ...{ password_field: "password", check_static_rules: true, check_have_i_been_pwned: false, check_zxcvbn: false },
      ...{ amount_digits: 0, amount_uppercase: 0, amount_lowercase: 0, amount_symbols: 0, length_min: 0 },
      ...{ symbol_charset: "!\\\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ ", error_message: "", hibp_allowed_count: 0 },
      zxcvbn_score_threshold: 2,
    },
  },
  {
    path: "expression",
    component: "ak-policy-expression-form",
    verbose: "Expression Policy",
    label: "authentik_policies_expression.expressionpolicy",
    defaults: { expression: "" },
  },
  {
    path: "event_matcher",
    component: "ak-policy-event-matcher-form",
    verbose: "Event Matcher Policy",
    label: "authentik_policies_event_matcher.eventmatcherpolicy",
    defaults: { action: null, client_ip: null, app: null, model: null, query: null },
    validate({ action, client_ip, app, model, query }) {
      if (!action && !client_ip && !app && !model && !query) {
        throw invalidBody("At least one criteria must be set.");
      }
    },
  },
];

const collectionOf = ({ path, component, verbose, label, validate }: PolicyType): Collection => ({
  path: `/policies/${path}/`,
  id: "policy_uuid",
  table: "policies",
  includes: (row) => row.component === component,
  model: verbose,
  label,
  unique: { name: "policy with this name already exists." },
  filters: { policy_uuid: (row, value) => row.pk === value },
  defaults: () => newPolicy(path),
  validate,
  shown: (row, { objects }) => policyShown(row, objects),
});

/** What a policy has that was just made, besides what was said. */
export function newPolicy(path: string): Row {
  const found = policyTypes.find((each) => each.path === path);
  if (!found) throw new Error(`there is no type of policy at ${path}`);
  return { component: found.component, execution_logging: false, ...structuredClone(found.defaults) };
}

/** What every policy shows besides its own fields. */
function policyShown(row: Row, objects: AuthentikObjects): Row {
  const type = policyTypes.find(({ component }) => component === row.component);
  return {
    verbose_name: type?.verbose ?? "",
    verbose_name_plural: type?.verbose.replace(/y$/, "ies") ?? "",
    meta_model_name: type?.label ?? "",
    bound_to: objects.bindings.filter(({ policy }) => policy === row.pk).length,
  };
}

const anyPolicy: Collection = {
  path: "/policies/all/",
  id: "policy_uuid",
  table: "policies",
  model: "Policy",
  label: "authentik_policies.policy",
  methods: ["list", "retrieve", "destroy"],
  filters: {
    bindings__isnull: (row, value, { objects }) =>
      !objects.bindings.some(({ policy }) => policy === row.pk) === (value === "true"),
  },
  shown: (row, { objects }) => policyShown(row, objects),
};

const bindings: Collection = {
  path: "/policies/bindings/",
  id: "policy_binding_uuid",
  table: "bindings",
  model: "Policy Binding",
  label: "authentik_policies.policybinding",
  ordering: "target,order",
  search: ["policy"],
  together: ["policy", "target", "order"],
  references: { target: to.bindable, policy: to.policy, group: to.group, user: to.user },
  filters: {
    target: (row, value, { objects }) => bindingKey(row, objects) === value,
    target_in: (row, value, { objects }) => bindingKey(row, objects) === value,
  },
  defaults: newBinding,
  validate({ target, policy, group, user }) {
    // A change that does not say what it is of fails inside Authentik, with an error of the server.
    if (target === undefined) throw invalid("target", "This field is required.");
    const count = [policy, group, user].filter(Boolean).length;
    if (count > 1) throw invalidBody("Only one of 'policy', 'group', 'user' can be set.");
    if (count < 1) throw invalidBody("One of 'policy', 'group', 'user' must be set.");
  },
  write(row, { target, ...body }, { objects }) {
    const found = bindable(objects).find((each) => [each.pk, each.policybindingmodel_ptr_id].includes(target));
    Object.assign(row, body, target === undefined ? {} : { target: found?.pk });
  },
  shown(row, { objects }) {
    const [policy, group] = [objects.by("policies", "pk", row.policy), objects.by("groups", "pk", row.group)];
    return {
      policy_obj: policy ? { ...policy, ...policyShown(policy, objects) } : null,
      group_obj: group ? partialGroup(group) : null,
      user_obj: objects.by("users", "pk", row.user) ?? null,
    };
  },
};

/** What a binding has that was just made, besides what was said. */
export function newBinding(): Row {
  return {
    ...{ policy: null, group: null, user: null, negate: false, enabled: true, timeout: 30, failure_result: false },
    ...{ expires: null, expiring: false },
  };
}

/** The key by which lists are filtered: it is another than the target's own where that is a flow or one of its stages. */
function bindingKey({ target }: Row, objects: AuthentikObjects): string {
  const found = bindable(objects).find(({ pk }) => pk === target);
  return found?.policybindingmodel_ptr_id ?? target;
}

const scores: Collection = {
  path: "/policies/reputation/scores/",
  id: "reputation_uuid",
  table: "reputation",
  model: "Reputation Score",
  label: "authentik_policies_reputation.reputation",
  methods: ["list", "retrieve", "destroy"],
  ordering: "ip",
  search: ["identifier", "ip", "score"],
  // Also those that have ended, until they are purged.
  listed: (rows, { objects }) => {
    purge(objects);
    return rows.filter((row) => objects.reputation.includes(row));
  },
  shown: (row) => ({ ip_geo_data: {}, ip_asn_data: {}, updated: row.updated ?? row.created }),
};

export const policyRoutes: Route[] = [
  ...policyTypes.flatMap((type) => routesOf(collectionOf(type))),
  ...routesOf(anyPolicy),
  ...routesOf(bindings),
  ...routesOf(scores),
];
