import { clientUrls } from "../../components/sso/client";
import { rolePath } from "../../components/sso/clients/grafana-login";
import type { House } from "../house";
import type { ServiceObjects, Shape } from "./kind";

/** What there may be in Grafana. */
export const grafana: ServiceObjects = {
  component: "",
  endpoint: ({ sso, services }) => {
    const entry = services.find(({ name }) => name === sso.grafana?.service);
    return entry && `https://${entry.host}`;
  },
  entry: ({ sso }) => sso.grafana?.service,
  kinds: { SsoSettings: { objects: login, free: ["name", "clientSecret"] } },
};

function login({ sso, url }: House): Shape[] {
  if (!sso.grafana) return [];
  const { authorizeUrl, tokenUrl, userInfoUrl, logoutUrl } = clientUrls(url, sso.grafana.service);
  return [
    {
      key: "generic_oauth",
      enabled: true,
      clientId: sso.grafana.service,
      authUrl: authorizeUrl,
      tokenUrl,
      apiUrl: userInfoUrl,
      signoutRedirectUrl: logoutUrl,
      scopes: ["openid", "email", "profile", "offline_access"],
      usePkce: true,
      useRefreshToken: true,
      allowSignUp: true,
      autoLogin: false,
      loginAttributePath: "preferred_username",
      roleAttributeStrict: true,
      allowAssignGrafanaAdmin: true,
      roleAttributePath: rolePath(sso),
    },
  ];
}
