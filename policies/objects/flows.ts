import { lockout } from "../../components/sso/lockout";
import { builtInAdmins, unpurgedFailures } from "../../components/sso/login-flow";
import { passwordFields, withoutLink } from "../../components/sso/recovery-flow";
import { inbuiltBackend } from "../../providers/authentik/stages/password";
import type { House } from "../house";
import { always, type Kind } from "./kind";

export const loginFlow = "homelab-login";
export const recoveryFlow = "homelab-recovery";

/** A stage in its place of a flow; it is for who passes one of `shownTo`, or for everybody. */
interface Place {
  readonly flow: string;
  readonly order: number;
  readonly stage: string;
  readonly shownTo?: readonly string[];
}

const failedLogins = "homelab-failed-logins";
const unpurged = "homelab-unpurged-failures";
const linkless = "homelab-without-link";
const passwords = "homelab-passwords";

/** What people go through who log in, or come by a link: a name, a password and a code, and no way past the lockout. */
export function placesOf({ secondFactor: { everyone, groups } }: House["sso"]): Place[] {
  const locked = { stage: "homelab-locked", shownTo: [`policy/${failedLogins}`, `policy/${unpurged}`] };
  const code = {
    stage: "homelab-second-factor",
    ...(everyone ? {} : { shownTo: [builtInAdmins, ...groups].map((group) => `group/${group}`) }),
  };
  const login = [
    { order: 10, stage: "homelab-identification" },
    { order: 15, ...locked },
    { order: 20, stage: "homelab-password" },
    { order: 25, ...locked },
    ...(everyone || groups.length > 0
      ? [
          { order: 30, ...code },
          { order: 35, ...locked },
        ]
      : []),
    { order: 100, stage: "homelab-login" },
  ];
  const recovery = [
    { order: 5, stage: "homelab-no-link", shownTo: [`policy/${linkless}`] },
    { order: 10, stage: "homelab-new-password" },
    { order: 20, stage: "homelab-write-password" },
    { order: 30, stage: "homelab-recovered" },
  ];
  return [
    ...login.map((place) => ({ flow: loginFlow, ...place })),
    ...recovery.map((place) => ({ flow: recoveryFlow, ...place })),
  ];
}

/** The flows by which people get in, their stages, and what decides there. */
export const flowKinds: Readonly<Record<string, Kind>> = {
  AuthenticatorValidateStage: {
    objects: () => [
      {
        name: "homelab-second-factor",
        notConfiguredAction: "configure",
        deviceClasses: ["totp", "static", "webauthn"],
        configurationStages: ["default-authenticator-totp-setup"],
        lastAuthThreshold: "seconds=0",
        webauthnUserVerification: "preferred",
      },
    ],
  },
  DenyStage: {
    objects: () => ["homelab-locked", "homelab-no-link"].map((name) => ({ name })),
    free: ["denyMessage"],
  },
  ExpressionPolicy: {
    objects: () => [
      { name: unpurged, expression: unpurgedFailures },
      { name: linkless, expression: withoutLink },
    ],
  },
  Flow: {
    objects: () =>
      [
        { slug: loginFlow, designation: "authentication" },
        { slug: recoveryFlow, designation: "recovery" },
      ].map((flow) => ({ ...flow, authentication: "none", deniedAction: "message_continue", policyEngineMode: "any" })),
    free: ["name", "title"],
  },
  FlowStage: {
    objects: ({ sso }) =>
      placesOf(sso).map(({ flow, order, stage }) => ({
        flow,
        order,
        stage,
        evaluateOnPlan: false,
        reEvaluatePolicies: true,
        policyEngineMode: "any",
        invalidResponseAction: "retry",
      })),
    later: ["flow", "stage"],
    needed: always,
  },
  IdentificationStage: {
    objects: () => [
      {
        name: "homelab-identification",
        userFields: ["username", "email"],
        passwordStage: "",
        caseInsensitiveMatching: true,
        pretendUserExists: true,
        recoveryFlow: "",
      },
    ],
    free: ["showMatchedUser", "enableRememberMe"],
  },
  PasswordPolicy: {
    objects: () => [
      {
        name: passwords,
        passwordField: "password",
        lengthMin: 12,
        checkStaticRules: true,
        checkZxcvbn: true,
        zxcvbnScoreThreshold: 2,
        checkHaveIBeenPwned: false,
      },
    ],
    free: ["errorMessage"],
  },
  PasswordStage: {
    objects: () => [
      {
        name: "homelab-password",
        backends: [inbuiltBackend],
        failedAttemptsBeforeCancel: lockout.failures,
        configureFlow: "",
      },
    ],
    free: ["allowShowPassword"],
  },
  PromptStage: {
    objects: () => [{ name: "homelab-new-password", fields: passwordFields, validationPolicies: [passwords] }],
    later: ["validationPolicies"],
  },
  ReputationPolicy: {
    objects: () => [{ name: failedLogins, checkUsername: true, checkIp: false, threshold: -lockout.failures }],
  },
  UserLoginStage: {
    objects: () => [
      { name: "homelab-login", sessionDuration: "hours=12", rememberMeOffset: "seconds=0" },
      { name: "homelab-recovered", sessionDuration: "seconds=0", rememberMeOffset: "seconds=0" },
    ],
    free: ["terminateOtherSessions"],
  },
  UserWriteStage: {
    objects: () => [
      {
        name: "homelab-write-password",
        userCreationMode: "never_create",
        createUsersAsInactive: true,
        createUsersGroup: "",
      },
    ],
  },
};
