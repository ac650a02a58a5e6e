import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { defined, sortedSet } from "../dynamic/values";
import type { Harbor } from "./api";
import type { Inputs } from "./connection";
import { checkQuota, quotaBytes, quotaWords } from "./words";

/** Settings of the whole system. What is left out is not managed. */
export interface ConfigurationValues {
  /** How people log in. Harbor changes it **only while there is no user but admin**. Harbor's default `db_auth`. */
  readonly authMode?: "db_auth" | "oidc_auth";
  /** Whether the login page goes straight to single sign-on. Harbor's default `false`. */
  readonly primaryAuthMode?: boolean;
  /** Whether people may make accounts for themselves, where `authMode` is `db_auth`. Harbor's default `false`. */
  readonly selfRegistration?: boolean;
  /** Who may make projects: administrators, or whoever can log in. Harbor's default `everyone`. */
  readonly projectCreationRestriction?: "adminonly" | "everyone";
  /** Whether nothing can be pushed, deleted or configured. Garbage collection stops meanwhile. Harbor's default `false`. */
  readonly readOnly?: boolean;
  /** How long a token to pull or push is good, in minutes. Harbor's default 30. */
  readonly tokenExpiration?: number;
  /** How long a login to the web page is good, in minutes. Harbor's default 60. */
  readonly sessionTimeout?: number;
  /** How long robots made by hand may log in, in days. Harbor's default 30. */
  readonly robotTokenDuration?: number;
  /** What the login of every robot starts with. **A change changes the login of every robot.** Harbor's default `robot$`. */
  readonly robotNamePrefix?: string;
  /** Whether projects have quotas. Harbor's default `true`. */
  readonly quotaPerProjectEnable?: boolean;
  /** The quota of a project made without one: `10 GiB`, or `unlimited`. Harbor's default `unlimited`. */
  readonly storagePerProject?: string;
  /** Whether webhooks are sent. Harbor's default `true`. */
  readonly notificationEnable?: boolean;
  /** Whether a scan does not count as a pull. Harbor's default `false`. */
  readonly scannerSkipUpdatePulltime?: boolean;
  /** A syslog server that gets the audit log, `host:port`. Harbor's default: none. */
  readonly auditLogForwardEndpoint?: string;
  /** Whether the audit log goes to `auditLogForwardEndpoint` alone, and Harbor keeps none. Harbor's default `false`. */
  readonly skipAuditLogDatabase?: boolean;
  /** What the audit log leaves out, such as `create_user`; `GET /auditlog-exts/events` names all. Harbor's default: none. */
  readonly disabledAuditLogEventTypes?: string[];
  /**
   * What is shown above each page, as a JSON object: `{"message":"Closed on Sunday","type":"info"}`. Harbor's default:
   * none.
   */
  readonly bannerMessage?: string;
  /** What the login page calls the provider. Harbor's default: none. */
  readonly oidcName?: string;
  /** Exactly the issuer that the provider names, https, with the slash at its end where it has one. Harbor's default: none. */
  readonly oidcEndpoint?: string;
  /** What Harbor calls itself to the provider. Harbor's default: none. */
  readonly oidcClientId?: string;
  /**
   * What Harbor proves that with. Harbor never gives it back: a change made there is not noticed. Harbor's default: none.
   * A secret.
   */
  readonly oidcClientSecret?: string;
  /** What Harbor asks of the provider: `openid,profile,email,offline_access`. Harbor's default: none. */
  readonly oidcScope?: string;
  /** Whether the provider's certificate is checked. Harbor's default `true`. */
  readonly oidcVerifyCert?: boolean;
  /** Whether a first login makes the user without asking for a name. Needs `oidcUserClaim`. Harbor's default `false`. */
  readonly oidcAutoOnboard?: boolean;
  /** The claim that has the user name. Harbor's default: none. */
  readonly oidcUserClaim?: string;
  /** The claim that has the names of the user's groups. Harbor's default: none. */
  readonly oidcGroupsClaim?: string;
  /** The group whose members are administrators. Harbor's default: none. */
  readonly oidcAdminGroup?: string;
  /** Which groups Harbor keeps, as a regular expression. Harbor's default: none, and it keeps all. */
  readonly oidcGroupFilter?: string;
  /** Further parameters of the login, as a JSON object of texts: `{"prompt":"login"}`. Harbor's default `{}`. */
  readonly oidcExtraRedirectParms?: string;
  /** Whether logging out of Harbor logs out of the provider. Harbor's default `false`. */
  readonly oidcLogout?: boolean;
}

/** Arguments of {@link Configuration}. */
export type ConfigurationArgs = Inputs<ConfigurationValues>;

/** Harbor's configuration, of which there is one. Deleting this leaves it as it is. */
export class Configuration extends DynamicResource {
  constructor(name: string, args: ConfigurationArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...configuration, secrets: ["oidcClientSecret"] }, name, args, opts);
  }
}

export const configuration: Kind<Harbor, ConfigurationValues> = {
  token: "harbor:Configuration",
  noun: "configuration",
  identity: [],
  writeOnly: ["oidcClientSecret"],

  normalise: (args) => ({
    ...args,
    ...(args.storagePerProject !== undefined && {
      storagePerProject: quotaWords(quotaBytes(args.storagePerProject) ?? -1),
    }),
    ...(args.disabledAuditLogEventTypes && { disabledAuditLogEventTypes: sortedSet(args.disabledAuditLogEventTypes) }),
    ...(args.oidcExtraRedirectParms !== undefined && {
      oidcExtraRedirectParms: textMap(args.oidcExtraRedirectParms) ?? args.oidcExtraRedirectParms,
    }),
  }),

  check(args, problems) {
    problems.oneOf("authMode", args.authMode, ["db_auth", "oidc_auth"]);
    problems.oneOf("projectCreationRestriction", args.projectCreationRestriction, ["adminonly", "everyone"]);
    checkQuota("storagePerProject", args.storagePerProject, problems);
    for (const name of ["tokenExpiration", "sessionTimeout", "robotTokenDuration"] as const) {
      problems.wholeNumber(name, args[name], 1, 1_000_000);
    }
    const { oidcEndpoint } = args;
    problems.expect(
      "oidcEndpoint",
      oidcEndpoint,
      (url) => url.startsWith("https://"),
      "{value} must begin with https://",
    );
    problems.expect(
      "oidcExtraRedirectParms",
      args.oidcExtraRedirectParms,
      (text) => textMap(text) !== undefined,
      '{value} is no JSON object of texts; write {"prompt":"login"}',
    );
    if (args.oidcScope !== undefined && !args.oidcScope.split(",").includes("openid")) {
      problems.add("oidcScope", 'must have openid in it; write "openid,profile,email,offline_access"');
    }
  },

  create: async (api, args) => {
    await put(api, args);
    return {};
  },
  adopt: async () => undefined,
  sync: async (api, args) => {
    await put(api, args);
    return {};
  },

  async read(api) {
    const rows = await api.get<Record<string, { value?: unknown } | undefined>>("/configurations", about("read"));
    const values = names.map((name) => [name, fromHarbor(name, rows[harborKey(name)]?.value)] as const);
    return { args: defined(Object.fromEntries(values)), outs: {} };
  },

  // There is no configuration to go back to, and `auth_mode` must never flip by itself.
  delete: async () => undefined,
};

const about = (action: string) => ({
  action,
  object: "configuration",
  name: "of the system",
  remedies: { 403: "Use an administrator, and run Harbor without CONFIG_OVERWRITE_JSON, which makes this read-only." },
});

async function put(api: Harbor, args: ConfigurationValues): Promise<void> {
  const entries = Object.entries(args).map(([name, value]) => [harborKey(name), toHarbor(name, value)]);
  await api.put("/configurations", Object.fromEntries(entries), about("update"));
  api.forget();
}

/** `oidcClientId` is `oidc_client_id` in Harbor. */
const harborKey = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function toHarbor(name: string, value: unknown): unknown {
  if (name === "storagePerProject") return quotaBytes(String(value));
  return Array.isArray(value) ? value.join(",") : value;
}

/** A JSON object of texts in one form; `undefined` where the text is none. */
function textMap(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return sorted.every(([, each]) => typeof each === "string")
      ? JSON.stringify(Object.fromEntries(sorted))
      : undefined;
  } catch {
    return undefined;
  }
}

function fromHarbor(name: string, value: unknown): unknown {
  if (name === "oidcExtraRedirectParms") return textMap(String(value));
  if (name === "storagePerProject") return typeof value === "number" ? quotaWords(value) : undefined;
  if (name === "disabledAuditLogEventTypes")
    return sortedSet(
      String(value ?? "")
        .split(",")
        .filter(Boolean),
    );
  return value;
}

/** Everything Harbor gives back. */
const names: readonly (keyof ConfigurationValues)[] = [
  "authMode",
  "primaryAuthMode",
  "selfRegistration",
  "projectCreationRestriction",
  "readOnly",
  "tokenExpiration",
  "sessionTimeout",
  "robotTokenDuration",
  "robotNamePrefix",
  "quotaPerProjectEnable",
  "storagePerProject",
  "notificationEnable",
  "scannerSkipUpdatePulltime",
  "auditLogForwardEndpoint",
  "skipAuditLogDatabase",
  "disabledAuditLogEventTypes",
  "bannerMessage",
  "oidcName",
  "oidcEndpoint",
  "oidcClientId",
  "oidcScope",
  "oidcVerifyCert",
  "oidcAutoOnboard",
  "oidcUserClaim",
  "oidcGroupsClaim",
  "oidcAdminGroup",
  "oidcGroupFilter",
  "oidcExtraRedirectParms",
  "oidcLogout",
];
