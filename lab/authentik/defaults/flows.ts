import type { Row } from "../../kit/rows";
import { newFlow, newFlowBinding } from "../api/kinds/flows";
import { newBinding } from "../api/kinds/policies";
import { newStage } from "../api/kinds/stage-types";
import type { AuthentikObjects } from "../objects";

/** A stage of a default flow: its name, its type, where it differs from a new one, and the policy that decides on it. */
type Stage = readonly [
  order: number,
  name: string,
  type: string,
  fields?: (objects: AuthentikObjects) => Row,
  policy?: string,
];

interface DefaultFlow {
  slug: string;
  name: string;
  title?: string;
  designation: string;
  authentication?: string;
  /** The name of the policy that decides who may go through it. */
  policy?: string;
  stages: readonly Stage[];
}

const backends = ["authentik.core.auth.InbuiltBackend", "authentik.core.auth.TokenBackend"];

const promptKeys =
  (...names: string[]) =>
  (objects: AuthentikObjects): Row => ({
    fields: names.flatMap((name) => objects.by("prompts", "name", name)?.pk ?? []),
  });

const neverCreates = (): Row => ({ user_creation_mode: "never_create" });
const noFields = (): Row => ({});

/** The flows that come with Authentik, with the stages and policies of its own blueprints. */
export const defaultFlows: readonly DefaultFlow[] = [
  {
    slug: "default-authentication-flow",
    name: "Welcome to authentik!",
    designation: "authentication",
    stages: [
      [10, "default-authentication-identification", "identification", () => ({ user_fields: ["email", "username"] })],
      [
        20,
        "default-authentication-password",
        "password",
        () => ({ backends }),
        "default-authentication-flow-password-stage",
      ],
      [
        30,
        "default-authentication-mfa-validation",
        "authenticator-validate",
        noFields,
        "default-authentication-flow-authenticator-validate-stage",
      ],
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
        (objects) => ({
          ...promptKeys(
            "default-password-change-field-password",
            "default-password-change-field-password-repeat",
          )(objects),
          validation_policies: [objects.by("policies", "name", "default-password-change-password-policy")?.pk],
        }),
      ],
      [1, "default-password-change-write", "user-write", neverCreates],
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
      [100, "default-user-settings-write", "user-write", neverCreates],
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
  {
    slug: "default-source-authentication",
    name: "Welcome to authentik!",
    designation: "authentication",
    authentication: "require_unauthenticated",
    policy: "default-source-authentication-if-sso",
    stages: [[0, "default-source-authentication-login", "user-login"]],
  },
  {
    slug: "default-source-enrollment",
    name: "Welcome to authentik! Please select a username.",
    designation: "enrollment",
    policy: "default-source-enrollment-if-sso",
    stages: [
      [
        0,
        "default-source-enrollment-prompt",
        "prompt",
        promptKeys("default-source-enrollment-field-username"),
        "default-source-enrollment-if-username",
      ],
      [1, "default-source-enrollment-write", "user-write", () => ({ user_creation_mode: "always_create" })],
      [2, "default-source-enrollment-login", "user-login"],
    ],
  },
  {
    slug: "default-source-pre-authentication",
    name: "Pre-Authentication",
    title: "Pre-authentication",
    designation: "stage_configuration",
    stages: [],
  },
  {
    slug: "initial-setup",
    name: "default-oobe-setup",
    title: "Welcome to authentik!",
    designation: "stage_configuration",
    policy: "default-oobe-password-usable",
    stages: [
      [
        10,
        "stage-default-oobe-password",
        "prompt",
        promptKeys("initial-setup-field-email", "initial-setup-field-password", "initial-setup-field-password-repeat"),
      ],
      [20, "default-password-change-write", "user-write", neverCreates, "default-oobe-prefill-user"],
      [100, "default-authentication-login", "user-login", noFields, "default-oobe-flow-set-authentication"],
    ],
  },
];

/** Makes a flow with its stages, unless it is there. */
export function addFlow(
  objects: AuthentikObjects,
  { slug, name, title = name, designation, authentication, policy, stages }: DefaultFlow,
): void {
  if (objects.by("flows", "slug", slug)) return;
  const flow = objects.insert("flows", {
    ...newFlow(objects),
    ...{ slug, name, title, designation },
    ...(authentication ? { authentication } : {}),
  });
  decidedBy(objects, flow, policy);
  for (const [order, stageName, type, fields, decider] of stages) {
    const stage =
      objects.by("stages", "name", stageName) ??
      objects.insert("stages", { name: stageName, ...newStage(`ak-stage-${type}-form`), ...fields?.(objects) });
    const place = { ...newFlowBinding(objects), target: flow.pk, stage: stage.pk, order };
    decidedBy(objects, objects.insert("flowBindings", place), decider);
  }
}

function decidedBy(objects: AuthentikObjects, { pk: target }: Row, policy?: string): void {
  const found = policy === undefined ? undefined : objects.by("policies", "name", policy);
  if (found) objects.insert("bindings", { ...newBinding(), target, policy: found.pk, order: 0 });
}
