import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { endOnSignal, required } from "./common/http";
import { serveMetrics } from "./common/metrics";
import { Psql } from "./common/psql";
import { Core } from "./core/server";
import { settingsOf } from "./core/settings";
import { DatabaseStore } from "./core/store";

async function main(): Promise<void> {
  const settings = settingsOf(readFileSync(process.env.TOKEN_PRIVATE_KEY_PATH ?? "/etc/core/private_key.pem", "utf8"));
  const store = new DatabaseStore(Psql.from("POSTGRESQL", "DATABASE"));
  await untilItAnswers(store);
  const core = await Core.start(settings, store, required("HARBOR_ADMIN_PASSWORD"));
  flush = () => core.flush();
  await serveMetrics(() => core.metrics());
  await core.listen(Number(process.env.PORT ?? 8080));
  console.info("core listens");
}

/** As Harbor, for a minute; after that the container ends and is started again. */
async function untilItAnswers(store: DatabaseStore): Promise<void> {
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

let flush = (): Promise<void> => Promise.resolve();
endOnSignal(() => flush());
main().catch((error: unknown) => {
  console.error(String(error));
  process.exit(1);
});
