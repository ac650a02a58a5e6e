import { setTimeout as pause } from "node:timers/promises";

import type { Row } from "../../kit/rows";

/** The way to the server: through the database, because a command runs in whichever container. */
export interface Jobs {
  submit(kind: string, detail: Row): Promise<number>;
  answerOf(id: number): Promise<Row | undefined>;
}

/** What a command prints, and the code that it ends with. */
export interface Result {
  readonly code: number;
  readonly output: string;
}

const usage = "usage: ak create_recovery_key [duration] user";
const mostTries = 60;

/** `ak create_recovery_key [minutes] <username>`: the path of a link that logs in at once, without a flow. */
export async function createRecoveryKey(jobs: Jobs, args: readonly string[], wait = 500): Promise<Result> {
  const [username, minutes = "60", ...rest] = [...args].reverse();
  if (!username || rest.length > 0) return { code: 2, output: usage };
  if (!/^\d+$/.test(minutes))
    return { code: 2, output: `${usage}\nargument duration: invalid int value: '${minutes}'` };
  const id = await jobs.submit("recovery_key", { username, minutes: Number(minutes) });
  for (let count = 0; count < mostTries; count++) {
    const answer = await jobs.answerOf(id);
    if (answer?.error) return { code: 1, output: `CommandError: ${answer.error}` };
    const warning = `Store this link safely, as it will allow anyone to access authentik as ${username}.`;
    if (answer) return { code: 0, output: `${warning}\n${answer.path}` };
    await pause(wait);
  }
  return { code: 1, output: "CommandError: the server has not answered" };
}
