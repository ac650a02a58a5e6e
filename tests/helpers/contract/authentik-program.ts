/** What a program starts with: the stand-in at this URL, with its token from the environment. */
const start = (endpoint: string): string => `
  const pulumi = require("@pulumi/pulumi");
  const authentik = require("./dist/providers/authentik");
  const connection = { endpoint: "${endpoint}", token: process.env.AUTHENTIK_TOKEN };
  const standard = {
    authorizationFlow: "default-provider-authorization-implicit-consent",
    invalidationFlow: "default-provider-invalidation-flow",
  };
  const scopes = ["openid", "email", "profile", "offline_access"].map((name) => "goauthentik.io/providers/oauth2/scope-" + name);
`;

/** One of nearly every kind, as single sign-on of a house has them. `changes` are settings in place of the usual ones. */
export const program = (endpoint: string, changes = ""): string => `${start(endpoint)}
  const settings = {
    launchUrl: "https://grafana.home.arpa", redirectUri: "https://grafana.home.arpa/login/generic_oauth",
    clientSecret: "Client-Secret-1", ${changes}
  };
  const { dependsOn } = { dependsOn: [new authentik.Defaults("defaults", { connection })] };
  new authentik.Settings("settings", {
    connection, coreDefaultAppAccess: false, avatars: "initials", eventRetention: "days=90",
    reputationLowerLimit: -20, reputationUpperLimit: 0,
  }, { dependsOn });

  // Logging in
  const flow = new authentik.Flow("login", {
    connection, slug: "homelab-login", title: "Log in", designation: "authentication",
  }, { dependsOn });
  const name = "homelab-identification";
  const stages = [
    [10, new authentik.IdentificationStage("identification", { connection, name, userFields: ["username", "email"] }, { dependsOn })],
    [15, new authentik.DenyStage("locked", { connection, name: "homelab-locked", denyMessage: "Try again later." }, { dependsOn })],
    [20, new authentik.PasswordStage("password", { connection, name: "homelab-password" }, { dependsOn })],
    [30, new authentik.AuthenticatorValidateStage("second-factor", {
      connection, name: "homelab-second-factor", notConfiguredAction: "configure", deviceClasses: ["totp", "static"],
      configurationStages: ["default-authenticator-totp-setup"],
    }, { dependsOn })],
    [100, new authentik.UserLoginStage("login", { connection, name: "homelab-login", sessionDuration: "hours=12" }, { dependsOn })],
  ];
  const places = stages.map(([order, stage]) =>
    new authentik.FlowStage("login-" + order, { connection, flow: flow.slug, order, stage: stage.name }));
  const failures = new authentik.ReputationPolicy("failures", {
    connection, name: "homelab-failed-logins", checkUsername: true, checkIp: false, threshold: -5,
  }, { dependsOn });
  new authentik.PolicyBinding("locked", {
    connection, target: "flow-stage/homelab-login/15", bound: pulumi.interpolate\`policy/\${failures.name}\`, order: 0,
  }, { dependsOn: places });

  // A new password
  const recovery = new authentik.Flow("recovery", {
    connection, slug: "homelab-recovery", title: "New password", designation: "recovery",
  }, { dependsOn });
  const recoveryStages = [
    [10, new authentik.PromptStage("password", {
      connection, name: "homelab-new-password",
      fields: ["default-password-change-field-password", "default-password-change-field-password-repeat"],
    }, { dependsOn })],
    [20, new authentik.UserWriteStage("password", { connection, name: "homelab-write", userCreationMode: "never_create" }, { dependsOn })],
    [100, stages[4][1]],
  ];
  const recoveryPlaces = recoveryStages.map(([order, stage]) =>
    new authentik.FlowStage("recovery-" + order, { connection, flow: recovery.slug, order, stage: stage.name }));
  const brand = new authentik.Brand("brand", {
    connection, brandingTitle: "Home", flowAuthentication: flow.slug, flowRecovery: recovery.slug,
  }, { dependsOn: [...places, ...recoveryPlaces] });

  // People
  const admins = new authentik.Group("admins", { connection, name: "admins", superuser: true }, { dependsOn });
  const family = new authentik.Group("family", { connection, name: "family" }, { dependsOn });
  for (const [username, group] of [["jane", admins], ["joe", family]]) {
    const user = new authentik.User(username, { connection, username, name: username, email: username + "@home.arpa" }, { dependsOn });
    new authentik.GroupMembership(username, { connection, group: group.name, username: user.username });
    const link = new authentik.RecoveryLink(username, { connection, username: user.username, validity: "days=3" }, { dependsOn: [brand] });
    exports[username] = link.link;
  }

  // Applications
  const key = new authentik.KeyPair("signing", {
    connection, name: "homelab-signing", certificate: process.env.SIGNING_CERTIFICATE, key: process.env.SIGNING_KEY,
  }, { dependsOn });
  const scope = new authentik.ScopeMapping("groups", {
    connection, name: "homelab-groups", scopeName: "groups", expression: 'return {"groups": [group.name for group in request.user.all_groups()]}',
  }, { dependsOn });
  const grafana = new authentik.OAuth2Provider("grafana", {
    ...standard, connection, name: "grafana", clientId: "grafana", clientSecret: settings.clientSecret,
    redirectUris: [settings.redirectUri], signingKey: key.name, scopeMappings: [...scopes, scope.name],
  });
  new authentik.ClientAuthentication("grafana", { connection, provider: grafana.name, clientSecret: settings.clientSecret }, { dependsOn: [grafana] });
  const whoami = new authentik.ProxyProvider("whoami", { ...standard, connection, name: "whoami", externalHost: "https://whoami.home.arpa" }, { dependsOn });
  const applications = [["grafana", grafana, settings.launchUrl], ["whoami", whoami, "https://whoami.home.arpa"]];
  for (const [slug, provider, launchUrl] of applications) {
    const application = new authentik.Application(slug, { connection, slug, name: slug, provider: provider.name, launchUrl });
    for (const [name, group] of [["admins", admins], ["family", family]]) {
      new authentik.PolicyBinding(slug + "-" + name, {
        connection, target: pulumi.interpolate\`application/\${application.slug}\`, bound: pulumi.interpolate\`group/\${group.name}\`, order: 0,
      }, { dependsOn: [application] });
    }
  }
  new authentik.OutpostMembership("whoami", { connection, outpost: "goauthentik.io/outposts/embedded", provider: whoami.name });
  new authentik.EmbeddedOutpost("outpost", { connection, authentikHost: "https://auth.home.arpa/" }, { dependsOn });

  // Who watches
  const transport = new authentik.NotificationTransport("chat", {
    connection, name: "homelab-chat", mode: "webhook", webhookUrl: "https://chat.home.arpa/Webhook-Secret-1",
  }, { dependsOn });
  const rule = new authentik.NotificationRule("failures", {
    connection, name: "homelab-failed-logins", transports: [transport.name], severity: "warning", destinationGroup: admins.name,
  });
  const matcher = new authentik.EventMatcherPolicy("failures", { connection, name: "homelab-login-failed", action: "login_failed" }, { dependsOn });
  new authentik.PolicyBinding("failures", {
    connection, target: pulumi.interpolate\`notification-rule/\${rule.name}\`, bound: pulumi.interpolate\`policy/\${matcher.name}\`, order: 0,
  });
  const robot = new authentik.User("robot", { connection, username: "robot", name: "robot", type: "service_account" }, { dependsOn });
  new authentik.Token("robot", { connection, identifier: "homelab-robot", user: robot.username, key: "Token-Secret-1" });
`;

/** How much a large house has. */
export interface Size {
  readonly users: number;
  readonly groups: number;
  readonly applications: number;
}

/** A house of that size: each user in one group with a link for a first password, each application for one group. */
export const largeProgram = (endpoint: string, { users, groups, applications }: Size): string => `${start(endpoint)}
  const defaults = new authentik.Defaults("defaults", { connection });
  const dependsOn = [defaults];
  const recovery = new authentik.Flow("recovery", {
    connection, slug: "homelab-recovery", title: "New password", designation: "recovery",
  }, { dependsOn });
  const brand = new authentik.Brand("brand", { connection, flowRecovery: recovery.slug });
  const groups = Array.from({ length: ${groups} }, (_, i) =>
    new authentik.Group("group-" + i, { connection, name: "group-" + i }, { dependsOn }));
  for (let i = 0; i < ${users}; i++) {
    const username = "user-" + i;
    const user = new authentik.User(username, { connection, username, name: "User " + i, email: username + "@home.arpa" }, { dependsOn });
    new authentik.GroupMembership(username, { connection, group: groups[i % ${groups}].name, username: user.username });
    new authentik.RecoveryLink(username, { connection, username: user.username, validity: "days=3" }, { dependsOn: [brand] });
  }
  for (let i = 0; i < ${applications}; i++) {
    const slug = "app-" + i;
    const clientSecret = "Client-Secret-" + i;
    const provider = new authentik.OAuth2Provider(slug, {
      ...standard, connection, name: slug, clientId: slug, clientSecret, scopeMappings: scopes,
      redirectUris: ["https://" + slug + ".home.arpa/callback"], signingKey: "authentik Self-signed Certificate",
    }, { dependsOn });
    new authentik.ClientAuthentication(slug, { connection, provider: provider.name, clientSecret });
    const application = new authentik.Application(slug, { connection, slug, name: slug, provider: provider.name });
    new authentik.PolicyBinding(slug, {
      connection, target: pulumi.interpolate\`application/\${application.slug}\`,
      bound: pulumi.interpolate\`group/\${groups[i % ${groups}].name}\`, order: 0,
    });
  }
`;

/** How many resources {@link largeProgram} declares, the stack included. */
export const resourcesOf = ({ users, groups, applications }: Size): number => 4 + groups + 3 * users + 4 * applications;
