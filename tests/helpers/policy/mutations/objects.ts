import { types } from "../../../../policies/types";
import { notYetKnown, type TestResource } from "../harness";
import { find, rows, setting, type Mutation, type Row } from "./mutation";

const typeOf = (token: string): string => `${types.dynamic}/${token}`;

/** An object with one property changed, or left out. */
const changed = (token: string, name: string, property: string, value?: unknown): Row => [
  `${name} with ${property} ${value === undefined ? "left out" : JSON.stringify(value).slice(0, 70)}`,
  setting(typeOf(token), name, { [property]: value }),
  `its \`${property}\` has to be `,
];

/** An object more. */
const more = (token: string, inputs: Record<string, unknown>, message: string): Row => [
  `another ${token} ${JSON.stringify(inputs).slice(0, 70)}`,
  (stack) => void stack.push({ type: typeOf(token), name: "added", inputs }),
  message,
];

/** An object less. */
const without = (token: string, name: string): Row => [
  `no ${name}`,
  (stack: TestResource[]) => void stack.splice(stack.indexOf(find(stack, typeOf(token), name)), 1),
  `there is no ${token} with `,
];

/** A connection that leads elsewhere. */
const connected = (token: string, name: string, part: string, message: string): Row => [
  `${name} at ${part}`,
  setting(typeOf(token), name, {
    connection: part.startsWith("https:") ? { endpoint: part } : { address: part },
  }),
  message,
];

const flows: readonly Row[] = [
  ...["sso-login-15", "sso-login-20", "sso-login-30", "sso-recovery-5"].map((name) =>
    without("authentik:FlowStage", name),
  ),
  ...["sso-login-25-1", "sso-login-30-1", "sso-recovery-5-0"].map((name) => without("authentik:PolicyBinding", name)),
  changed("authentik:FlowStage", "sso-login-20", "stage", "homelab-identification"),
  changed("authentik:FlowStage", "sso-login-25", "evaluateOnPlan", true),
  changed("authentik:FlowStage", "sso-login-25", "reEvaluatePolicies", false),
  changed("authentik:FlowStage", "sso-login-30", "policyEngineMode", "all"),
  changed("authentik:PolicyBinding", "sso-login-15-0", "negate", true),
  changed("authentik:PolicyBinding", "sso-login-15-0", "enabled", false),
  changed("authentik:PolicyBinding", "sso-login-30-0", "bound", "group/friends"),
  more("authentik:FlowStage", { flow: "homelab-login", order: 99, stage: "homelab-login" }, "its `order` has to be"),
  more("authentik:FlowStage", { flow: "own", order: 10, stage: "homelab-login" }, "its `flow` has to be"),
  more("authentik:Flow", { slug: "own", title: "x", designation: "authentication" }, "its `slug` has to be"),
  changed("authentik:Flow", "sso-recovery", "designation", "enrollment"),
  changed("authentik:AuthenticatorValidateStage", "sso-login-second-factor", "notConfiguredAction", "skip"),
  changed("authentik:AuthenticatorValidateStage", "sso-login-second-factor", "deviceClasses", ["email"]),
  changed("authentik:AuthenticatorValidateStage", "sso-login-second-factor", "lastAuthThreshold", "weeks=52"),
  changed("authentik:PasswordStage", "sso-login-password", "backends", ["authentik.core.auth.TokenBackend"]),
  changed("authentik:PasswordStage", "sso-login-password", "failedAttemptsBeforeCancel", 1000),
  changed("authentik:IdentificationStage", "sso-login-identification", "passwordStage", "homelab-password"),
  changed("authentik:ReputationPolicy", "sso-login-failed-logins", "threshold", -500),
  changed("authentik:ReputationPolicy", "sso-login-failed-logins", "checkUsername", false),
  changed("authentik:ExpressionPolicy", "sso-login-unpurged-failures", "expression", "return False"),
  changed("authentik:ExpressionPolicy", "sso-recovery-without-link", "expression", "return False"),
  changed("authentik:PasswordPolicy", "sso-recovery-policy", "lengthMin", 8),
  changed("authentik:PromptStage", "sso-recovery-password", "validationPolicies", []),
  changed("authentik:UserWriteStage", "sso-recovery-write", "userCreationMode", "always_create"),
  changed("authentik:UserLoginStage", "sso-login-login", "sessionDuration", "days=365"),
  [
    "what is hidden until the update",
    setting(typeOf("authentik:ExpressionPolicy"), "sso-recovery-without-link", { expression: notYetKnown }),
    "its `expression` is not known before the update, and has to be",
  ],
];

const people: readonly Row[] = [
  without("authentik:ClosedFlows", "sso-closed-flows"),
  without("authentik:Settings", "sso-settings"),
  without("authentik:Brand", "sso-brand"),
  changed("authentik:ClosedFlows", "sso-closed-flows", "open", ["initial-setup", "homelab-login", "homelab-recovery"]),
  changed("authentik:ClosedFlows", "sso-closed-flows", "group", "family"),
  changed("authentik:Brand", "sso-brand", "flowAuthentication", "default-authentication-flow"),
  changed("authentik:Brand", "sso-brand", "flowUserSettings", "homelab-recovery"),
  changed("authentik:Settings", "sso-settings", "coreDefaultAppAccess", true),
  changed("authentik:Settings", "sso-settings", "impersonation"),
  changed("authentik:Settings", "sso-settings", "reputationUpperLimit", 1000),
  changed("authentik:Settings", "sso-settings", "defaultUserChangeUsername", true),
  changed("authentik:Group", "sso-group-family", "superuser", true),
  more("authentik:Group", { name: "bots", superuser: true }, "its `name` has to be"),
  more("authentik:GroupMembership", { group: "admins", username: "ben" }, "has to be"),
  more("authentik:GroupMembership", { group: "nobody", username: "ben" }, "its `group` has to be"),
  more("authentik:GroupMembership", { group: "authentik admins", username: "anna" }, "its `group` has to be"),
  more("authentik:User", { username: "eve", name: "Eve" }, "has to be"),
  more("authentik:User", { username: "akadmin", name: "x", type: "service_account" }, "has to be"),
  more("authentik:RecoveryLink", { username: "akadmin" }, "has to be"),
  changed("authentik:RecoveryLink", "people-anna-link", "username", "akadmin"),
  changed("authentik:RecoveryLink", "people-anna-link", "validity", "weeks=520"),
  more(
    "authentik:Token",
    { identifier: "x", user: "akadmin", key: "x" },
    "nobody has thought about whom authentik:Token lets in",
  ),
  more("authentik:toString", {}, "nobody has thought about whom authentik:toString lets in"),
  [
    "a key for logins that is written down",
    (stack) => void (find(stack, typeOf("authentik:KeyPair"), "sso-signing").dependencies = {}),
    "its `key` has to be made by a tls:index/privateKey:PrivateKey of the stack with `algorithm` ECDSA and `ecdsaCurve` P256",
  ],
  ...[
    { algorithm: "RSA", rsaBits: 4096, ecdsaCurve: undefined },
    { algorithm: "ED25519", ecdsaCurve: undefined },
    { ecdsaCurve: "P521" },
  ].map((inputs): Row => [
    `a key for logins with ${JSON.stringify(inputs)}`,
    setting(types.privateKey, "sso-signing", inputs),
    "its `key` has to be made by a tls:index/privateKey:PrivateKey of the stack with `algorithm` ECDSA and `ecdsaCurve` P256",
  ]),
  connected(
    "authentik:Settings",
    "sso-settings",
    "https://example.org",
    "its `connection.endpoint` has to be https://auth.home.arpa",
  ),
  connected("authentik:Settings", "sso-settings", "203.0.113.9", "its `connection.address` is no machine of the stack"),
];

const clients: readonly Row[] = [
  changed("authentik:ProxyProvider", "applications-prometheus", "skipPaths", ["^/api/"]),
  changed("authentik:ProxyProvider", "applications-prometheus", "interceptHeaderAuth"),
  changed("authentik:ProxyProvider", "applications-prometheus", "externalHost", "https://auth.home.arpa"),
  changed("authentik:OAuthProvider", "applications-grafana", "redirectUris", ["https://example.org/callback"]),
  changed("authentik:OAuthProvider", "applications-grafana", "grantTypes", ["client_credentials"]),
  changed("authentik:OAuthProvider", "applications-grafana", "refreshTokenValidity"),
  changed("authentik:OAuthProvider", "applications-grafana", "scopeMappings", ["homelab-own"]),
  changed("authentik:OAuthProvider", "applications-grafana", "signingKey", "authentik Self-signed Certificate"),
  changed("authentik:Application", "applications-prometheus", "provider", "grafana"),
  changed("authentik:PolicyBinding", "applications-prometheus@admins", "bound", "group/friends"),
  changed("authentik:PolicyBinding", "applications-prometheus@admins", "target", "application/proxmox2"),
  more("authentik:PolicyBinding", { target: "application/proxmox", bound: "user/ben" }, "its `bound` has to be"),
  [
    "a client's secret that is written down",
    (stack) => void (find(stack, typeOf("authentik:OAuthProvider"), "applications-grafana").dependencies = {}),
    "its `clientSecret` has to be made by a random:index/randomPassword:RandomPassword of the stack",
  ],
];

const harbor: readonly Row[] = [
  without("harbor:Project", "registry-library"),
  without("harbor:Configuration", "registry-configuration"),
  without("harbor:Configuration", "registry-login-configuration"),
  changed("harbor:Project", "registry-project", "public", true),
  changed("harbor:Project", "registry-library", "public", true),
  more("harbor:Project", { name: "free", public: false }, "its `name` has to be"),
  changed("harbor:Configuration", "registry-configuration", "selfRegistration", true),
  changed("harbor:Configuration", "registry-configuration", "projectCreationRestriction", "everyone"),
  changed("harbor:Configuration", "registry-configuration", "projectCreationRestriction"),
  changed("harbor:Configuration", "registry-configuration", "robotTokenDuration", 36500),
  changed("harbor:Configuration", "registry-configuration", "oidcVerifyCert", false),
  changed("harbor:Configuration", "registry-login-configuration", "oidcVerifyCert", false),
  changed("harbor:Configuration", "registry-login-configuration", "oidcAdminGroup", "family"),
  changed("harbor:Configuration", "registry-login-configuration", "oidcGroupsClaim", "scope"),
  changed("harbor:Configuration", "registry-login-configuration", "oidcEndpoint", "https://example.org/"),
  changed("harbor:Configuration", "registry-login-configuration", "oidcGroupFilter", ".*"),
  changed("harbor:Configuration", "registry-login-configuration", "authMode", "db_auth"),
  changed("harbor:GroupMember", "registry-login-family", "role", "admin"),
  more("harbor:GroupMember", { project: "homelab", group: "friends", role: "guest" }, "its `group` has to be"),
  changed("harbor:RobotAccount", "registry-pull-robot", "permissions", [
    { project: "*", access: ["repository:pull", "repository:push"] },
  ]),
  changed("harbor:RobotAccount", "registry-findings-robot", "permissions", [{ access: ["user:create"] }]),
  changed("harbor:RobotAccount", "registry-push-robot", "expires", "never"),
  changed("harbor:RobotAccount", "registry-push-robot", "chosenSecret", "Known-Secret-1"),
  more("harbor:RobotAccount", { name: "x", expires: "1 day", permissions: [{ access: ["user:create"] }] }, "has to be"),
  more(
    "harbor:RegistryEndpoint",
    { name: "x", type: "docker-registry", url: "https://example.org" },
    "the config asks for none of its kind",
  ),
  more("harbor:UserGroup", { name: "x" }, "nobody has thought about whom harbor:UserGroup lets in"),
];

/** What deletes images, fills the disk or forgets who logged in. */
const kept: readonly Row[] = [
  changed("harbor:Retention", "registry-retention", "rules", [{ lastPushed: 1, tags: "**", untagged: false }]),
  changed("harbor:Retention", "registry-retention", "rules", []),
  changed("harbor:GarbageCollection", "registry-garbage-collection", "deleteUntagged", true),
  changed("harbor:GarbageCollection", "registry-garbage-collection", "dryRun", true),
  changed("harbor:Project", "registry-project", "quota", "4000 GiB"),
  changed("harbor:Project", "registry-project", "quota"),
  changed("harbor:Configuration", "registry-configuration", "quotaPerProjectEnable", false),
  changed("harbor:Configuration", "registry-configuration", "storagePerProject", "unlimited"),
  changed("authentik:Settings", "sso-settings", "eventRetention", "seconds=1"),
];

const grafana: readonly Row[] = [
  changed("grafana:SsoSettings", "grafana-login", "roleAttributePath", "'Admin'"),
  changed("grafana:SsoSettings", "grafana-login", "roleAttributeStrict"),
  changed("grafana:SsoSettings", "grafana-login", "authUrl", "https://example.org/authorize"),
  changed("grafana:SsoSettings", "grafana-login", "loginAttributePath", "email"),
  changed("grafana:SsoSettings", "grafana-login", "usePkce", false),
  changed("grafana:SsoSettings", "grafana-login", "tlsClientCa", "/tmp/ca.pem"),
  connected(
    "grafana:SsoSettings",
    "grafana-login",
    "https://example.org",
    "its `connection.endpoint` has to be https://grafana.home.arpa",
  ),
];

/** Ways to let in others than the config does. */
export const objectMutations: readonly Mutation[] = rows(
  "service-access",
  ...flows,
  ...people,
  ...clients,
  ...harbor,
  ...kept,
  ...grafana,
  [
    "a stack that does not tell whom it lets in",
    setting(types.ssoAccess, "sso", { sso: undefined }),
    "whom the config lets into authentik is not told",
  ],
  [
    "a stack that tells so twice",
    (stack) => void stack.unshift({ ...find(stack, types.ssoAccess, "sso"), name: "first" }),
    "whom the config lets into harbor is not told",
  ],
);
