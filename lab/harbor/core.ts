import { readFileSync } from "node:fs";

import { serveMetrics } from "../kit/metrics";
import { required, runProgram, untilItAnswers } from "../kit/program";
import { database } from "./common/database";
import { Core } from "./core/server";
import { settingsOf } from "./core/settings";

async function main(): Promise<void> {
  const settings = settingsOf(readFileSync(process.env.TOKEN_PRIVATE_KEY_PATH ?? "/etc/core/private_key.pem", "utf8"));
  const store = database("POSTGRESQL", "DATABASE");
  await untilItAnswers(store);
  const core = await Core.start(settings, store, required("HARBOR_ADMIN_PASSWORD"));
  flush = () => core.flush();
  await serveMetrics(() => core.metrics());
  await core.listen(Number(process.env.PORT ?? 8080));
  console.info("core listens");
}

let flush = (): Promise<void> => Promise.resolve();
runProgram(main, () => flush());
