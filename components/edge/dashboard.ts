import { hostName, Service } from "../../config/services";
import { dashboard } from "./static-config";

/** The catalogue entry of Traefik's dashboard, for members of these groups. */
export function dashboardEntry(domain: string, groups: string[]): Service {
  return {
    name: "traefik",
    host: hostName("traefik", domain),
    description: "What the edge serves, and from where",
    upstream: dashboard,
    auth: "proxy",
    groups,
  };
}
