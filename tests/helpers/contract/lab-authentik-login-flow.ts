import type { Row } from "../../../lab/kit/rows";
import type { AuthentikWorld } from "./lab-authentik-world";

/** Makes the login flow that the program makes, and lets it be the one of the brand: lock after five failures, a second factor for `admins`. */
export async function makeLoginFlow(world: AuthentikWorld, admins: Row): Promise<void> {
  const flow = await world.api("POST", "/flows/instances/", {
    ...{ slug: "homelab-login", name: "Login", title: "Log in", designation: "authentication" },
    authentication: "none",
  });
  const stage = (path: string, fields: Row): Promise<Row> => world.api("POST", `/stages/${path}/`, fields);
  const bind = (row: Row, order: number): Promise<Row> =>
    world.api("POST", "/flows/bindings/", {
      ...{ target: flow.pk, stage: row.pk, order },
      ...{ evaluate_on_plan: false, re_evaluate_policies: true },
    });
  const totp = await world.first("/stages/authenticator/totp/?name=default-authenticator-totp-setup");
  const identification = await stage("identification", { name: "homelab-identification", user_fields: ["username"] });
  const locked = await stage("deny", { name: "homelab-locked", deny_message: "Too many failed logins." });
  const backends = ["authentik.core.auth.InbuiltBackend", "authentik.core.auth.TokenBackend"];
  const passwords = await stage("password", { name: "homelab-password", backends, failed_attempts_before_cancel: 5 });
  const second = await stage("authenticator/validate", {
    ...{ name: "homelab-second-factor", not_configured_action: "configure" },
    ...{ device_classes: ["totp", "static"], configuration_stages: [totp.pk] },
  });
  const login = await stage("user_login", { name: "homelab-login", session_duration: "hours=12" });
  const policy = await world.api("POST", "/policies/reputation/", {
    ...{ name: "homelab-failed-logins", check_username: true, check_ip: false, threshold: -5 },
  });
  await bind(identification, 10);
  const locks = [await bind(locked, 15), await bind(locked, 25)];
  await bind(passwords, 20);
  const factor = await bind(second, 30);
  await bind(login, 100);
  for (const { pk } of locks)
    await world.api("POST", "/policies/bindings/", { target: pk, policy: policy.pk, order: 0 });
  await world.api("POST", "/policies/bindings/", { target: factor.pk, group: admins.pk, order: 0 });
  await world.api("PATCH", "/admin/settings/", { reputation_lower_limit: -20, reputation_upper_limit: 0 });
  await brand(world, { flow_authentication: flow.pk });
}

/** Makes the recovery flow that the program makes: a new password, by a link. */
export async function makeRecoveryFlow(world: AuthentikWorld): Promise<void> {
  const flow = await world.api("POST", "/flows/instances/", {
    ...{ slug: "homelab-recovery", name: "Recovery", title: "Choose a password", designation: "recovery" },
    authentication: "require_token",
  });
  const find = (path: string): Promise<Row> => world.first(path);
  const stages = [
    await find("/stages/prompt/stages/?name=default-password-change-prompt"),
    await find("/stages/user_write/?name=default-password-change-write"),
    await find("/stages/user_login/?name=default-authentication-login"),
  ];
  for (const [index, { pk }] of stages.entries()) {
    await world.api("POST", "/flows/bindings/", { target: flow.pk, stage: pk, order: index * 10 });
  }
  await brand(world, { flow_recovery: flow.pk });
}

async function brand(world: AuthentikWorld, fields: Row): Promise<void> {
  const { brand_uuid } = await world.first("/core/brands/?default=true");
  await world.api("PATCH", `/core/brands/${brand_uuid}/`, fields);
}
