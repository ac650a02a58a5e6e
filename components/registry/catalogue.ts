import { hostName, type Service } from "../../config/services";
import type { Login } from "../home";

/** What the names of Harbor's containers begin with. */
export const prefix = "harbor";

/**
 * Harbor's entry in the service catalogue: core answers for the API and for clients, the portal for everything else. Without
 * groups, which come from the single sign-on, its own accounts log in.
 *
 * Of core's paths only those that may be public: `/service/notifications` takes messages of jobs without a login.
 * Source: `make/photon/prepare/templates/nginx/nginx.https.conf.jinja` of goharbor/harbor 2.15.
 */
export function catalogueEntry(domain: string, groups?: string[]): Service {
  return {
    name: "registry",
    host: hostName("registry", domain),
    description: "Container images",
    upstream: `http://${prefix}-portal:8080`,
    branches: [
      { name: "core", upstream: `http://${prefix}-core:8080`, paths: ["/api/", "/c/", "/service/token", "/v2/"] },
    ],
    isBulk: true,
    ...(groups ? { auth: "oidc", groups } : { auth: "native" }),
  };
}

/** Where Harbor gets the answers of logins. */
export const loginOf = ({ name, host }: Service): Login => ({
  service: name,
  redirectUris: [`https://${host}/c/oidc/callback`],
});
