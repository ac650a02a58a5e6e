import { randomUUID } from "node:crypto";

import { inBackground } from "../kit/program";
import type { Row } from "../kit/rows";
import { applyBlueprints } from "./defaults";
import type { AuthentikObjects } from "./objects";
import { linkToken } from "./recovery/tokens";

type Work = (objects: AuthentikObjects, detail: Row, blueprintDelay: number) => Row;

/**
 * What the worker and the command line ask the server for, through the database. An answer with `error` says what is
 * wrong.
 */
const kinds: Readonly<Record<string, Work>> = {
  blueprints(objects, _detail, blueprintDelay) {
    inBackground(applyBlueprints(objects, blueprintDelay));
    return {};
  },

  /** `{ username, minutes }`: the answer is the `path` of a link that logs the user in. */
  recovery_key(objects, { username, minutes = 60 }) {
    const user = objects.user(username);
    if (!user) return { error: `there is no user ${username}` };
    const identifier = `ak-recovery-${username}-${randomUUID()}`;
    const expires = objects.now(Number(minutes) * 60_000);
    const key = linkToken(objects, { identifier, intent: "recovery", user: user.pk, expires });
    return { path: `/recovery/use-token/${key}/` };
  },
};

/** Does what was asked for. */
export function perform(objects: AuthentikObjects, kind: string, detail: Row, blueprintDelay = 0): Row {
  return kinds[kind]?.(objects, detail, blueprintDelay) ?? { error: `there is no job ${kind}` };
}
