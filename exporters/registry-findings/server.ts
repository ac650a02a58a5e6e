import { createServer, type Server } from "node:http";

import type { Self } from "./metrics";

/** Older than this, and what is shown is no longer what is there. */
const fresh = 15 * 60 * 1000;

/** Whether a round succeeded within the last 15 minutes, or could not yet, and Harbor takes the robot's login. */
export const healthy = ({ started, lastSuccess = started, refused }: Readonly<Self>, now: number): boolean =>
  refused !== true && now - lastSuccess < fresh;

/** Serves `/metrics` and `/healthy`. */
export function serve(port: number, metrics: () => string, isHealthy: () => boolean): Server {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    const known = request.method === "GET" || request.method === "HEAD";
    if (known && path === "/metrics") {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(metrics());
    } else if (known && path === "/healthy") {
      const ok = isHealthy();
      response.writeHead(ok ? 200 : 503, { "content-type": "text/plain" });
      response.end(
        ok ? "healthy\n" : "no complete round for 15 minutes, or the robot's login is refused: see the log\n",
      );
    } else {
      response.writeHead(known ? 404 : 405, { "content-type": "text/plain" }).end("there are /metrics and /healthy\n");
    }
  });
  server.maxConnections = 16;
  return server.listen(port);
}
