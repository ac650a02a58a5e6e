import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import type { Known, Kind } from "../dynamic/kind";
import type { Problems } from "../dynamic/problems";
import { DynamicResource } from "../dynamic/resource";
import { defined, pick, same, sortedSet, type Properties } from "../dynamic/values";
import type { Grafana, SsoSettingsRow } from "./api";
import type { Inputs } from "./connection";

/** How people log in to Grafana with an OpenID provider. What is left out is not managed. */
export interface SsoSettingsValues {
  /** Which of Grafana's ways to log in: `generic_oauth`, the default. */
  readonly key?: "generic_oauth";
  /** Whether the login page offers it. Grafana's default `false`. */
  readonly enabled?: boolean;
  /** What its button on the login page says after "Sign in with". Grafana's default `OAuth`. */
  readonly name?: string;
  /** What Grafana calls itself to the provider. Grafana's default: none, which it refuses. */
  readonly clientId?: string;
  /**
   * What Grafana proves that with. Grafana never gives it back: a change made there is not noticed. Grafana's default:
   * none. A secret.
   */
  readonly clientSecret?: string;
  /** The provider's endpoint for logins, a URL. Grafana's default: none, which it refuses. */
  readonly authUrl?: string;
  /** The provider's endpoint for tokens, a URL. Grafana's default: none, which it refuses. */
  readonly tokenUrl?: string;
  /** The provider's endpoint for user information, a URL. Grafana's default: none. */
  readonly apiUrl?: string;
  /** `openid` among them; `offline_access` where `useRefreshToken` is on. Grafana's default `user:email`. */
  readonly scopes?: string[];
  /** Whether a code is of use only to who asked for it (PKCE, with S256). Grafana's default `false`. */
  readonly usePkce?: boolean;
  /** Whether a login ends with the provider's access token unless a refresh token renews that. Grafana's default `false`. */
  readonly useRefreshToken?: boolean;
  /** A JMESPath expression over the claims that gives the role; see `roleAttributePath()`. Grafana's default: none. */
  readonly roleAttributePath?: string;
  /**
   * Whether a user without a role is refused. Otherwise it becomes what Grafana makes of a new user: a viewer. Grafana's
   * default `false`.
   */
  readonly roleAttributeStrict?: boolean;
  /** Whether the role `GrafanaAdmin` makes a server administrator. Grafana's default `false`. */
  readonly allowAssignGrafanaAdmin?: boolean;
  /** A JMESPath expression over the claims that gives the names of the user's groups. Grafana's default: none. */
  readonly groupsAttributePath?: string;
  /**
   * A JMESPath expression over the claims that gives the user name, where there is no claim `login`. Grafana's default:
   * none.
   */
  readonly loginAttributePath?: string;
  /**
   * A JMESPath expression over the claims that gives the name that is shown. Grafana's default: none, but the claim
   * `name`.
   */
  readonly nameAttributePath?: string;
  /**
   * A JMESPath expression over the claims that gives the e-mail address, where there is no claim `email`. Grafana's
   * default: none.
   */
  readonly emailAttributePath?: string;
  /** Whether a first login makes the user. Grafana's default `true`. */
  readonly allowSignUp?: boolean;
  /**
   * Whether the login page is skipped. The local login is then at `/login?disableAutoLogin=true`, also when the provider is
   * down. Grafana's default `false`.
   */
  readonly autoLogin?: boolean;
  /** Where logging out of Grafana leads: the provider's end-session endpoint, a URL. Grafana's default: none. */
  readonly signoutRedirectUrl?: string;
  /** A file with the CA of the provider, **on Grafana's machine**. Grafana's default: none, but what that machine trusts. */
  readonly tlsClientCa?: string;
}

/** Arguments of {@link SsoSettings}. */
export type SsoSettingsArgs = Inputs<SsoSettingsValues>;

/**
 * How people log in to Grafana. Id: the key. Deleting it brings back what Grafana's settings file says. The login form for
 * local users is no part of it and stays.
 */
export class SsoSettings extends DynamicResource {
  constructor(name: string, args: SsoSettingsArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...ssoSettings, secrets: ["clientSecret"] }, name, args, opts);
  }
}

const switches = [
  "allowAssignGrafanaAdmin",
  "allowSignUp",
  "autoLogin",
  "enabled",
  "roleAttributeStrict",
  "usePkce",
  "useRefreshToken",
] as const;
const texts = [
  "apiUrl",
  "authUrl",
  "clientId",
  "emailAttributePath",
  "groupsAttributePath",
  "loginAttributePath",
  "name",
  "nameAttributePath",
  "roleAttributePath",
  "signoutRedirectUrl",
  "tlsClientCa",
  "tokenUrl",
] as const;

export const ssoSettings: Kind<Grafana, SsoSettingsValues> = {
  token: "grafana:SsoSettings",
  noun: "login settings",
  identity: ["key"],
  writeOnly: ["clientSecret"],
  defaults: { key: "generic_oauth" },

  normalise: (args) => ({ ...args, ...(args.scopes && { scopes: sortedSet(args.scopes) }) }),

  check(args, problems) {
    problems.oneOf("key", args.key, ["generic_oauth"]);
    for (const name of ["clientId", "clientSecret", "name"] as const)
      problems.expect(
        name,
        args[name],
        (text) => text !== "",
        "is empty; give it, or leave it out to keep what is there",
      );
    for (const name of ["authUrl", "tokenUrl", "apiUrl"] as const) checkUrl(name, args[name], problems);
    if (args.signoutRedirectUrl !== "") checkUrl("signoutRedirectUrl", args.signoutRedirectUrl, problems);
    const isPath = (path: string): boolean => path === "" || path.startsWith("/");
    problems.expect("tlsClientCa", args.tlsClientCa, isPath, "{value} is no absolute path on Grafana's machine");
    const hasOpenid = (scopes: string[]): boolean => scopes.includes("openid");
    problems.expect("scopes", args.scopes, hasOpenid, "must have openid in it; without it nobody is identified");
    if (args.useRefreshToken === true && args.scopes && !args.scopes.includes("offline_access"))
      problems.add("useRefreshToken", "needs offline_access among the scopes; add it, or leave refresh tokens out");
    if (args.roleAttributeStrict === true && args.roleAttributePath === "")
      problems.add("roleAttributeStrict", "would refuse everybody without a roleAttributePath; give that, too");
  },

  async create(api, args) {
    const subject = about("create", args);
    await put(api, args, await api.ssoSettings(keyOf(args), subject), subject);
    return {};
  },

  async adopt(api, args) {
    const { source } = await api.ssoSettings(keyOf(args), about("read", args));
    return source === "database" ? {} : undefined;
  },

  async sync(api, args, _outs, before) {
    const subject = about("update", args);
    const row = await api.ssoSettings(keyOf(args), subject);
    const live = { ...argsOf(row), clientSecret: before.clientSecret };
    const differs = Object.keys(args).some((name) => !same((args as Properties)[name], (live as Properties)[name]));
    if (differs || row.source === "system") await put(api, args, row, subject);
    return {};
  },

  async read(api, names) {
    const row = await api.ssoSettings(keyOf(names), about("read", names));
    return row.source === "database" ? { args: argsOf(row), outs: {} } : undefined;
  },

  delete: (api, names) => api.deleteSsoSettings(keyOf(names), about("delete", names)),
};

const keyOf = ({ key = "generic_oauth" }: Known<SsoSettingsValues>): string => key;

const about = (action: string, names: Known<SsoSettingsValues>): Subject => ({
  action,
  object: "login settings",
  name: keyOf(names),
});

/** Writes what the inputs say, and what they do not say as it is: Grafana forgets what a request leaves out. */
function put(api: Grafana, args: SsoSettingsValues, row: SsoSettingsRow, subject: Subject): Promise<void> {
  const { key, scopes, ...others } = args;
  const settings = { ...row.settings, ...defined(others), ...(scopes && { scopes: scopes.join(",") }) };
  return api.putSsoSettings(keyOf({ key }), settings, subject);
}

function argsOf({ provider, settings }: SsoSettingsRow): Known<SsoSettingsValues> {
  const flags = switches.map((name) => [name, [true, "true"].includes(settings[name] as string | boolean)]);
  const scopes = typeof settings.scopes === "string" ? { scopes: sortedSet(words(settings.scopes)) } : {};
  return {
    key: provider,
    ...pick(settings, texts),
    ...Object.fromEntries(flags),
    ...scopes,
  } as Known<SsoSettingsValues>;
}

/** A list as Grafana keeps it: with commas, with blanks, or as JSON. */
const words = (list: string): string[] =>
  list.startsWith("[") ? (JSON.parse(list) as string[]) : list.split(/[\s,]+/).filter((word) => word !== "");

function checkUrl(name: string, value: string | undefined, problems: Problems): void {
  const passes = (text: string): boolean => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url?.protocol === "https:" || (url?.protocol === "http:" && url.hostname === "127.0.0.1");
  };
  problems.expect(name, value, passes, "{value} is no https URL; logins would go over the network in clear without it");
}
