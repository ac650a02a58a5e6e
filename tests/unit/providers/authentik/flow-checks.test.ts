import { Stack } from "../../../helpers/unit/provider-stack";

const connection = { endpoint: "https://auth.home.arpa", token: "Correct-Horse-1" };
const refusals = (type: string, args: object): Promise<string[]> =>
  new Stack(type, connection, "authentik").refusals(args);

const own = (name: string): string =>
  `"${name}" is Authentik's own, and each of its upgrades sets that back; choose another name`;
const time = 'is no time; write "hours=1", or "hours=1;minutes=30"';
const flow = { slug: "homelab-login", title: "Welcome", designation: "authentication" };

test.each<[string, object, string]>([
  ["Flow", { ...flow, slug: undefined }, "slug: is missing; each flow needs it"],
  ["Flow", { ...flow, slug: "home login" }, 'slug: "home login" is no slug; use letters, digits, - and _'],
  ["Flow", { ...flow, slug: "default-authentication-flow" }, `slug: ${own("default-authentication-flow")}`],
  ["Flow", { ...flow, slug: "initial-setup" }, `slug: ${own("initial-setup")}`],
  [
    "Flow",
    { ...flow, designation: "login" },
    'designation: "login" is none of authentication, authorization, invalidation, enrollment, unenrollment, recovery, ' +
      "stage_configuration; choose one of them",
  ],
  ["Flow", { ...flow, title: "" }, 'title: "" is empty or has spaces around it; write it without'],
  [
    "FlowStage",
    { flow: "default-authentication-flow", order: 10, stage: "homelab-password" },
    `flow: ${own("default-authentication-flow")}`,
  ],
  [
    "FlowStage",
    { flow: "homelab-login", order: 1.5, stage: "homelab-password" },
    "order: 1.5 is no whole number from 0 to 1000000; choose one",
  ],
  ["DenyStage", {}, "name: is missing; each deny stage needs it"],
  ["DenyStage", { name: "default-locked" }, `name: ${own("default-locked")}`],
  ["DenyStage", { name: " locked" }, 'name: " locked" is empty or has spaces around it; write it without'],
  [
    "IdentificationStage",
    { name: "homelab-identification", userFields: [] },
    'userFields: is empty, so that nobody could log in; name at least one, such as "username"',
  ],
  [
    "IdentificationStage",
    { name: "homelab-identification", userFields: ["phone"] },
    'userFields: "phone" is none of username, email, upn; choose one of them',
  ],
  [
    "PasswordStage",
    { name: "homelab-password", backends: [] },
    'backends: is empty, so that nobody could log in; name at least "authentik.core.auth.InbuiltBackend"',
  ],
  [
    "PasswordStage",
    { name: "homelab-password", failedAttemptsBeforeCancel: 0 },
    "failedAttemptsBeforeCancel: 0 is no whole number from 1 to 1000; choose one",
  ],
  [
    "AuthenticatorValidateStage",
    { name: "homelab-second-factor" },
    "configurationStages: is empty, but who has no device is to enrol one; name a stage, such as " +
      '"default-authenticator-totp-setup", or set `notConfiguredAction` to "deny" or "skip"',
  ],
  [
    "AuthenticatorValidateStage",
    { name: "homelab-second-factor", notConfiguredAction: "deny", lastAuthThreshold: "8h" },
    `lastAuthThreshold: "8h" ${time}`,
  ],
  ["UserLoginStage", { name: "homelab-login", sessionDuration: "12 hours" }, `sessionDuration: "12 hours" ${time}`],
  [
    "UserWriteStage",
    { name: "homelab-write", userCreationMode: "maybe" },
    'userCreationMode: "maybe" is none of never_create, create_when_required, always_create; choose one of them',
  ],
  [
    "PromptStage",
    { name: "homelab-prompt", fields: [] },
    "fields: is empty, so that nothing would be asked; name at least one prompt",
  ],
  [
    "ReputationPolicy",
    { name: "failed-logins", checkUsername: false },
    "checkUsername: is off, as is `checkIp`, so that nothing would count; switch one on",
  ],
  [
    "EventMatcherPolicy",
    { name: "failed-logins" },
    'action: is missing, and so is any other condition; give one, such as action "login_failed"',
  ],
  [
    "PolicyBinding",
    { target: "media", bound: "group/family" },
    'target: "media" is nothing to bind to; write it as "application/media", "flow-stage/homelab-login/15" or ' +
      '"notification-rule/failed-logins"',
  ],
  [
    "PolicyBinding",
    { target: "flow-stage/homelab-login", bound: "group/family" },
    'target: "flow-stage/homelab-login" is nothing to bind to; write it as "application/media", ' +
      '"flow-stage/homelab-login/15" or "notification-rule/failed-logins"',
  ],
  [
    "PolicyBinding",
    { target: "flow-stage/default-authentication-flow/20", bound: "policy/failed-logins" },
    `target: ${own("default-authentication-flow")}`,
  ],
  [
    "PolicyBinding",
    { target: "application/media", bound: "family" },
    'bound: "family" cannot decide; write it as "group/family", "policy/failed-logins" or "user/jo"',
  ],
  ["Brand", { brandingTitle: "" }, 'brandingTitle: "" is empty or has spaces around it; write it without'],
  [
    "Settings",
    { baseUrl: "http://auth.home.arpa" },
    'baseUrl: "http://auth.home.arpa" is no https address; write it as https://auth.home.arpa',
  ],
  [
    "Settings",
    { baseUrl: "https://auth.home.arpa/" },
    'baseUrl: "https://auth.home.arpa/" is no https address; write it as https://auth.home.arpa',
  ],
  ["Settings", { eventRetention: "90 days" }, `eventRetention: "90 days" ${time}`],
  [
    "Settings",
    { reputationLowerLimit: 5 },
    "reputationLowerLimit: 5 is no whole number from -1000000 to 0; choose one",
  ],
  [
    "Settings",
    { reputationUpperLimit: -1 },
    "reputationUpperLimit: -1 is no whole number from 0 to 1000000; choose one",
  ],
  ["NotificationTransport", { name: "chat", mode: "webhook" }, "webhookUrl: is missing, and a webhook needs it"],
  [
    "NotificationTransport",
    { name: "chat", mode: "webhook", webhookUrl: "chat.home.arpa/key-77" },
    "webhookUrl: is no URL; write it as https://chat.home.arpa/hooks/…",
  ],
  [
    "NotificationRule",
    { name: "failed-logins", transports: ["chat"] },
    "destinationGroup: is missing, so that nobody would be notified; name a group",
  ],
  [
    "NotificationRule",
    { name: "failed-logins", transports: [], destinationGroup: "admins" },
    "transports: is empty, so that nothing would be sent; name at least one transport",
  ],
])("EF-012: %s %j is refused before anything is asked of Authentik", async (type, args, reason) => {
  expect(await refusals(type, args)).toEqual([reason]);
});

test.each<[string, object]>([
  ["Flow", flow],
  ["UserLoginStage", { name: "homelab-login", sessionDuration: "hours=12;minutes=30" }],
  ["PolicyBinding", { target: "application/media", bound: "group/house/guests" }],
  ["Settings", { coreDefaultAppAccess: false, baseUrl: "https://auth.home.arpa", eventRetention: "days=90" }],
  ["NotificationTransport", { name: "list" }],
])("EF-012: %s %j is taken", async (type, args) => {
  expect(await refusals(type, args)).toEqual([]);
});

test("EF-012: everything that is wrong is named at once", async () => {
  expect(await refusals("Flow", { slug: "default-x y", designation: "x", deniedAction: "y" })).toHaveLength(4);
});
