import { ApiError, type Subject } from "../dynamic/http";
import type { Harbor } from "./api";

/** Fails where single sign-on is off: Harbor has groups only when it is on. */
export async function needsOidc(api: Harbor, subject: Subject): Promise<void> {
  const rows = await api.get<{ auth_mode?: { value?: string } }>("/configurations", subject);
  const mode = rows.auth_mode?.value;
  if (mode === "oidc_auth") return;
  const remedy = 'Set `authMode: "oidc_auth"` with Configuration, and make this resource depend on it.';
  throw new ApiError("Harbor", 412, { ...subject, remedies: { 412: remedy } }, `single sign-on is off (${mode})`);
}
