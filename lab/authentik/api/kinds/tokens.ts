import type { Row } from "../../../kit/rows";
import { duration } from "../../rows";
import { type Collection, routesOf, rowOf, show } from "../collection";
import { type Context, done, ok, type Route } from "../context";
import { invalid } from "../errors";
import { to } from "../references";
import { users } from "./users";

const tokens: Collection = {
  path: "/core/tokens/",
  id: "identifier",
  key: "identifier",
  table: "tokens",
  model: "Token",
  label: "authentik_core.token",
  ordering: "identifier",
  search: ["identifier", "intent", "description"],
  unique: { identifier: "Token with this identifier already exists." },
  references: { user: to.user },
  filters: {
    user__username: (row, value, { objects }) => objects.by("users", "pk", row.user)?.username === value,
  },
  defaults: ({ user }) => ({
    ...{ managed: null, identifier: "", intent: "api", user: user.pk, description: "", expires: null, expiring: true },
  }),
  validate({ intent = "api", user }, _context, row) {
    if (row && user !== undefined && user !== row.user) throw invalid("user", "User cannot be changed");
    if (!["api", "app_password"].includes(intent)) throw invalid("intent", `Invalid intent ${intent}`);
  },
  write(row, body, { objects, user: requester }, isNew) {
    const old = row.identifier as string;
    // What the body leaves out is filled in, for a change too: the requester's, and one of the API.
    Object.assign(row, { user: requester.pk, intent: "api" }, body);
    // How long a token of the API lasts is not the body's to say.
    if (row.intent === "api") row.expires = objects.now(duration(objects.settings.default_token_duration));
    const { tokenKeys } = objects.hidden;
    const key = isNew ? objects.newSecret() : (tokenKeys[old] ?? objects.newSecret());
    if (!isNew) delete tokenKeys[old];
    tokenKeys[row.identifier] = key;
  },
  removed: ({ identifier }, { objects }) => void delete objects.hidden.tokenKeys[identifier],
  shown(row, context) {
    const user = context.objects.by("users", "pk", row.user) ?? {};
    return { user_obj: show(users, user, context) };
  },
};

function view(context: Context): Row {
  const { objects, user, request } = context;
  const { identifier } = rowOf(tokens, context);
  objects.record("secret_view", user, { secret: { identifier } }, request.ip ?? null);
  return { key: objects.hidden.tokenKeys[identifier] ?? "" };
}

export const tokenRoutes: Route[] = [
  ...routesOf(tokens),
  { method: "GET", path: "/core/tokens/{identifier}/view_key/", handle: (context) => ok(view(context)) },
  {
    method: "POST",
    path: "/core/tokens/{identifier}/set_key/",
    handle(context) {
      const { identifier } = rowOf(tokens, context);
      context.objects.hidden.tokenKeys[identifier] = context.body.key;
      context.objects.record("secret_rotate", context.user, { secret: { identifier } }, context.request.ip ?? null);
      return done();
    },
  },
];
