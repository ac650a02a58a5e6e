import { setTimeout as sleep } from "node:timers/promises";

import type { Store } from "./store";

/**
 * Runs the program of a container. What it throws is a line in the log and the end. When the container is stopped it ends
 * too, after `before`: the first process of a container gets no default for that.
 */
export function runProgram(main: () => Promise<unknown>, before: () => Promise<unknown> = async () => undefined): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void before().finally(() => process.exit(0)));
  }
  main().catch((error: unknown) => {
    console.error(String(error));
    process.exit(1);
  });
}

/** A setting of the environment, which must be there. */
export function required(name: string, env: NodeJS.ProcessEnv = process.env): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`the environment has no ${name}`);
}

/** Waits for a database for a minute; after that the container ends and is started again. */
export async function untilItAnswers(store: Store): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await store.ping();
      return;
    } catch (error) {
      if (attempt === 60) throw error;
      await sleep(1000);
    }
  }
}

/** Lets something go on after the answer; a failure is a line in the log. */
export const inBackground = (work: Promise<unknown>): void =>
  void work.catch((error: unknown) => console.error(String(error)));
