import type { Identity } from "./accounts";
import { evaluate } from "./expression";
import { Refusal } from "./refusal";
import { isOn, type Settings } from "./sso-settings";

/** What a provider says of somebody. */
export type Claims = Readonly<Record<string, unknown>>;

/** As Grafana says it; the login page shows it. */
const noRole = "IdP did not return a role attribute, please contact your administrator";

const roles = ["Admin", "Editor", "Viewer", "None"];

/**
 * Who somebody is, from the claims of the ID token and of the user information, in this order: each answers what the one
 * before left open.
 */
export function identityFrom(sources: readonly Claims[], settings: Settings): Identity {
  const first = (read: (claims: Claims) => unknown): string => {
    for (const claims of sources) {
      const value = read(claims);
      if (typeof value === "string" && value !== "") return value;
    }
    return "";
  };
  const at = (path: string) => (claims: Claims) => claims[String(settings[path] ?? "")];
  const email = first((claims) => claims.email || at("email_attribute_path")(claims));
  if (email === "") throw new Refusal(401, "auth.oauth.email.missing", "Provider didn't return an email address");
  return {
    subject: first((claims) => claims.sub),
    email,
    login: first((claims) => claims.login || at("login_attribute_path")(claims) || claims.username) || email,
    name: first((claims) => at("name_attribute_path")(claims) || claims.name || claims.display_name),
    ...roleFrom(first, settings),
  };
}

function roleFrom(
  first: (read: (claims: Claims) => unknown) => string,
  settings: Settings,
): Pick<Identity, "role" | "isGrafanaAdmin"> {
  const path = String(settings.role_attribute_path ?? "");
  const found = path === "" ? "" : first((claims) => evaluate(path, claims));
  const isGrafanaAdmin = found.toLowerCase() === "grafanaadmin";
  const named = isGrafanaAdmin ? "Admin" : found.charAt(0).toUpperCase() + found.slice(1).toLowerCase();
  const role = roles.includes(named) ? named : "";
  if (role === "" && isOn(settings.role_attribute_strict)) throw new Refusal(500, "auth.oauth.userinfo.error", noRole);
  // What an administrator of the server may give stays as it is, where the settings do not let the provider say it.
  return { role: role || "Viewer", ...(isOn(settings.allow_assign_grafana_admin) && { isGrafanaAdmin }) };
}
