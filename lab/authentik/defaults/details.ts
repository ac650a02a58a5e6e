import type { Row } from "../../kit/rows";
import { newPolicy } from "../api/kinds/policies";
import { newPrompt } from "../api/kinds/stages";
import type { AuthentikObjects } from "../objects";

/** The policies that decide in the default flows. Their Python is not run: `flows/expressions.ts` knows what it means. */
const expressions: Readonly<Record<string, string>> = {
  "default-authentication-flow-password-stage":
    'return not hasattr(request.context["flow_plan"].context.get("pending_user"), "backend")',
  "default-authentication-flow-authenticator-validate-stage":
    'return not (request.context["flow_plan"].context.get("auth_method") == "auth_webauthn_pwl")',
  "default-source-authentication-if-sso": "return ak_is_sso_flow",
  "default-source-enrollment-if-sso": "return ak_is_sso_flow",
  "default-source-enrollment-if-username": "return 'username' not in context.get('prompt_data', {})",
  "default-oobe-password-usable": `akadmin = ak_user_by(username="akadmin")
return not akadmin.has_usable_password()`,
  "default-oobe-prefill-user": `akadmin = ak_user_by(username="akadmin")
context["flow_plan"].context["pending_user"] = akadmin
return True`,
  "default-oobe-flow-set-authentication": `from authentik.flows.models import Flow, FlowAuthenticationRequirement
Flow.objects.filter(slug="initial-setup").update(
    authentication=FlowAuthenticationRequirement.REQUIRE_SUPERUSER,
)
return True`,
};

/** The policies that the default flows refer to. */
export function addPolicies(objects: AuthentikObjects): void {
  const add = (path: string, name: string, fields: Row): void => {
    if (!objects.by("policies", "name", name)) objects.insert("policies", { ...newPolicy(path), name, ...fields });
  };
  for (const [name, expression] of Object.entries(expressions)) add("expression", name, { expression });
  add("password", "default-password-change-password-policy", {
    ...{ check_static_rules: true, check_zxcvbn: true, length_min: 8, zxcvbn_score_threshold: 2 },
    error_message: "Password needs to be 8 characters or longer.",
  });
}

/** The fields of forms that the default flows ask for. */
export function addPrompts(objects: AuthentikObjects): void {
  const add = (name: string, fields: Row): void => {
    if (!objects.by("prompts", "name", name)) objects.insert("prompts", { name, ...newPrompt(), ...fields });
  };
  const password = { field_key: "password", label: "Password", type: "password", placeholder: "Password", order: 300 };
  for (const name of ["default-password-change-field-password", "initial-setup-field-password"]) {
    add(name, password);
    add(`${name}-repeat`, {
      ...password,
      ...{ field_key: "password_repeat", label: "Password (repeat)", placeholder: "Password (repeat)", order: 301 },
    });
  }
  const email = { field_key: "email", label: "Email", type: "email", placeholder: "Admin email", order: 101 };
  add("initial-setup-field-email", email);
  const username = { field_key: "username", label: "Username", type: "username", placeholder: "Username", order: 100 };
  add("default-source-enrollment-field-username", username);
  const settings = (key: string, label: string, type: string, order: number): void => {
    const initial = `return user.${key}`;
    const expression = { initial_value: initial, initial_value_expression: true, placeholder: label };
    add(`default-user-settings-field-${key}`, { field_key: key, label, type, order, ...expression });
  };
  settings("username", "Username", "username", 200);
  settings("name", "Name", "text", 201);
  settings("email", "Email", "email", 202);
}
