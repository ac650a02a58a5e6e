import { checkExpression, UnknownExpression } from "./expression";
import { Refusal } from "./refusal";

/** Settings by Grafana's own names: `client_id`. */
export type Settings = Record<string, unknown>;

/** As the API answers. */
export interface SsoSettingsAnswer {
  readonly id: string;
  readonly provider: string;
  readonly settings: Settings;
  readonly source: "database" | "system";
}

/** The one way to log in that the stand-in has besides the local one. */
export const provider = "generic_oauth";

/** What a secret is in an answer. In a request it means the one that is kept. */
const redacted = "*********";

const switches = [
  "allow_assign_grafana_admin",
  "allow_sign_up",
  "auto_login",
  "empty_scopes",
  "enabled",
  "role_attribute_strict",
  "skip_org_role_sync",
  "tls_skip_verify_insecure",
  "use_pkce",
  "use_refresh_token",
];
const texts = [
  ...["allowed_domains", "allowed_groups", "allowed_organizations", "api_url", "auth_style", "auth_url", "client_id"],
  ...["client_secret", "email_attribute_path", "groups_attribute_path", "hosted_domain", "id_token_attribute_name"],
  ...["login_attribute_path", "name_attribute_path", "org_attribute_path", "org_mapping", "role_attribute_path"],
  ...["signout_redirect_url", "team_ids", "team_ids_attribute_path", "teams_url", "tls_client_ca", "tls_client_cert"],
  ...["tls_client_key", "token_url"],
];

/** What holds where nothing was written: `defaults.ini`, for there is no settings file beside it. */
const system: Readonly<Settings> = {
  ...Object.fromEntries(switches.map((name) => [name, false])),
  ...Object.fromEntries(texts.map((name) => [name, ""])),
  allow_sign_up: true,
  email_attribute_name: "email:primary",
  icon: "signin",
  name: "OAuth",
  scopes: "user:email",
};

/**
 * How people log in, as Grafana keeps it: what is written replaces what was written before, and what it leaves out is as in
 * the settings file. One difference: in Grafana, what a request leaves out stays in force until it is started again.
 */
export class SsoSettings {
  constructor(public stored: Settings | undefined = undefined) {}

  /** What is in force, secrets included. */
  get current(): Settings {
    const stored = this.stored ?? {};
    const emptyUrls = Object.keys(stored).filter((name) => name.endsWith("_url") && stored[name] === "");
    return { ...system, ...stored, ...Object.fromEntries(emptyUrls.map((name) => [name, system[name] ?? ""])) };
  }

  get(key: string): SsoSettingsAnswer {
    requireKnown(key);
    const shown = Object.entries(this.current).map(([name, value]) => [
      camelCase(name),
      isSecret(name) && typeof value === "string" && value !== "" ? redacted : value,
    ]);
    const source = this.stored ? "database" : "system";
    return { id: "", provider: key, settings: Object.fromEntries(shown) as Settings, source };
  }

  put(key: string, given: unknown): void {
    requireKnown(key);
    const settings: Settings = {};
    for (const [name, value] of Object.entries((given ?? {}) as Settings)) settings[snakeCase(name)] = value;
    for (const name of Object.keys(settings).filter(isSecret)) {
      if (typeof settings[name] !== "string") throw new Refusal(500, "", "Failed to update provider settings");
      if (settings[name] === redacted) settings[name] = this.current[name];
    }
    validate(settings);
    this.stored = settings;
  }

  delete(key: string): void {
    requireKnown(key);
    if (!this.stored) throw notFound();
    this.stored = undefined;
  }
}

const notFound = (): Refusal => new Refusal(404, "sso.notFound", "The provider was not found.");

function requireKnown(key: string): void {
  if (key !== provider) throw notFound();
}

function validate(settings: Settings): void {
  const invalid = (message: string): Refusal => new Refusal(400, "sso.invalidOauthConfig", message);
  for (const name of switches) {
    if (!["undefined", "boolean"].includes(typeof settings[name]) && !/^(true|false)$/.test(String(settings[name])))
      throw new Refusal(400, "sso.settings", "Settings field is invalid");
  }
  const text = (name: string): string => String(settings[name] ?? "");
  if (text("client_id") === "") throw invalid("Client Id is required.");
  if (isOn(settings.allow_assign_grafana_admin) && isOn(settings.skip_org_role_sync))
    throw invalid("Allow assign Grafana Admin and Skip org role sync are both set.");
  for (const [name, title] of [
    ["auth_url", "Auth URL"],
    ["token_url", "Token URL"],
  ] as const)
    if (!/^https?:\/\/[^/]/.test(text(name))) throw invalid(`${title} is an invalid URL.`);
  requireEvaluable(settings);
}

/** Grafana takes every expression. The stand-in says at once which ones it would have to guess. */
function requireEvaluable(settings: Settings): void {
  try {
    if (settings.role_attribute_path) checkExpression(String(settings.role_attribute_path));
    for (const name of ["login_attribute_path", "name_attribute_path", "email_attribute_path"])
      if (!/^(\w+)?$/.test(String(settings[name] ?? ""))) throw new UnknownExpression(String(settings[name]));
  } catch (error) {
    throw new Refusal(501, "lab.notSimulated", (error as Error).message);
  }
}

/** A switch, which may also be kept as a word. */
export const isOn = (value: unknown): boolean => value === true || value === "true";

const isSecret = (name: string): boolean => /secret|private|certificate|password|client_key/.test(name);

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const snakeCase = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
