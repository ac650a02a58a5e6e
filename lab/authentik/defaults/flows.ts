import { newFlow, newFlowBinding } from "../api/kinds/flows";
import { newStage } from "../api/kinds/stage-types";
import { newPrompt } from "../api/kinds/stages";
import type { AuthentikObjects } from "../objects";
import type { Row } from "../rows";

/** A stage of a default flow: its name, its type, and where it differs from a new one. */
type Stage = readonly [order: number, name: string, type: string, fields?: (objects: AuthentikObjects) => Row];

interface DefaultFlow {
  slug: string;
  name: string;
  title?: string;
  designation: string;
  authentication?: string;
  stages: readonly Stage[];
}

const backends = ["authentik.core.auth.InbuiltBackend", "authentik.core.auth.TokenBackend"];

const promptKeys =
  (...names: string[]) =>
  (objects: AuthentikObjects): Row => ({
    fields: names.flatMap((name) => objects.by("prompts", "name", name)?.pk ?? []),
  });

/** The flows that come with Authentik, and that somebody can miss. Sources' flows have no stages here. */
export const defaultFlows: readonly DefaultFlow[] = [
  {
    slug: "default-authentication-flow",
    name: "Welcome to authentik!",
    designation: "authentication",
    stages: [
      [10, "default-authentication-identification", "identification", () => ({ user_fields: ["email", "username"] })],
      [20, "default-authentication-password", "password", () => ({ backends })],
      [30, "default-authentication-mfa-validation", "authenticator-validate"],
      [100, "default-authentication-login", "user-login"],
    ],
  },
  {
    slug: "default-invalidation-flow",
    name: "Logout",
    title: "Default Invalidation Flow",
    designation: "invalidation",
    stages: [[0, "default-invalidation-logout", "user-logout"]],
  },
  {
    slug: "default-provider-authorization-implicit-consent",
    name: "Authorize Application",
    title: "Redirecting to %(app)s",
    designation: "authorization",
    authentication: "require_authenticated",
    stages: [],
  },
  {
    slug: "default-provider-authorization-explicit-consent",
    name: "Authorize Application",
    title: "Redirecting to %(app)s",
    designation: "authorization",
    authentication: "require_authenticated",
    stages: [[0, "default-provider-authorization-consent", "consent", () => ({ mode: "expiring" })]],
  },
  {
    slug: "default-provider-invalidation-flow",
    name: "Logged out of application",
    title: "You've logged out of %(app)s.",
    designation: "invalidation",
    stages: [],
  },
  {
    slug: "default-password-change",
    name: "Change Password",
    title: "Change password",
    designation: "stage_configuration",
    authentication: "require_authenticated",
    stages: [
      [
        0,
        "default-password-change-prompt",
        "prompt",
        promptKeys("default-password-change-field-password", "default-password-change-field-password-repeat"),
      ],
      [1, "default-password-change-write", "user-write", () => ({ user_creation_mode: "never_create" })],
    ],
  },
  {
    slug: "default-user-settings-flow",
    name: "User settings",
    title: "Update your info",
    designation: "stage_configuration",
    authentication: "require_authenticated",
    stages: [
      [20, "default-user-settings", "prompt"],
      [100, "default-user-settings-write", "user-write", () => ({ user_creation_mode: "never_create" })],
    ],
  },
  ...(["totp", "static", "webauthn"] as const).map((kind): DefaultFlow => {
    const titles = { totp: "Two-Factor Authentication", static: "Static OTP Tokens", webauthn: "WebAuthn device" };
    const slug = `default-authenticator-${kind}-setup`;
    return {
      ...{ slug, name: slug, title: `Setup ${titles[kind]}`, designation: "stage_configuration" },
      authentication: "require_authenticated",
      stages: [
        [
          0,
          slug,
          `authenticator-${kind}`,
          ({ flows }) => ({
            configure_flow: flows.find((flow) => flow.slug === slug)?.pk ?? null,
            ...(kind === "totp" ? { digits: "6" } : {}),
          }),
        ],
      ],
    };
  }),
  ...(["authentication", "enrollment", "pre-authentication"] as const).map((kind): DefaultFlow => ({
    slug: `default-source-${kind}`,
    name: `default-source-${kind}`,
    designation:
      kind === "enrollment" ? "enrollment" : kind === "authentication" ? "authentication" : "stage_configuration",
    stages: [],
  })),
  {
    slug: "initial-setup",
    name: "Welcome to authentik!",
    designation: "stage_configuration",
    authentication: "require_superuser",
    stages: [],
  },
];

/** Makes a flow with its stages, unless it is there. */
export function addFlow(
  objects: AuthentikObjects,
  { slug, name, title = name, designation, authentication, stages }: DefaultFlow,
): void {
  if (objects.by("flows", "slug", slug)) return;
  const flow = objects.insert("flows", {
    ...newFlow(objects),
    ...{ slug, name, title, designation },
    ...(authentication ? { authentication } : {}),
  });
  for (const [order, stageName, type, fields] of stages) {
    const stage =
      objects.by("stages", "name", stageName) ??
      objects.insert("stages", { name: stageName, ...newStage(`ak-stage-${type}-form`), ...fields?.(objects) });
    objects.insert("flowBindings", { ...newFlowBinding(objects), target: flow.pk, stage: stage.pk, order });
  }
}

/** The fields of forms that the default flows ask for. */
export function addPrompts(objects: AuthentikObjects): void {
  const add = (name: string, fields: Row): void => {
    if (!objects.by("prompts", "name", name)) objects.insert("prompts", { name, ...newPrompt(), ...fields });
  };
  const change = "default-password-change-field-password";
  const password = { field_key: "password", label: "Password", type: "password", placeholder: "Password", order: 300 };
  add(change, password);
  add(`${change}-repeat`, {
    ...password,
    ...{ field_key: "password_repeat", label: "Password (repeat)", placeholder: "Password (repeat)", order: 301 },
  });
  const settings = (key: string, label: string, type: string, order: number): void => {
    const initial = `return user.${key}`;
    const expression = { initial_value: initial, initial_value_expression: true, placeholder: label };
    add(`default-user-settings-field-${key}`, { field_key: key, label, type, order, ...expression });
  };
  settings("username", "Username", "username", 200);
  settings("name", "Name", "text", 201);
  settings("email", "Email", "email", 202);
}
