import type { AuthentikObjects } from "../../lab/authentik/objects";
import type { Row } from "../../lab/authentik/rows";

/** One type of object: what it is made with, changed to, replaced by, and what somebody does to it by hand. */
export interface Life {
  args: object;
  change: object;
  /** Absent where nothing replaces it. */
  replace?: object;
  /** The row of `args`; `undefined` where it is gone. */
  row: (objects: AuthentikObjects) => Row | undefined;
  drift: Row;
  /** Where the row is, by which it is removed by hand. Absent where there is always one. */
  table?: (objects: AuthentikObjects) => Row[];
  id: string;
}

const named = (table: "stages" | "policies" | "transports" | "rules", name: string) => ({
  row: (objects: AuthentikObjects): Row | undefined => objects.by(table, "name", name),
  table: (objects: AuthentikObjects): Row[] => objects[table],
  id: name,
});

const passwordFields = ["default-password-change-field-password", "default-password-change-field-password-repeat"];

/** A life of each type. The flow `house`, its stage 10, the application `media` and the groups are there. */
export const lives: Record<string, Life> = {
  Flow: {
    args: { slug: "homelab-login", title: "Welcome", designation: "authentication" },
    change: {
      slug: "homelab-login",
      name: "Login",
      title: "Welcome home",
      designation: "authentication",
      authentication: "require_unauthenticated",
    },
    replace: { slug: "homelab-entrance", title: "Welcome", designation: "authentication" },
    row: (objects) => objects.by("flows", "slug", "homelab-login"),
    drift: { title: "Go away", denied_action: "continue" },
    table: ({ flows }) => flows,
    id: "homelab-login",
  },
  FlowStage: {
    args: { flow: "house", order: 15, stage: "house-locked" },
    change: { flow: "house", order: 15, stage: "house-password", invalidResponseAction: "restart" },
    replace: { flow: "house", order: 25, stage: "house-locked" },
    row: ({ flowBindings }) => flowBindings.find(({ order }) => order === 15),
    drift: { re_evaluate_policies: false, evaluate_on_plan: true },
    table: ({ flowBindings }) => flowBindings,
    id: "house/15",
  },
  DenyStage: {
    args: { name: "homelab-locked", denyMessage: "Too many wrong passwords. Try again in 15 minutes." },
    change: { name: "homelab-locked" },
    replace: { name: "homelab-closed" },
    drift: { deny_message: "No" },
    ...named("stages", "homelab-locked"),
  },
  IdentificationStage: {
    args: { name: "homelab-identification", recoveryFlow: "house", passwordStage: "house-password" },
    change: { name: "homelab-identification", userFields: ["username"], passwordStage: "", recoveryFlow: "" },
    replace: { name: "homelab-who" },
    drift: { pretend_user_exists: false, recovery_flow: null },
    ...named("stages", "homelab-identification"),
  },
  PasswordStage: {
    args: { name: "homelab-password", backends: ["authentik.core.auth.InbuiltBackend"] },
    change: {
      name: "homelab-password",
      backends: ["authentik.core.auth.InbuiltBackend", "authentik.core.auth.TokenBackend"],
      failedAttemptsBeforeCancel: 3,
      configureFlow: "house",
    },
    replace: { name: "homelab-secret" },
    drift: { failed_attempts_before_cancel: 100 },
    ...named("stages", "homelab-password"),
  },
  AuthenticatorValidateStage: {
    args: { name: "homelab-second-factor", configurationStages: ["default-authenticator-totp-setup"] },
    change: {
      name: "homelab-second-factor",
      configurationStages: ["default-authenticator-totp-setup", "default-authenticator-static-setup"],
      lastAuthThreshold: "hours=8",
    },
    replace: { name: "homelab-totp", notConfiguredAction: "deny", deviceClasses: ["totp"] },
    drift: { not_configured_action: "skip" },
    ...named("stages", "homelab-second-factor"),
  },
  UserLoginStage: {
    args: { name: "homelab-login", sessionDuration: "hours=12" },
    change: { name: "homelab-login", sessionDuration: "days=1", terminateOtherSessions: true },
    replace: { name: "homelab-session" },
    drift: { session_duration: "days=365" },
    ...named("stages", "homelab-login"),
  },
  UserWriteStage: {
    args: { name: "homelab-write" },
    change: { name: "homelab-write", userCreationMode: "create_when_required", createUsersGroup: "family" },
    replace: { name: "homelab-save" },
    drift: { user_creation_mode: "always_create" },
    ...named("stages", "homelab-write"),
  },
  PromptStage: {
    args: { name: "homelab-new-password", fields: passwordFields },
    change: {
      name: "homelab-new-password",
      fields: [...passwordFields].reverse(),
      validationPolicies: ["house-failed-logins"],
    },
    replace: { name: "homelab-prompt", fields: passwordFields.slice(0, 1) },
    drift: { fields: [] },
    ...named("stages", "homelab-new-password"),
  },
  PasswordPolicy: {
    args: { name: "homelab-passwords" },
    change: { name: "homelab-passwords", lengthMin: 16, zxcvbnScoreThreshold: 3, errorMessage: "Longer, please." },
    replace: { name: "homelab-passphrases" },
    drift: { length_min: 1 },
    ...named("policies", "homelab-passwords"),
  },
  ReputationPolicy: {
    args: { name: "homelab-failed-logins" },
    change: { name: "homelab-failed-logins", threshold: -10, checkIp: true, checkUsername: false },
    replace: { name: "homelab-reputation" },
    drift: { threshold: -1000 },
    ...named("policies", "homelab-failed-logins"),
  },
  EventMatcherPolicy: {
    args: { name: "homelab-failed", action: "login_failed" },
    change: { name: "homelab-failed", action: "login_failed", clientIp: "192.168.1.7", app: "authentik.core" },
    replace: { name: "homelab-success", action: "login" },
    drift: { action: "logout", client_ip: "10.0.0.1" },
    ...named("policies", "homelab-failed"),
  },
  PolicyBinding: {
    args: { target: "application/media", bound: "group/family" },
    change: { target: "application/media", bound: "group/family", order: 3, enabled: false, timeout: 5 },
    replace: { target: "flow-stage/house/10", bound: "policy/house-failed-logins" },
    row: (objects) => objects.bindings.find(({ group }) => group === objects.by("groups", "name", "family")?.pk),
    drift: { negate: true },
    table: ({ bindings }) => bindings,
    id: "application%2Fmedia/group%2Ffamily",
  },
  NotificationTransport: {
    args: { name: "chat", mode: "webhook", webhookUrl: "https://chat.home.arpa/hooks/Key-77" },
    change: { name: "chat", mode: "webhook_slack", webhookUrl: "https://chat.home.arpa/hooks/Key-88", sendOnce: true },
    replace: { name: "list" },
    drift: { webhook_url: "https://elsewhere.example/hook" },
    ...named("transports", "chat"),
  },
  NotificationRule: {
    args: { name: "failed-logins", transports: ["house-list"], destinationGroup: "family" },
    change: {
      name: "failed-logins",
      transports: ["house-list", "default-local-transport"],
      severity: "alert",
      destinationGroup: "",
      destinationEventUser: true,
    },
    replace: { name: "logins", transports: ["house-list"], destinationGroup: "family" },
    drift: { destination_group: null },
    ...named("rules", "failed-logins"),
  },
  Brand: {
    args: { flowAuthentication: "house", brandingTitle: "Home" },
    change: { flowAuthentication: "house", brandingTitle: "House", flowRecovery: "house", defaultApplication: "media" },
    row: ({ brand }) => brand,
    drift: { flow_authentication: null },
    id: "authentik:Brand",
  },
  Settings: {
    args: { coreDefaultAppAccess: false, eventRetention: "days=90", reputationUpperLimit: 0 },
    change: { coreDefaultAppAccess: false, eventRetention: "days=30", reputationUpperLimit: 0, avatars: "initials" },
    row: ({ settings }) => settings,
    drift: { reputation_upper_limit: 5 },
    id: "authentik:Settings",
  },
};
