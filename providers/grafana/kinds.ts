import { lifecycle, type Lifecycle } from "../dynamic/lifecycle";
import { grafanaService } from "./connection";
import { ssoSettings } from "./sso-settings";

/** Every kind of object of Grafana, by its type. */
export const grafana: Readonly<Record<string, Lifecycle>> = { SsoSettings: lifecycle(grafanaService, ssoSettings) };
