import type { Row } from "../../kit/rows";
import { badRequest, ok, type Result, type Route, updated } from "../rows";
import type { Tables } from "../tables";

export const configurationRoutes = (objects: Tables): Route[] => [
  [/^GET \/configurations$/, () => ok(shown(objects))],
  [/^PUT \/configurations$/, ({ body }) => change(objects, body)],
];

/** How people log in can be changed only while nobody but the administrator is known. */
function change({ configuration, users }: Tables, body: Row): Result {
  const { auth_mode = configuration.auth_mode } = body;
  if (auth_mode !== configuration.auth_mode && users.length > 0) {
    throw badRequest("the auth mode cannot be modified as new users have been inserted into database");
  }
  for (const key of ["token_expiration", "session_timeout", "robot_token_duration"]) {
    if (body[key] !== undefined && !(body[key] > 0 && body[key] < 1e10)) {
      throw badRequest(`the ${key} value must be positive`);
    }
  }
  const { storage_per_project: storage, oidc_extra_redirect_parms: parameters } = body;
  if (storage !== undefined && storage !== -1 && !(storage > 0)) {
    throw badRequest("quota value should be -1 or great than zero");
  }
  const texts = parameters === undefined ? {} : { oidc_extra_redirect_parms: textMap(String(parameters)) };
  return updated(configuration, { ...body, ...texts }, Object.keys(configuration));
}

/** An object of texts is kept as such, and shown as Go writes one: sorted, without blanks, nothing in it that HTML knows. */
function textMap(text: string): string {
  const entries = Object.entries(parsed(text)).sort(([one], [other]) => (one < other ? -1 : 1));
  if (entries.every(([, value]) => typeof value === "string")) {
    const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return JSON.stringify(Object.fromEntries(entries)).replace(/[<>&]/g, escaped);
  }
  throw badRequest("json: cannot unmarshal into Go value of type string");
}

function parsed(text: string): Row {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw badRequest("invalid character looking for beginning of value");
}

/** Secrets are not given back. */
const shown = ({ configuration, users }: Tables): Row =>
  Object.fromEntries(
    Object.entries(configuration)
      .filter(([key]) => !key.endsWith("_secret"))
      .map(([key, value]) => [key, { value, editable: key !== "auth_mode" || users.length === 0 }]),
  );
