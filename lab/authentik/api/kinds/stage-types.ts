import type { Row } from "../../../kit/rows";

/** A type of stage: where its requests are, what it is called, and what a new one has. */
export interface StageType {
  /** Below `/stages/`. */
  path: string;
  component: string;
  verbose: string;
  label: string;
  defaults: Row;
}

const stageType = (path: string, form: string, verbose: string, label: string, defaults: Row = {}): StageType => ({
  ...{ path, verbose, defaults },
  component: `ak-stage-${form}-form`,
  label: `authentik_stages_${label}`,
});

const configurable = { configure_flow: null, friendly_name: "" };

export const stageTypes: readonly StageType[] = [
  stageType("identification", "identification", "Identification Stage", "identification.identificationstage", {
    ...{ user_fields: [], password_stage: null, captcha_stage: null, webauthn_stage: null, sources: [] },
    ...{ case_insensitive_matching: true, show_matched_user: true, show_source_labels: false },
    ...{ enrollment_flow: null, recovery_flow: null, passwordless_flow: null },
    ...{ pretend_user_exists: true, enable_remember_me: false },
  }),
  stageType("password", "password", "Password Stage", "password.passwordstage", {
    ...{ configure_flow: null, failed_attempts_before_cancel: 5, allow_show_password: false },
  }),
  stageType(
    "authenticator/validate",
    "authenticator-validate",
    "Authenticator Validation Stage",
    "authenticator_validate.authenticatorvalidatestage",
    {
      ...{ not_configured_action: "skip", device_classes: ["static", "totp", "webauthn", "duo", "sms", "email"] },
      ...{ configuration_stages: [], last_auth_threshold: "seconds=0", webauthn_user_verification: "preferred" },
      ...{ webauthn_hints: [], webauthn_allowed_device_types: [], webauthn_allowed_device_types_obj: [] },
      ...{ email_otp_throttling_factor: 1, sms_otp_throttling_factor: 1 },
      ...{ totp_otp_throttling_factor: 1, static_otp_throttling_factor: 1 },
    },
  ),
  stageType("user_login", "user-login", "User Login Stage", "user_login.userloginstage", {
    ...{ session_duration: "seconds=0", terminate_other_sessions: false, remember_me_offset: "seconds=0" },
    ...{ network_binding: "no_binding", geoip_binding: "no_binding", remember_device: "days=30" },
  }),
  stageType("user_logout", "user-logout", "User Logout Stage", "user_logout.userlogoutstage"),
  stageType("user_write", "user-write", "User Write Stage", "user_write.userwritestage", {
    ...{ user_creation_mode: "create_when_required", create_users_as_inactive: false, create_users_group: null },
    ...{ user_type: "external", user_path_template: "" },
  }),
  stageType("prompt/stages", "prompt", "Prompt Stage", "prompt.promptstage", { fields: [], validation_policies: [] }),
  stageType("deny", "deny", "Deny Stage", "deny.denystage", { deny_message: "" }),
  stageType("consent", "consent", "Consent Stage", "consent.consentstage", {
    ...{ mode: "always_require", consent_expire_in: "weeks=4" },
  }),
  stageType("redirect", "redirect", "Redirect Stage", "redirect.redirectstage", {
    ...{ keep_context: true, target_static: "", target_flow: null },
  }),
  stageType(
    "authenticator/totp",
    "authenticator-totp",
    "TOTP Authenticator Setup Stage",
    "authenticator_totp.authenticatortotpstage",
    configurable,
  ),
  stageType(
    "authenticator/static",
    "authenticator-static",
    "Static Authenticator Setup Stage",
    "authenticator_static.authenticatorstaticstage",
    { ...configurable, token_count: 6, token_length: 12 },
  ),
  stageType(
    "authenticator/webauthn",
    "authenticator-webauthn",
    "WebAuthn Authenticator Setup Stage",
    "authenticator_webauthn.authenticatorwebauthnstage",
    {
      ...configurable,
      ...{ user_verification: "preferred", authenticator_attachment: null, resident_key_requirement: "preferred" },
      ...{ hints: [], device_type_restrictions: [], device_type_restrictions_obj: [], max_attempts: 0 },
    },
  ),
];

/** What a stage has that was just made, besides what was said. */
export function newStage(component: string): Row {
  const found = stageTypes.find((each) => each.component === component);
  if (found) return { component, ...structuredClone(found.defaults) };
  throw new Error(`there is no type of stage with ${component}`);
}
