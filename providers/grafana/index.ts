export type { GrafanaConnection } from "./connection";
export { roleAttributePath, type GrafanaRole, type GroupRole } from "./role-path";
export { SsoSettings, type SsoSettingsArgs } from "./sso-settings";
