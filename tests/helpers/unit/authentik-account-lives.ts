import { selfSigned } from "../browser/certificate";
import { type Life, named } from "./authentik-life";

const signing = { key: "homelab-signing", other: "house-signing" };
const [one, two] = [selfSigned("one.home.arpa", "rsa"), selfSigned("two.home.arpa", "ec")];

const client = {
  name: "grafana",
  clientId: "grafana",
  clientSecret: "Client-Secret-1",
  redirectUris: ["https://grafana.home.arpa/login/generic_oauth"],
  signingKey: signing.other,
};
const scope = (name: string): string => `goauthentik.io/providers/oauth2/scope-${name}`;

/**
 * A life of each type of who and what logs in. There are the users `anna` and `ben`, the group `family`, the key pair
 * `house-signing`, and the providers `wiki` (OAuth2) and `echo` (proxy).
 */
export const accountLives: Record<string, Life> = {
  Group: {
    args: { name: "friends" },
    change: { name: "friends", superuser: true },
    replace: { name: "guests" },
    drift: { is_superuser: true },
    ...named("groups", "friends"),
  },
  User: {
    args: { username: "carl", name: "Carl", email: "carl@home.arpa" },
    change: { username: "carl", name: "Carl C.", email: "", type: "external", path: "users/friends", active: false },
    replace: { username: "carla", name: "Carla" },
    drift: { is_active: false },
    ...named("users", "carl", "username"),
  },
  GroupMembership: {
    args: { group: "family", username: "anna" },
    replace: { group: "family", username: "ben" },
    list: ({ users }) => users.flatMap(({ groups }) => groups),
    remove: (objects) => {
      const [group, user] = [objects.by("groups", "name", "family"), objects.user("anna")];
      if (group && user) objects.removeMember(group, user);
    },
    id: "family/anna",
  },
  Application: {
    args: { slug: "grafana", name: "Grafana", provider: "wiki" },
    change: {
      ...{ slug: "grafana", name: "Dashboards", provider: "echo", group: "Tools", hidden: true, openInNewTab: true },
      ...{ launchUrl: "https://grafana.home.arpa", icon: "/static/g.svg", description: "What is up", publisher: "us" },
      policyEngineMode: "all",
    },
    replace: { slug: "graphs", name: "Grafana" },
    drift: { provider: null },
    ...named("applications", "grafana", "slug"),
  },
  OAuthProvider: {
    args: client,
    change: {
      ...client,
      redirectUris: ["https://grafana.home.arpa/login", "https://charts.home.arpa/login"],
      postLogoutUris: ["https://grafana.home.arpa/"],
      grantTypes: ["refresh_token", "authorization_code", "client_credentials"],
      scopeMappings: [scope("profile"), scope("openid")],
      authorizationFlow: "default-provider-authorization-explicit-consent",
      ...{ includeClaimsInIdToken: false, accessCodeValidity: "minutes=2", accessTokenValidity: "minutes=30" },
      ...{ refreshTokenValidity: "days=7", refreshTokenThreshold: "hours=1" },
      ...{ logoutUri: "https://grafana.home.arpa/logout", logoutMethod: "frontchannel" },
    },
    replace: { ...client, subMode: "user_uuid" },
    drift: {
      redirect_uris: [{ matching_mode: "regex", url: ".*", redirect_uri_type: "authorization" }],
      signing_key: null,
    },
    ...named("oauth2Providers", "grafana"),
  },
  ClientAuthentication: {
    args: { provider: "wiki", clientSecret: "Client-Secret-1" },
    change: { provider: "wiki", clientSecret: "Client-Secret-2" },
    row: (objects) => objects.by("oauth2Providers", "name", "wiki"),
    drift: { client_type: "public" },
    id: "wiki",
    isSecretive: true,
  },
  ProxyProvider: {
    args: { name: "whoami", externalHost: "https://whoami.home.arpa" },
    change: {
      ...{ name: "whoami", externalHost: "https://who.home.arpa", skipPaths: ["^/health$", "^/api/"] },
      ...{ interceptHeaderAuth: false, accessTokenValidity: "hours=1;minutes=30" },
      authorizationFlow: "default-provider-authorization-explicit-consent",
    },
    replace: { name: "who", externalHost: "https://whoami.home.arpa" },
    drift: { mode: "proxy", external_host: "https://elsewhere.home.arpa" },
    ...named("proxyProviders", "whoami"),
  },
  OutpostMembership: {
    args: { provider: "echo" },
    list: ({ outposts }) => outposts[0]?.providers ?? [],
    remove: ({ outposts }) => void Object.assign(outposts[0] ?? {}, { providers: [] }),
    id: "goauthentik.io%2Foutposts%2Fembedded/echo",
  },
  EmbeddedOutpost: {
    args: { authentikHost: "https://auth.home.arpa" },
    change: { authentikHost: "https://login.home.arpa" },
    row: ({ outposts }) => outposts[0]?.config,
    drift: { authentik_host: "http://localhost:9000" },
    id: "authentik:EmbeddedOutpost",
  },
  ScopeMapping: {
    args: { name: "groups", scopeName: "groups", expression: 'return {"groups": []}\n' },
    change: { name: "groups", scopeName: "roles", expression: "return {}", description: " Your roles" },
    replace: { name: "all groups", scopeName: "groups", expression: "return {}" },
    drift: { expression: "return 1" },
    ...named("scopeMappings", "groups"),
  },
  KeyPair: {
    args: { name: signing.key, certificate: one.cert, key: one.key },
    change: { name: signing.key, certificate: two.cert, key: two.key },
    replace: { name: "signing", certificate: one.cert },
    drift: { certificate_data: two.cert },
    ...named("keypairs", signing.key),
    isSecretive: true,
  },
  Token: {
    args: { identifier: "homelab-metrics", user: "anna", key: "Token-Secret-1" },
    change: { identifier: "homelab-metrics", user: "anna", key: "Token-Secret-2", description: "reads events" },
    replace: { identifier: "homelab-metrics", user: "ben", key: "Token-Secret-1" },
    drift: { expiring: true },
    ...named("tokens", "homelab-metrics", "identifier"),
    isSecretive: true,
  },
};

/** A certificate and its key, for what must have one. */
export const pair = one;
export { client };
