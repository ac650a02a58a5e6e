import type { Row } from "../../../lab/kit/rows";
import type { AuthentikApi } from "./authentik-api";

/** Asks the stand-in's REST API without a client, and what clients of it are made with. */
export function restOf(current: () => AuthentikApi) {
  async function ask(method: string, path: string, body?: object, token = current().connection.token) {
    const response = await fetch(`${current().connection.endpoint}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as Row };
  }
  const post = (path: string, body: object): ReturnType<typeof ask> => ask("POST", path, body);
  const flow = (slug: string): string => current().row("flows", "slug", slug).pk;
  const common = (name: string): Row => ({
    name,
    authorization_flow: flow("default-provider-authorization-implicit-consent"),
    invalidation_flow: flow("default-provider-invalidation-flow"),
  });
  const redirect_uris = [{ matching_mode: "strict", url: "https://grafana.home.arpa/login/generic_oauth" }];
  return {
    ask,
    post,
    flow,
    client: (more: object = {}): Row => ({ ...common("grafana"), redirect_uris, ...more }),
    proxy: (more: object = {}): Row => ({ ...common("whoami"), external_host: "https://whoami.home.arpa", ...more }),
  };
}
