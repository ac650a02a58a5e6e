import { newRecoveryLink } from "../providers/authentik/recovery-link";
import { ApiError } from "../providers/dynamic/http";
import type { RemoteShell } from "./remote-shell";
import { lockedUsers, userNamed } from "./sso-people";
import type { Session } from "./sso-stack";

/** How a link is to be made. */
export interface RecoverOptions {
  /** How many minutes it works. */
  readonly minutes: number;
  /** Not through Authentik's API, but on the machine: a link that logs in at once. */
  readonly direct: boolean;
}

/**
 * Prints a link, good for one use, with which somebody gets in who cannot log in. Through Authentik's API it leads to the
 * choice of a new password. For an administrator, and where the API does not do it, it is made on the machine, and logs in
 * at once: without password, without second factor, and past a lock.
 */
export async function recover(
  session: Session,
  username: string,
  options: RecoverOptions,
  machine: RemoteShell,
): Promise<void> {
  const link = options.direct ? undefined : await recoveryFlowLink(session, username, options.minutes);
  session.print(link ?? (await directLink(session, username, options.minutes, machine)));
}

/** Nothing where only the machine helps; the reason is reported. */
async function recoveryFlowLink(session: Session, username: string, minutes: number): Promise<string | undefined> {
  const { api, report, stack } = session;
  try {
    const user = await userNamed(session, username);
    if (user.isActive === false) {
      throw new Error(
        `${username} is deactivated in Authentik; to give the account back: ${stack.commands.up} --refresh`,
      );
    }
    if (user.isSuperuser) {
      report(`${username} is an administrator, so that the link is made on the machine.`);
      return undefined;
    }
    const locked = await lockedUsers(api, username);
    const subject = { action: "create", object: "recovery link", name: username };
    const link = await newRecoveryLink(api, user, `minutes=${minutes}`, subject);
    report(
      `With this link ${username} chooses a new password; it works once, for ${minutes} minutes. ` +
        "It is to be opened where nobody is logged in, such as a private window. " +
        `Earlier links of ${username} to choose a password work no more.`,
    );
    if (locked.has(username)) {
      report(
        `${username} is locked now. To make the new password work at once: ${stack.commands.sso} unlock ${username}`,
      );
    }
    return link;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    report(`${error.message}\nSo the link is made on the machine.`);
    return undefined;
  }
}

/** Authentik's programs have their secrets from a file, which a command that comes from outside reads too. */
const inContainer = 'set -a && . /run/homelab/secrets.env && set +a && exec ak create_recovery_key "$1" "$2"';

async function directLink(
  { admin, report }: Session,
  username: string,
  minutes: number,
  machine: RemoteShell,
): Promise<string> {
  const command = ["docker", "exec", "authentik-worker", "/bin/sh", "-c", inContainer, "sh", String(minutes), username];
  const { stdout, stderr } = await machine(command);
  // A user that it does not know is no failure to Authentik, and its log is on standard output too.
  const path = /\/recovery\/use-token\/[\w-]+\//.exec(stdout)?.[0];
  if (path === undefined) {
    const said = stderr.trim().split("\n").slice(-5).join("\n");
    throw new Error(
      `no link was made for ${username}. Is the name right? Otherwise see docs/runbooks/sso-down.md. ` +
        `The machine said:\n${said || "nothing"}`,
    );
  }
  report(
    `Whoever opens this link is logged in as ${username}, without password and without second factor. It works once, for ` +
      `${minutes} minutes. Afterwards set a password: ${admin.url}/if/user/#/settings`,
  );
  return admin.url.replace(/\/$/, "") + path;
}
