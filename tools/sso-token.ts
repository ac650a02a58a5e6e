import type { User } from "@goauthentik/api";

import type { Authentik } from "../providers/authentik/api";
import { bootstrapToken as identifier } from "../providers/authentik/bootstrap-key";
import { connect, type Session, type SsoAdmin } from "./sso-stack";

/**
 * Makes the program's own API token anew after it was revoked, changed or deleted, with the key that the stack has. Takes
 * the key of another token of an administrator, made by hand for this.
 */
export async function restoreToken({ admin, report }: Session, temporary: string): Promise<void> {
  if (temporary === "" || temporary === admin.token) {
    throw new Error(
      `this needs the key of a temporary API token on standard input; make one at ${admin.url}/if/admin/#/core/tokens ` +
        "as an administrator, with the intent API",
    );
  }
  const api = connect(admin, temporary);
  const owner = await administrator(api, admin);
  const subject = { action: "restore", object: "API token", name: identifier };
  await api.find(subject, ({ core }) => core.coreTokensDestroy({ identifier }));
  const tokenRequest = { identifier, intent: "api" as const, user: owner.pk, expiring: false };
  await api.call(subject, ({ core }) => core.coreTokensCreate({ tokenRequest }));
  await api.call(subject, ({ core }) =>
    core.coreTokensSetKeyCreate({ identifier, tokenSetKeyRequest: { key: admin.token } }),
  );
  report("The program's API token works again. Delete the temporary one.");
}

async function administrator(api: Authentik, { username, url }: SsoAdmin): Promise<User> {
  const subject = { action: "read", object: "user", name: username };
  const rows = await api.list(subject, ({ core }, page) => core.coreUsersList({ username, ...page }));
  const found = rows.find((row) => row.username === username);
  if (found?.isSuperuser && found.isActive !== false) return found;
  throw new Error(
    `the token belongs to ${username}, who is no active administrator; make it one at ${url}/if/admin/#/identity/users: ` +
      'active, and in the group "authentik Admins"',
  );
}
