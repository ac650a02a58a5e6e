import { setTimeout as sleep } from "node:timers/promises";

import { listen, send } from "../kit/http";
import { sample, servePage } from "../kit/metrics";
import { runProgram } from "../kit/program";
import { Database } from "./store";

/**
 * What stands in for Authentik's worker: it has the default objects made, after the server has started. Nothing else of
 * what the worker does is simulated: no mail, no certificates from a folder, no outposts of their own.
 */
async function main(): Promise<void> {
  let errors = 0;
  await listen(9000, (request, response) => send(response, request.url?.startsWith("/-/health/") ? 200 : 404));
  await servePage(9300, "/metrics", () => [
    sample("authentik_tasks_workers", {}, 1),
    sample("authentik_tasks_queued", {}, 0),
    sample("authentik_tasks_errors_total", {}, errors),
  ]);
  const database = Database.fromEnvironment();
  for (let isAsked = false; !isAsked;) {
    await sleep(2000);
    try {
      await database.submit("blueprints");
      isAsked = true;
    } catch (error) {
      errors++;
      console.error(String(error));
    }
  }
  console.info("worker has asked for the default objects");
}

runProgram(main);
