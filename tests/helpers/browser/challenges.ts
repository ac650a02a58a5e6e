import { oneTimeCode, secretIn } from "./one-time-codes";

/** Who logs in. */
export interface Person {
  readonly username: string;
  readonly password: string;
  /** The secret of the second factor, base32 or an `otpauth:` URL. Not needed where one is to be set up. */
  readonly totp?: string;
}

/** What Authentik asks for next, as far as answers depend on it. */
export interface Challenge {
  readonly component: string;
  readonly response_errors?: Readonly<Record<string, readonly { readonly string: string; readonly code: string }[]>>;
  /** `ak-stage-identification` */
  readonly password_fields?: boolean;
  /** `ak-stage-authenticator-validate` */
  readonly device_challenges?: readonly { readonly device_class: string }[];
  readonly configuration_stages?: readonly { readonly pk: string; readonly meta_model_name: string }[];
  /** `ak-stage-authenticator-totp` */
  readonly config_url?: string;
  /** `ak-stage-prompt` */
  readonly fields?: readonly PromptField[];
  /** `ak-stage-consent` */
  readonly token?: string;
  /** `xak-flow-redirect` */
  readonly to?: string;
  /** `ak-stage-access-denied` */
  readonly error_message?: string;
  /** `ak-stage-flow-error` */
  readonly error?: string;
  /** `xak-flow-shell` */
  readonly body?: string;
}

interface PromptField {
  readonly field_key: string;
  readonly type: string;
  readonly required: boolean;
  readonly initial_value: string;
}

/** What the person enters, besides the component's name. `learned` gets the secret of a second factor that is set up. */
export async function answer(
  challenge: Challenge,
  person: Person,
  learned: { totpSecret?: string },
): Promise<Record<string, unknown>> {
  switch (challenge.component) {
    case "ak-stage-identification":
      return { uid_field: person.username, ...(challenge.password_fields ? { password: person.password } : {}) };
    case "ak-stage-password":
      return { password: person.password };
    case "ak-stage-authenticator-validate":
      return secondFactor(challenge, learned.totpSecret ?? person.totp);
    case "ak-stage-authenticator-totp":
      learned.totpSecret = secretIn(challenge.config_url ?? "");
      return { code: await oneTimeCode(challenge.config_url ?? "") };
    case "ak-stage-prompt":
      return Object.fromEntries((challenge.fields ?? []).map((field) => [field.field_key, entry(field, person)]));
    case "ak-stage-user-login":
      return { remember_me: false };
    case "ak-stage-consent":
      return { token: challenge.token };
    default:
      throw new Error(`the login asks for ${challenge.component}, which these tests cannot answer`);
  }
}

async function secondFactor(challenge: Challenge, secret?: string): Promise<Record<string, unknown>> {
  const { device_challenges: devices = [], configuration_stages: stages = [] } = challenge;
  if (devices.some(({ device_class }) => device_class === "totp")) {
    if (secret === undefined) throw new Error("a second factor is asked for: pass `totp`");
    return { code: await oneTimeCode(secret) };
  }
  const stage = stages.find(({ meta_model_name }) => meta_model_name.includes("totp"));
  if (stage) return { selected_stage: stage.pk };
  throw new Error("a second factor is asked for, and none of one-time codes is there or can be set up");
}

function entry(field: PromptField, { username, password }: Person): string {
  if (field.type === "password") return password;
  if (field.type === "username") return username;
  if (field.required && !field.initial_value) throw new Error(`the login asks for ${field.field_key}`);
  return field.initial_value;
}
