export type { GrafanaConnection } from "./api";
export { roleAttributePath, type GrafanaRole, type GroupRole } from "./role-path";
export { SsoSettings, type SsoSettingsArgs } from "./sso-settings";
