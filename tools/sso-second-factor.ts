import type { AuthenticatorsApi, Device } from "@goauthentik/api";

import type { Authentik } from "../providers/authentik/api";
import { userNamed } from "./sso-people";
import type { Session } from "./sso-stack";

/** How a device of each type is removed, by the last part of its type. */
const removals: Readonly<Record<string, (api: AuthenticatorsApi, id: number) => Promise<void>>> = {
  duodevice: (api, id) => api.authenticatorsAdminDuoDestroy({ id }),
  emaildevice: (api, id) => api.authenticatorsAdminEmailDestroy({ id }),
  smsdevice: (api, id) => api.authenticatorsAdminSmsDestroy({ id }),
  staticdevice: (api, id) => api.authenticatorsAdminStaticDestroy({ id }),
  totpdevice: (api, id) => api.authenticatorsAdminTotpDestroy({ id }),
  webauthndevice: (api, id) => api.authenticatorsAdminWebauthnDestroy({ id }),
};

/** Removes everything that somebody has as a second factor, recovery codes too. The next login enrols anew. */
export async function resetSecondFactor(session: Session, username: string): Promise<void> {
  const { api, admin, report, stack } = session;
  const { pk } = await userNamed(session, username);
  const subject = { action: "read", object: "second factors", name: username };
  const devices = await api.call(subject, ({ authenticators }) =>
    authenticators.authenticatorsAdminAllList({ user: pk }),
  );
  for (const device of devices) await remove(api, device, username, admin.url);
  if (devices.length === 0) return report(`${username} has no second factor: the next login enrols one where it must.`);
  report(
    `Removed of ${username}: ${devices.map(({ verboseName, name }) => `${verboseName} "${name}"`).join(", ")}.\n` +
      `Until the next login enrols a new one, the password alone lets in: let ${username} log in now.\n` +
      `Was the device stolen? Then also: ${stack.commands.sso} sessions ${username} end`,
  );
}

async function remove(api: Authentik, device: Device, username: string, url: string): Promise<void> {
  const { pk, name, type, verboseName } = device;
  const removal = removals[kindOf(type)];
  if (!removal) {
    throw new Error(
      `this tool does not know how to remove the ${verboseName} "${name}" of ${username} (${type}); remove it at ` +
        `${url}/if/admin/#/identity/users, in the user's page below Credentials`,
    );
  }
  // One that is gone already is what was wanted.
  await api.find({ action: "delete", object: "second factor", name: `${username}/${name}` }, ({ authenticators }) =>
    removal(authenticators, Number(pk)),
  );
}

/**
 * The keys of the users who have a second factor that a login asks for. The lists by type say whose a device is, and the
 * list of all says whether its setting up was finished.
 */
export async function withSecondFactor(api: Authentik): Promise<ReadonlySet<number>> {
  const subject = { action: "read", object: "second factors", name: "of everybody" };
  const all = await api.call(subject, ({ authenticators }) => authenticators.authenticatorsAdminAllList());
  const confirmed = new Set(all.filter((device) => device.confirmed).map(({ type, pk }) => `${kindOf(type)} ${pk}`));
  const found = {
    totpdevice: await api.list(subject, ({ authenticators }, page) => authenticators.authenticatorsAdminTotpList(page)),
    webauthndevice: await api.list(subject, ({ authenticators }, page) =>
      authenticators.authenticatorsAdminWebauthnList(page),
    ),
    staticdevice: await api.list(subject, ({ authenticators }, page) =>
      authenticators.authenticatorsAdminStaticList(page),
    ),
  };
  return new Set(
    Object.entries(found).flatMap(([kind, devices]) =>
      devices.filter(({ pk }) => confirmed.has(`${kind} ${pk}`)).map(({ user }) => user.pk),
    ),
  );
}

/** The last part of a device's type, `authentik_stages_authenticator_totp.TOTPDevice`, in small letters. */
const kindOf = (type: string): string => type.toLowerCase().split(".").at(-1) ?? "";
