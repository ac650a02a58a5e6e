import { setTimeout as sleep } from "node:timers/promises";

import type { Row } from "../../kit/rows";
import { newBrand } from "../api/kinds/brands";
import { newRule, newTransport } from "../api/kinds/events";
import { embedded } from "../api/kinds/outposts";
import { initialSettings } from "../api/kinds/settings";
import { newUser } from "../api/kinds/users";
import { selfSigned } from "../certificate";
import type { AuthentikObjects } from "../objects";
import { addPolicies, addPrompts } from "./details";
import { addFlow, defaultFlows } from "./flows";

/** What the first start is told by the environment. */
export interface Bootstrap {
  password?: string;
  token?: string;
  email?: string;
}

const prefix = "goauthentik.io/providers/oauth2/scope-";

/** Managed scope mappings: what the claims are made of is Python in Authentik, and known by its `managed` name here. */
const mappings: readonly (readonly [managed: string, name: string, scope: string, expression: string])[] = [
  [`${prefix}openid`, "authentik default OAuth Mapping: OpenID 'openid'", "openid", "return {}"],
  [
    `${prefix}email`,
    "authentik default OAuth Mapping: OpenID 'email'",
    "email",
    'return {"email": request.user.email, "email_verified": False}',
  ],
  [
    `${prefix}profile`,
    "authentik default OAuth Mapping: OpenID 'profile'",
    "profile",
    'return {"name": request.user.name, "preferred_username": request.user.username, "groups": [group.name for group in request.user.groups.all()]}',
  ],
  [
    `${prefix}offline_access`,
    "authentik default OAuth Mapping: OpenID 'offline_access'",
    "offline_access",
    "return {}",
  ],
  [
    `${prefix}entitlements`,
    "authentik default OAuth Mapping: Application Entitlements",
    "entitlements",
    'return {"entitlements": [], "roles": []}',
  ],
  [
    `${prefix}authentik_api`,
    "authentik default OAuth Mapping: authentik API access",
    "goauthentik.io/api",
    "return {}",
  ],
  [
    "goauthentik.io/providers/proxy/scope-proxy",
    "authentik default OAuth Mapping: Proxy outpost",
    "ak_proxy",
    'return {"ak_proxy": {"user_attributes": request.user.group_attributes(request), "is_superuser": request.user.is_superuser}}',
  ],
];

/**
 * The administrator's account, its group and token, where they are not there: the server itself makes these, at each start
 * and before it answers a token.
 */
export function bootstrap(objects: AuthentikObjects, { token, ...told }: Bootstrap): void {
  const admin = objects.user("akadmin") ?? addAdmin(objects, told);
  const identifier = "authentik-bootstrap-token";
  if (token === undefined || objects.by("tokens", "identifier", identifier)) return;
  const flags = { intent: "api", expiring: false, expires: null, managed: null };
  objects.insert("tokens", { identifier, ...flags, user: admin.pk, description: "" });
  objects.hidden.tokenKeys[identifier] = token;
}

function addAdmin(objects: AuthentikObjects, { password, email = "" }: Bootstrap): Row {
  objects.settings = { ...initialSettings(), ...objects.settings };
  const fields = { name: "authentik Admins", is_superuser: true, parents: [], attributes: {}, roles: [] };
  const admins = objects.insert("groups", fields);
  const admin = objects.insertNumbered("users", {
    ...newUser(objects),
    ...{ username: "akadmin", name: "authentik Default Admin", email, groups: [admins.pk] },
  });
  if (password !== undefined) objects.setPassword(admin, password);
  return admin;
}

function addMapping(
  objects: AuthentikObjects,
  [managed, name, scope_name, expression]: (typeof mappings)[number],
): void {
  if (objects.by("scopeMappings", "managed", managed)) return;
  objects.insert("scopeMappings", { managed, name, scope_name, expression, description: "" });
}

function addOutpost(objects: AuthentikObjects): void {
  if (objects.by("outposts", "managed", embedded)) return;
  const config = {
    ...{ authentik_host: "", authentik_host_insecure: false, authentik_host_browser: "", log_level: "info" },
    ...{ object_naming_template: "ak-outpost-%(name)s", refresh_interval: "minutes=5", container_image: null },
    ...{ docker_network: null, docker_map_ports: true, docker_labels: null, kubernetes_replicas: 1 },
    ...{ kubernetes_namespace: "default", kubernetes_disabled_components: [], kubernetes_json_patches: null },
  };
  const fields = { name: "authentik Embedded Outpost", type: "proxy", managed: embedded, config };
  objects.insert("outposts", { ...fields, providers: [], service_connection: null });
}

/** Making a key takes a while: there is one for all that start in this process. */
let pair: ReturnType<typeof selfSigned> | undefined;

function addKeypair(objects: AuthentikObjects): void {
  const name = "authentik Self-signed Certificate";
  if (objects.by("keypairs", "name", name)) return;
  const { certificate, key } = (pair ??= selfSigned(name, objects.clock()));
  const row = objects.insert("keypairs", { name, certificate_data: certificate, managed: null });
  objects.hidden.keyData[row.pk] = key;
}

function addBrand(objects: AuthentikObjects): void {
  if (objects.brand) return;
  const flow = (slug: string): string | null => objects.by("flows", "slug", slug)?.pk ?? null;
  const brand_uuid = objects.newUuid();
  objects.brands.push({
    ...newBrand(),
    ...{ pk: brand_uuid, brand_uuid, domain: "authentik-default", default: true },
    flow_authentication: flow("default-authentication-flow"),
    flow_invalidation: flow("default-invalidation-flow"),
    flow_user_settings: flow("default-user-settings-flow"),
  });
}

function addNotifications(objects: AuthentikObjects): void {
  const name = "default-local-transport";
  if (objects.by("transports", "name", name)) return;
  const transport = objects.insert("transports", { ...newTransport(), name });
  const group = objects.by("groups", "name", "authentik Admins")?.pk ?? null;
  const rule = { ...newRule(), transports: [transport.pk], destination_group: group };
  objects.insert("rules", { ...rule, name: "default-notify-exception", severity: "alert" });
}

type Blueprint = (objects: AuthentikObjects) => void;

/** What the worker makes in no fixed order, and the brand after it, which refers to flows. */
const blueprints: readonly Blueprint[] = [
  ...defaultFlows.map(
    (flow): Blueprint =>
      (objects) =>
        addFlow(objects, flow),
  ),
  ...mappings.map(
    (mapping): Blueprint =>
      (objects) =>
        addMapping(objects, mapping),
  ),
  addOutpost,
  addKeypair,
  addNotifications,
];

/** Makes the default objects, one after the other, over this time. What is there stays as it is. */
export async function applyBlueprints(objects: AuthentikObjects, milliseconds = 0): Promise<void> {
  addPrompts(objects);
  addPolicies(objects);
  const order = milliseconds > 0 ? shuffled(blueprints) : blueprints;
  for (const apply of [...order, addBrand]) {
    if (milliseconds > 0) await sleep(milliseconds / (order.length + 1));
    apply(objects);
    objects.changed();
  }
}

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((value) => ({ value, rank: Math.random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ value }) => value);
