import type { User } from "@goauthentik/api";

import type { Authentik } from "../providers/authentik/api";
import type { Subject } from "../providers/dynamic/http";
import type { Session } from "./sso-stack";

/** What a call is about, for its error. */
const about = (action: string, object: string, name: string): Subject => ({ action, object, name });

/** The user of that name. Fails where there is none. */
export async function userNamed({ api, stack }: Session, username: string): Promise<User> {
  const rows = await api.list(about("read", "user", username), ({ core }, page) =>
    core.coreUsersList({ username, ...page }),
  );
  const found = rows.find((row) => row.username === username);
  if (found) return found;
  throw new Error(`there is no user "${username}"; see who there is: ${stack.commands.sso} status`);
}

/** Name of the policy that counts failed logins. */
const failedLogins = "homelab-failed-logins";

/** The sum of failed logins from which somebody is locked; nothing where nobody is ever locked. */
async function lockThreshold(api: Authentik): Promise<number | undefined> {
  const rows = await api.list(about("read", "reputation policy", failedLogins), ({ policies }, page) =>
    policies.policiesReputationList({ name: failedLogins, ...page }),
  );
  return rows.find(({ name }) => name === failedLogins)?.threshold;
}

/** Those who cannot log in now, because they failed too often. One user name asks for less. */
export async function lockedUsers(api: Authentik, username?: string): Promise<ReadonlySet<string>> {
  const threshold = await lockThreshold(api);
  if (threshold === undefined) return new Set();
  const sums = new Map<string, number>();
  for (const { identifier, score = 0 } of await scoresOf(api, username)) {
    sums.set(identifier, (sums.get(identifier) ?? 0) + score);
  }
  return new Set([...sums].filter(([, sum]) => sum <= threshold).map(([identifier]) => identifier));
}

async function scoresOf(api: Authentik, identifier?: string) {
  const rows = await api.list(about("read", "failed logins", identifier ?? "of everybody"), ({ policies }, page) =>
    policies.policiesReputationScoresList({ identifier, ...page }),
  );
  return rows.filter((row) => identifier === undefined || row.identifier === identifier);
}

/** Lets somebody try again at once: the failed logins are forgotten. */
export async function unlock(session: Session, username: string): Promise<void> {
  const { api, report } = session;
  await userNamed(session, username);
  const scores = await scoresOf(api, username);
  for (const { pk = "" } of scores) {
    await api.find(about("delete", "failed logins", username), ({ policies }) =>
      policies.policiesReputationScoresDestroy({ reputationUuid: pk }),
    );
  }
  report(
    scores.length > 0
      ? `${username} is not locked any more.`
      : `${username} was not locked: Authentik counts no failed login.`,
  );
}

/** Ends what somebody is logged in with to Authentik, on every device. */
export async function endSessions(session: Session, username: string): Promise<void> {
  const { api, report } = session;
  const { pk } = await userNamed(session, username);
  const rows = await api.list(about("read", "sessions", username), ({ core }, page) =>
    core.coreAuthenticatedSessionsList({ userUsername: username, ...page }),
  );
  const sessions = rows.filter(({ user }) => user === pk);
  for (const { uuid = "" } of sessions) {
    await api.find(about("end", "session", username), ({ core }) => core.coreAuthenticatedSessionsDestroy({ uuid }));
  }
  report(
    `Ended ${sessions.length} session(s) of ${username}. A service that keeps a login of its own lets ${username} in ` +
      "until that ends.",
  );
}
