import { createHash } from "node:crypto";

import type { Row } from "../../kit/rows";
import { Unsupported } from "../unsupported";
import type { AuthentikObjects } from "../objects";
import { expression } from "./expression";

/** What a scope tells of a user. */
export interface Scope {
  readonly name: string;
  readonly claims: readonly string[];
  valuesOf(user: Row): Row;
}

type Values = (objects: AuthentikObjects, user: Row) => Row;

const managed: Readonly<Record<string, Values>> = {
  openid: () => ({}),
  offline_access: () => ({}),
  email: (_, { email }) => ({ email, email_verified: false }),
  profile: (objects, user) => ({
    name: user.name,
    given_name: user.name,
    preferred_username: user.username,
    nickname: user.username,
    groups: objects.groupsOf(user).map(({ name }) => name as string),
  }),
  entitlements: () => ({ entitlements: [], roles: [] }),
  authentik_api: () => ({}),
};

const prefix = "goauthentik.io/providers/oauth2/scope-";

/** The scopes of a provider: Authentik's own, and others whose expression {@link expression} knows. */
export function scopesOf(objects: AuthentikObjects, provider: Row): Scope[] {
  const mappings: Row[] = (provider.property_mappings ?? []).flatMap(
    (pk: string) => objects.by("scopeMappings", "pk", pk) ?? [],
  );
  return mappings.map((mapping) => {
    const values = valuesOf(mapping);
    const nobody = { username: "", name: "", email: "", groups: [], attributes: {} };
    return {
      name: mapping.scope_name,
      claims: Object.keys(values(objects, nobody)),
      valuesOf: (user) => values(objects, user),
    };
  });
}

function valuesOf({ managed: id, name, expression: text }: Row): Values {
  if (!id) return expression(name, text);
  const values = managed[String(id).replace(prefix, "")];
  if (values) return values;
  throw new Unsupported(`the lab's Authentik does not have the claims of the scope mapping ${id}`);
}

/** Who a user is to the client, as `sub_mode` says. */
export function subjectOf(user: Row, provider: Row): string {
  switch (provider.sub_mode ?? "hashed_user_id") {
    case "user_id":
      return String(user.pk);
    case "user_uuid":
      return user.uuid;
    case "user_username":
      return user.username;
    case "user_email":
      return user.email;
    case "user_upn":
      return user.attributes?.upn ?? user.uid;
    default:
      return user.uid ?? createHash("sha256").update(`${user.pk}-homelab`).digest("hex");
  }
}
