import { ask, listen, send } from "../kit/http";
import { processLines } from "../kit/metrics";
import { required, runProgram } from "../kit/program";
import type { Row } from "../kit/rows";
import { database } from "./common/database";
import { exporterLines } from "./export/lines";
import { HarborObjects } from "./objects";

const env = process.env;

async function main(): Promise<void> {
  const store = database("HARBOR_DATABASE", "DBNAME");
  const core = `${env.HARBOR_SERVICE_SCHEME ?? "http"}://${required("HARBOR_SERVICE_HOST")}:${required("HARBOR_SERVICE_PORT")}`;
  const cached = Number(env.HARBOR_EXPORTER_CACHE_TIME ?? 23) * 1000;
  let [lines, until]: [string[], number] = [[], 0];

  async function collect(): Promise<string[]> {
    const health = await ask(`${core}/api/v2.0/health`).then(
      async (answer) => (await answer.json()) as Row,
      () => ({ status: "unhealthy", components: [{ name: "core", status: "unhealthy" }] }),
    );
    const objects = new HarborObjects();
    const text = await store.read().catch(() => undefined);
    if (text) objects.restore(text);
    return exporterLines(health, objects);
  }

  await listen(Number(env.HARBOR_EXPORTER_PORT ?? 8080), async (request, response) => {
    if (request.url !== (env.HARBOR_EXPORTER_METRICS_PATH ?? "/metrics")) return send(response, 404, "not found");
    if (Date.now() >= until) [lines, until] = [await collect(), Date.now() + cached];
    send(response, 200, [...lines, ...processLines(), ""].join("\n"));
  });
  console.info("exporter listens");
}

runProgram(main);
