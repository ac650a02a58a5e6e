import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

import { ApiError } from "../providers/dynamic/http";
import { remoteShell, type RemoteShell } from "./remote-shell";
import type { Report } from "./run";
import { endSessions, unlock } from "./sso-people";
import { recover } from "./sso-recover";
import { rotate } from "./sso-rotate";
import { resetSecondFactor } from "./sso-second-factor";
import { connect, readAdmin, type Session, type SsoStack } from "./sso-stack";
import { printStatus } from "./sso-status";
import { restoreToken } from "./sso-token";

/** The commands, for the usage of whoever offers them. */
export const commandList = `  status                       everybody: groups, active, second factor, locked, last login
  recover <user>               a link to get in with, once: a new password; an administrator is logged in at once
     --minutes 60                how long it works
     --direct                    make it on the machine, where Authentik's API or the flow does not work
  unlock <user>                forget failed logins
  reset-second-factor <user>   remove the authenticators, so that the next login enrols anew
  sessions <user> end          log out of Authentik everywhere
  rotate <service> [--yes]     a new client secret, with no failed login in between
  restore-token                make the program's API token work again; reads another one from standard input`;

/** What a command has around it. */
export interface Surroundings {
  readonly stack: SsoStack;
  /** Tells the person at the terminal; never a secret. */
  readonly report: Report;
  /** Takes what the command was run for. */
  readonly print: (result: string) => void;
  readonly stdin: NodeJS.ReadableStream;
  /** The shell of the machine at an address. Default: over SSH. */
  readonly machine?: (address: string) => RemoteShell;
}

/** A command line that was understood. */
export interface Command {
  /** The name after `--stack`. */
  readonly stack: string;
  /** Resolves to the exit code. */
  readonly run: (around: Surroundings) => Promise<number>;
}

const options = {
  stack: { type: "string", short: "s", default: "homelab" },
  minutes: { type: "string", default: "60" },
  direct: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
} as const;

/** Reads one of {@link commandList}; nothing where it is none of them. */
export function readCommand(line: readonly string[]): Command | undefined {
  const { values, positionals } = parseArgs({ args: [...line], options, allowPositionals: true });
  const [name = "", who = "", ...more] = positionals;
  const minutes = wholeMinutes(values.minutes);
  const command = (run: Command["run"]): Command => ({ stack: values.stack, run });

  switch ([name, ...(positionals.length > 1 ? ["<who>"] : []), ...more].join(" ")) {
    case "status":
      return command(inAuthentik(printStatus));
    case "recover <who>":
      return command(
        inAuthentik((session, { stack, machine = (address) => remoteShell(stack.pulumi, address) }) =>
          recover(session, who, { minutes, direct: values.direct }, machine(session.admin.address)),
        ),
      );
    case "unlock <who>":
      return command(inAuthentik((session) => unlock(session, who)));
    case "reset-second-factor <who>":
      return command(inAuthentik((session) => resetSecondFactor(session, who)));
    case "sessions <who> end":
      return command(inAuthentik((session) => endSessions(session, who)));
    case "rotate <who>":
      return command(({ stack, report }) => rotate(stack, who, values.yes ? ["--yes"] : [], report));
    case "restore-token":
      return command(inAuthentik(async (session, { stdin }) => restoreToken(session, (await text(stdin)).trim())));
    default:
      return undefined;
  }
}

function wholeMinutes(given: string): number {
  if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
  throw new Error(`--minutes ${given} is not a whole number of minutes from 1 to 99999`);
}

/** What works on Authentik's API. What nobody can mend in the call itself has a runbook. */
function inAuthentik(work: (session: Session, around: Surroundings) => Promise<void>): Command["run"] {
  return async (around) => {
    const { stack, report, print } = around;
    const admin = await readAdmin(stack);
    try {
      await work({ stack, admin, api: connect(admin), report, print }, around);
      return 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status, isOutage, message } = error;
      if (isOutage) throw new Error(`${message}\nSee docs/runbooks/sso-down.md.`);
      if (status !== 401 && status !== 403) throw error;
      const remedy = `${stack.commands.sso} restore-token (docs/runbooks/sso-admin-locked-out.md)`;
      throw new Error(`${message}\nTo make the program's own work again: ${remedy}`);
    }
  };
}
