import { asking, invalidationFlow, redirectUris, scopeMappings } from "../../components/sso/client";
import { lockout } from "../../components/sso/lockout";
import { signingAlgorithm } from "../../components/sso/signing";
import { closedGroup } from "../../components/sso/closed-group";
import type { Service } from "../../config/services";
import { embeddedOutpost } from "../../providers/authentik/outpost";
import { types } from "../types";
import type { House } from "../house";
import { always, type ServiceObjects, type Shape } from "./kind";
import { flowKinds, loginFlow, placesOf, recoveryFlow } from "./flows";

/** What there may be in Authentik. */
export const authentik: ServiceObjects = {
  component: types.sso,
  endpoint: ({ url }) => url,
  entry: () => "auth",
  kinds: {
    ...flowKinds,
    Application: {
      objects: (house) =>
        asked(house).map(({ name, host }) => ({
          slug: name,
          provider: name,
          launchUrl: `https://${host}`,
          policyEngineMode: "any",
        })),
      free: ["name", "providerId", "group", "icon", "description", "publisher", "hidden", "openInNewTab"],
      later: ["provider"],
    },
    Brand: {
      objects: () => [{ flowAuthentication: loginFlow, flowRecovery: recoveryFlow }],
      free: ["brandingTitle"],
      later: ["flowAuthentication", "flowRecovery"],
      needed: always,
    },
    ClientAuthentication: {
      objects: (house) => asked(house, "oidc").map(({ name }) => ({ provider: name, clientType: "confidential" })),
      free: ["clientSecret", "rotation"],
      later: ["provider"],
    },
    ClosedFlows: {
      objects: () => [{ group: closedGroup, open: [loginFlow, recoveryFlow] }],
      free: ["startedAs"],
      later: ["group", "open"],
      needed: always,
    },
    Defaults: { objects: () => [{}] },
    EmbeddedOutpost: { objects: ({ url }) => [{ authentikHost: url }] },
    Group: {
      objects: ({ sso: { groups, adminGroup } }) =>
        [...groups, closedGroup].map((name) => ({ name, superuser: name === adminGroup })),
    },
    GroupMembership: {
      objects: ({ sso: { users } }) =>
        users.flatMap(({ username, groups }) => groups.map((group) => ({ group, username }))),
      later: ["username"],
    },
    KeyPair: {
      objects: () => [{ name: signingKey }],
      free: ["certificate", "fingerprint"],
      madeBy: { key: { type: types.privateKey, inputs: signingAlgorithm } },
    },
    OAuthProvider: {
      objects: (house) => asked(house, "oidc").map((each) => client(each, house)),
      later: ["signingKey"],
      madeBy: { clientSecret: { type: types.randomPassword } },
    },
    OutpostMembership: {
      objects: (house) => asked(house, "proxy").map(({ name }) => ({ outpost: embeddedOutpost, provider: name })),
      free: ["providerId"],
      later: ["provider"],
    },
    PolicyBinding: {
      objects: (house) => [...deciders(house), ...openers(house)],
      free: ["order"],
      later: ["target", "bound"],
      needed: ({ target }) => String(target).startsWith("flow-stage/"),
    },
    ProxyProvider: {
      objects: (house) =>
        asked(house, "proxy").map(({ name, host }) => ({
          name,
          externalHost: `https://${host}`,
          mode: "forward_single",
          authorizationFlow,
          invalidationFlow,
          skipPaths: [],
          interceptHeaderAuth: false,
          accessTokenValidity: "hours=1",
        })),
    },
    RecoveryLink: {
      objects: ({ sso: { users, linkValidity } }) =>
        users.map(({ username }) => ({ username, validity: `days=${parseInt(linkValidity)}`, flow: recoveryFlow })),
      later: ["username", "flow"],
    },
    Settings: {
      objects: ({ url, sso }) => [
        {
          baseUrl: url,
          coreDefaultAppAccess: false,
          impersonation: false,
          reputationLowerLimit: -4 * lockout.failures,
          reputationUpperLimit: 0,
          defaultUserChangeEmail: false,
          defaultUserChangeUsername: false,
          eventRetention: `days=${parseInt(sso.eventRetention)}`,
        },
      ],
      free: ["avatars"],
      needed: always,
    },
    User: {
      objects: ({ sso: { users } }) =>
        users.map(({ username, email }) => ({ username, email, type: "internal", path: "users", active: true })),
      free: ["name"],
    },
  },
};

const asked = ({ services, sso }: House, how?: Service["auth"]): Service[] =>
  asking(services, sso).filter(({ auth }) => how === undefined || auth === how);

const signingKey = "homelab-signing";

/** Authentik's own, without a question for consent. */
const authorizationFlow = "default-provider-authorization-implicit-consent";

const client = (service: Service, { plan }: House): Shape => ({
  name: service.name,
  clientId: service.name,
  redirectUris: redirectUris(service, plan.logins),
  postLogoutUris: [],
  grantTypes: ["authorization_code", "refresh_token"],
  signingKey,
  scopeMappings,
  authorizationFlow,
  invalidationFlow,
  subMode: "hashed_user_id",
  includeClaimsInIdToken: true,
  accessCodeValidity: "minutes=1",
  accessTokenValidity: "hours=1",
  refreshTokenValidity: "days=1",
  refreshTokenThreshold: "seconds=1",
});

/** A binding that counts. */
const binding = (target: string, bound: string): Shape => ({
  target,
  bound,
  negate: false,
  enabled: true,
  timeout: 30,
  failureResult: false,
});

/** Which stages of the flows are shown to whom. */
const deciders = ({ sso }: House): Shape[] =>
  placesOf(sso).flatMap(({ flow, order, shownTo = [] }) =>
    shownTo.map((bound) => binding(`flow-stage/${flow}/${order}`, bound)),
  );

/** Who may open what. */
const openers = (house: House): Shape[] =>
  asked(house).flatMap(({ name, groups = [] }) =>
    (groups.length > 0 ? groups : [closedGroup]).map((group) => binding(`application/${name}`, `group/${group}`)),
  );
