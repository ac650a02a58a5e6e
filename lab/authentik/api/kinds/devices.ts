import type { Row } from "../../../kit/rows";
import { type Collection, routesOf } from "../collection";
import { type Context, ok, type Route } from "../context";

const kinds: Record<string, { verbose: string; label: string }> = {
  totp: { verbose: "TOTP Device", label: "authentik_stages_authenticator_totp.totpdevice" },
  static: { verbose: "Static Device", label: "authentik_stages_authenticator_static.staticdevice" },
  // There are none: no stage here sets one up.
  webauthn: { verbose: "WebAuthn Device", label: "authentik_stages_authenticator_webauthn.webauthndevice" },
};

const collectionOf = (type: string): Collection => ({
  path: `/authenticators/admin/${type}/`,
  id: "id",
  table: "devices",
  includes: (row) => row.type === type,
  model: kinds[type]?.verbose ?? type,
  label: kinds[type]?.label ?? type,
  // Making one through the API is an error of Authentik's server: a device is made by the stage that sets it up.
  methods: ["list", "retrieve", "destroy"],
  shown: (row, { objects }) => ({
    user: objects.by("users", "pk", row.user) ?? {},
    token_set: (objects.hidden.staticTokens[row.pk] ?? []).map((token) => ({ token })),
  }),
  removed({ pk }, { objects }) {
    delete objects.hidden.totpSecrets[pk];
    delete objects.hidden.staticTokens[pk];
  },
});

function all({ objects, request }: Context): Row[] {
  const user = request.query.get("user");
  return objects.devices
    .filter((device) => user === null || String(device.user) === user)
    .map(({ pk, name, type, confirmed, created, last_updated, last_used }) => ({
      ...{ pk: String(pk), name, confirmed, created, last_updated: last_updated ?? created },
      ...{ last_used: last_used ?? null, extra_description: null, external_id: null },
      type: kinds[type]?.label ?? type,
      meta_model_name: kinds[type]?.label ?? type,
      verbose_name: kinds[type]?.verbose ?? type,
      verbose_name_plural: `${kinds[type]?.verbose ?? type}s`,
    }));
}

export const deviceRoutes: Route[] = [
  ...Object.keys(kinds).flatMap((type) => routesOf(collectionOf(type))),
  { method: "GET", path: "/authenticators/admin/all/", handle: (context) => ok(all(context)) },
];
