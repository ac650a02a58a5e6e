/**
 * Exports what is wrong with the images in Harbor and since when, and what Harbor's own exporter leaves out: garbage
 * collection, scans, disk, robots' expiry. Runs in a container of 64 MiB, with the files of this folder alone.
 */
import { setTimeout as pause } from "node:timers/promises";

import { Collector } from "./collect";
import { FirstSeen } from "./first-seen";
import { Harbor } from "./harbor";
import { logger } from "./log";
import { metrics, type Self } from "./metrics";
import { healthy, serve } from "./server";
import { settings, type Settings } from "./settings";

/** A round that takes longer than this is given up, so that the next one starts in time. */
const longestRound = 4 * 60 * 1000;

async function run({ url, robot, secret, file, port, interval }: Settings): Promise<void> {
  const log = logger([secret, Buffer.from(`${robot}:${secret}`).toString("base64")]);
  const self: Self = { started: Date.now(), failedRounds: 0 };
  const firstSeen = FirstSeen.open(file, log);
  const collector = new Collector(new Harbor({ url, robot, secret }), firstSeen, log);
  const text = (): string => metrics(firstSeen, collector.readings, self, Date.now());
  serve(port, text, () => healthy(self, Date.now()));
  for (;;) {
    const start = Date.now();
    const complete = await collector.round(AbortSignal.timeout(longestRound));
    const end = Date.now();
    self.lastDuration = end - start;
    self.refused = collector.refused;
    if (complete) self.lastSuccess = end;
    else self.failedRounds++;
    await pause(Math.max(0, start + interval - end));
  }
}

// The first process of a container ends by a signal only where it says so. The file of dates is whole at any moment.
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(0));

Promise.resolve()
  .then(() => run(settings(process.env)))
  .catch((error: unknown) => {
    console.error(String(error));
    process.exit(1);
  });
