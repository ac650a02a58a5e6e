import { setTimeout as sleep } from "node:timers/promises";

import { servePage } from "../kit/metrics";
import { required, runProgram, untilItAnswers } from "../kit/program";
import { Core } from "./core";
import { Logins } from "./flows/logins";
import type { AuthentikObjects } from "./objects";
import { Database } from "./store";

/** The default objects take a few seconds, as they do in Authentik. */
const blueprintDelay = 4000;

/** The port of an address such as `0.0.0.0:9000`. */
const portOf = (name: string, fallback: number): number =>
  Number((process.env[`AUTHENTIK_LISTEN__${name}`] ?? "").split(":").at(-1) || fallback);

let core: Core | undefined;

async function main(): Promise<void> {
  required("AUTHENTIK_SECRET_KEY");
  await Core.listen(portOf("HTTP", 9000), () => core);
  await servePage(portOf("METRICS", 9300), "/metrics", () => core?.metrics() ?? []);
  const database = Database.fromEnvironment();
  await untilItAnswers(database);
  const { AUTHENTIK_BOOTSTRAP_PASSWORD: password, AUTHENTIK_BOOTSTRAP_TOKEN: token } = process.env;
  const email = process.env.AUTHENTIK_BOOTSTRAP_EMAIL;
  const login = (objects: AuthentikObjects): Logins => new Logins(objects);
  core = await Core.start({ store: database, blueprintDelay, password, token, email, login });
  console.info("server listens");
  for (;;) {
    await sleep(1000);
    await takeJobs(database, core);
  }
}

/** Does what other processes have asked for. That the database is away for a while is no reason to end. */
async function takeJobs(database: Database, running: Core): Promise<void> {
  try {
    for (const { id, kind, detail } of await database.waiting()) {
      await database.answer(id, running.perform(kind, detail));
    }
  } catch (error) {
    console.error(String(error));
  }
}

runProgram(main, async () => core?.flush());
