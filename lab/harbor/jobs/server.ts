import { randomUUID } from "node:crypto";

import { listen, readBody, send } from "../../kit/http";
import { Counter } from "../../kit/metrics";
import type { CollectionJob } from "../core/garbage";
import { collect, readLog, type Surroundings } from "./collection";

/** What stands in for harbor-jobservice. A job is answered when it is done. */
export class JobService {
  private readonly counter = new Counter("harbor_jobservice_task_total");

  constructor(
    private readonly surroundings: Surroundings,
    private readonly coreSecret: string,
  ) {}

  listen(port: number): ReturnType<typeof listen> {
    return listen(port, async (request, response) => {
      const { method, url = "" } = request;
      if (url === "/api/v1/stats")
        return send(response, 200, { worker_pools: [{ status: "Healthy", concurrency: 1 }] });
      if (request.headers.authorization !== `Harbor-Secret ${this.coreSecret}`) {
        request.resume();
        return send(response, 401, { code: 10001, message: "unauthorized" });
      }
      const [, id = ""] = /^\/api\/v1\/jobs\/([\w-]+)\/log$/.exec(url) ?? [];
      const log = method === "GET" ? readLog(this.surroundings.logFolder, id) : undefined;
      if (log !== undefined) return send(response, 200, log);
      if (method !== "POST" || url !== "/api/v1/jobs")
        return send(response, 404, { code: 10010, message: "not found" });
      const body = (await readBody(request, 64 * 2 ** 20)).toString();
      const { job } = JSON.parse(body) as { job: { name: string; parameters: CollectionJob } };
      send(response, 202, { id: await this.run(job.name, job.parameters), status: "Success" });
    });
  }

  metrics(): string[] {
    return [`harbor_jobservice_info{node="lab",pool="lab",workers="1"} 1`, ...this.counter.lines()];
  }

  private async run(name: string, parameters: CollectionJob): Promise<string> {
    const id = randomUUID();
    const count = (status: string): void => this.counter.add({ type: name, status });
    try {
      if (name !== "GARBAGE_COLLECTION") throw new Error(`there is no job ${name}`);
      await collect(id, parameters, this.surroundings);
      count("Success");
      return id;
    } catch (error) {
      count("Error");
      throw error;
    }
  }
}
