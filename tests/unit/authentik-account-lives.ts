import type { AuthentikObjects } from "../../lab/authentik/objects";
import { keep } from "../../lab/authentik/rows";
import { selfSigned } from "../sso/certificate";

/** One type of object: what it is made with, changed to, replaced by, and what somebody does to it by hand. */
export interface Life {
  args: object;
  /** Absent where nothing can be changed in place. */
  change?: object;
  /** Absent where nothing replaces it. */
  replace?: object;
  /** Absent where nothing can be changed by hand but by removing it. */
  drift?: (objects: AuthentikObjects) => void;
  /** How many there are. Absent where there is always one. */
  count?: (objects: AuthentikObjects) => number;
  /** Removes it by hand. */
  remove?: (objects: AuthentikObjects) => void;
  id: string;
  /** Whether Authentik keeps some of it to itself: what is only read is written once. */
  isSecretive?: boolean;
}

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
 * A life of each type. There are the users `anna` and `ben`, the group `family`, the key pair `house-signing`, and the
 * providers `wiki` (OAuth2) and `echo` (proxy).
 */
export const lives: Record<string, Life> = {
  Group: {
    args: { name: "friends" },
    change: { name: "friends", superuser: true },
    replace: { name: "guests" },
    drift: ({ groups }) =>
      void Object.assign(groups.find(({ name }) => name === "friends") ?? {}, { is_superuser: true }),
    count: ({ groups }) => groups.length,
    remove: ({ groups }) => keep(groups, ({ name }) => name !== "friends"),
    id: "friends",
  },
  User: {
    args: { username: "carl", name: "Carl", email: "carl@home.arpa" },
    change: { username: "carl", name: "Carl C.", email: "", type: "external", path: "users/friends", active: false },
    replace: { username: "carla", name: "Carla" },
    drift: (objects) => void Object.assign(objects.user("carl") ?? {}, { is_active: false }),
    count: ({ users }) => users.length,
    remove: ({ users }) => keep(users, ({ username }) => username !== "carl"),
    id: "carl",
  },
  GroupMembership: {
    args: { group: "family", username: "anna" },
    replace: { group: "family", username: "ben" },
    count: ({ users }) => users.reduce((count, { groups }) => count + groups.length, 0),
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
    drift: ({ applications }) =>
      void Object.assign(applications.find(({ slug }) => slug === "grafana") ?? {}, { provider: null }),
    count: ({ applications }) => applications.length,
    remove: ({ applications }) => keep(applications, ({ slug }) => slug !== "grafana"),
    id: "grafana",
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
    drift: (objects) => {
      const uris = [{ matching_mode: "regex", url: ".*", redirect_uri_type: "authorization" }];
      Object.assign(objects.by("oauth2Providers", "name", "grafana") ?? {}, { redirect_uris: uris, signing_key: null });
    },
    count: ({ oauth2Providers }) => oauth2Providers.length,
    remove: ({ oauth2Providers }) => keep(oauth2Providers, ({ name }) => name !== "grafana"),
    id: "grafana",
  },
  ClientAuthentication: {
    args: { provider: "wiki", clientSecret: "Client-Secret-1" },
    change: { provider: "wiki", clientSecret: "Client-Secret-2" },
    drift: (objects) =>
      void Object.assign(objects.by("oauth2Providers", "name", "wiki") ?? {}, { client_type: "public" }),
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
    drift: (objects) => {
      const changed = { mode: "proxy", internal_host: "http://10.0.0.1" };
      Object.assign(objects.by("proxyProviders", "name", "whoami") ?? {}, changed);
    },
    count: ({ proxyProviders }) => proxyProviders.length,
    remove: ({ proxyProviders }) => keep(proxyProviders, ({ name }) => name !== "whoami"),
    id: "whoami",
  },
  OutpostMembership: {
    args: { provider: "echo" },
    count: ({ outposts }) => outposts[0]?.providers.length ?? 0,
    remove: ({ outposts }) => void Object.assign(outposts[0] ?? {}, { providers: [] }),
    id: "goauthentik.io%2Foutposts%2Fembedded/echo",
  },
  EmbeddedOutpost: {
    args: { authentikHost: "https://auth.home.arpa" },
    change: { authentikHost: "https://login.home.arpa" },
    drift: ({ outposts }) => void Object.assign(outposts[0]?.config, { authentik_host: "http://localhost:9000" }),
    id: "authentik:EmbeddedOutpost",
  },
  ScopeMapping: {
    args: { name: "groups", scopeName: "groups", expression: 'return {"groups": []}\n' },
    change: { name: "groups", scopeName: "roles", expression: "return {}", description: " Your roles" },
    replace: { name: "all groups", scopeName: "groups", expression: "return {}" },
    drift: (objects) =>
      void Object.assign(objects.by("scopeMappings", "name", "groups") ?? {}, { expression: "return 1" }),
    count: ({ scopeMappings }) => scopeMappings.length,
    remove: ({ scopeMappings }) => keep(scopeMappings, ({ name }) => name !== "groups"),
    id: "groups",
  },
  KeyPair: {
    args: { name: signing.key, certificate: one.cert, key: one.key },
    change: { name: signing.key, certificate: two.cert, key: two.key },
    replace: { name: "signing", certificate: one.cert },
    drift: (objects) =>
      void Object.assign(objects.by("keypairs", "name", signing.key) ?? {}, { certificate_data: two.cert }),
    count: ({ keypairs }) => keypairs.length,
    remove: ({ keypairs }) => keep(keypairs, ({ name }) => name !== signing.key),
    id: signing.key,
    isSecretive: true,
  },
  Token: {
    args: { identifier: "homelab-metrics", user: "anna", key: "Token-Secret-1" },
    change: { identifier: "homelab-metrics", user: "anna", key: "Token-Secret-2", description: "reads events" },
    replace: { identifier: "homelab-metrics", user: "ben", key: "Token-Secret-1" },
    drift: (objects) =>
      void Object.assign(objects.by("tokens", "identifier", "homelab-metrics") ?? {}, { expiring: true }),
    count: ({ tokens }) => tokens.length,
    remove: ({ tokens }) => keep(tokens, ({ identifier }) => identifier !== "homelab-metrics"),
    id: "homelab-metrics",
    isSecretive: true,
  },
};

/** A certificate and its key, for what must have one. */
export const pair = one;
export { client };
