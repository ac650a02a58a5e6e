import { createHash } from "node:crypto";

import { Refusal } from "../../../kit/refusal";
import type { Row } from "../../../kit/rows";
import { linkToken } from "../../recovery/tokens";
import { duration } from "../../rows";
import { badDuration, type Collection, rowOf, routesOf } from "../collection";
import { type Context, done, flag, ok, type Route } from "../context";
import { invalid } from "../errors";
import { to } from "../references";
import { partialGroup } from "./shown";

export const users: Collection = {
  path: "/core/users/",
  id: "id",
  table: "users",
  model: "User",
  label: "authentik_core.user",
  ordering: "username",
  search: ["email", "name", "uuid", "username"],
  unique: { username: "This field must be unique." },
  references: { groups: to.group, roles: to.role },
  emptied: ["groups", "roles"],
  defaults: ({ objects }) => newUser(objects),
  filters: {
    is_superuser: (row, value, { objects }) => objects.isSuperuser(row) === (value === "true"),
    groups_by_pk: (row, value) => row.groups.includes(value),
    groups_by_name: (row, value, { objects }) => objects.groupsOf(row).some(({ name }) => name === value),
    path_startswith: (row, value) => row.path.startsWith(value),
  },
  validate({ path = "", type }, _context, row) {
    if (path.startsWith("/") || path.endsWith("/")) throw invalid("path", "No leading or trailing slashes allowed.");
    if (path.includes("//")) throw invalid("path", "No empty segments in user path allowed.");
    if (type === "internal_service_account" && row?.type !== type) {
      throw invalid("type", "Can't change internal service account to other user type.");
    }
  },
  write(row, body, { objects }) {
    Object.assign(row, body, { last_updated: objects.now() });
  },
  shown: (row, context) => ({
    is_superuser: context.objects.isSuperuser(row),
    groups_obj: flag(context, "include_groups", true) ? context.objects.groupsOf(row).map(partialGroup) : null,
    roles_obj: flag(context, "include_roles", true) ? [] : null,
  }),
};

/** What a user has who was just made, besides what was said. */
export function newUser(objects: Context["objects"]): Row {
  const uuid = objects.newUuid();
  return {
    ...{ username: "", name: "", email: "", path: "users", type: "internal", is_active: true, attributes: {} },
    ...{ groups: [], roles: [], last_login: null, avatar: "/static/dist/assets/images/user_default.png" },
    ...{ uuid, uid: createHash("sha256").update(uuid).digest("hex") },
    ...{ date_joined: objects.now(), last_updated: objects.now(), password_change_date: objects.now() },
  };
}

function me({ objects, user }: Context): Row {
  const self = {
    ...user,
    is_superuser: objects.isSuperuser(user),
    is_current: true,
    groups: objects.groupsOf(user),
    ...{ roles: [], settings: {}, system_permissions: [] },
  };
  return { user: self, users: [self] };
}

/** A link that starts the recovery flow for a user. */
function recoveryLink(context: Context): Row {
  const { objects, request, body } = context;
  const user = rowOf(users, context);
  const flow = objects.by("flows", "pk", objects.brand?.flow_recovery);
  if (!flow) throw new Refusal(400, { non_field_errors: "No recovery flow set." });
  const text: string = body.token_duration ?? objects.settings.default_token_duration;
  const lasts = duration(text);
  if (lasts === undefined) throw badDuration("token_duration", text);
  const identifier = `${user.uid}-password-reset`;
  const token = { identifier, intent: "verification" as const, user: user.pk, flow: flow.slug };
  const key = linkToken(objects, { ...token, expires: objects.now(lasts) });
  return { link: `${request.origin}/if/flow/${flow.slug}/?flow_token=${key}` };
}

function serviceAccount({ objects, body }: Context): Row {
  if (objects.user(body.name)) throw invalid("name", "This field must be unique.");
  const user = objects.insertNumbered("users", {
    ...newUser(objects),
    ...{ username: body.name, name: body.name, type: "service_account", path: "goauthentik.io/service-accounts" },
  });
  const identifier = `service-account-${body.name}-password`;
  const expiring = body.expiring ?? true;
  const expires = body.expires ?? objects.now(360 * 86_400_000);
  const fields = {
    identifier,
    expiring,
    expires,
    user: user.pk,
    intent: "app_password",
    description: "",
    managed: null,
  };
  objects.insert("tokens", fields);
  const key = (objects.hidden.tokenKeys[identifier] = objects.newSecret());
  return { username: user.username, token: key, user_uid: user.uid, user_pk: user.pk };
}

export const userRoutes: Route[] = [
  ...routesOf(users),
  { method: "GET", path: "/core/users/me/", open: true, handle: (context) => ok(me(context)) },
  {
    method: "POST",
    path: "/core/users/{id}/set_password/",
    handle(context) {
      const user = rowOf(users, context);
      context.objects.setPassword(user, context.body.password);
      context.objects.record("password_set", user, {}, context.request.ip ?? null);
      return done();
    },
  },
  { method: "POST", path: "/core/users/{id}/recovery/", handle: (context) => ok(recoveryLink(context)) },
  { method: "POST", path: "/core/users/service_account/", handle: (context) => ok(serviceAccount(context)) },
];
