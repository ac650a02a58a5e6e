import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { HarborObjects } from "../../../lab/harbor/objects";
import { Refusal, type Request, type Result } from "../../../lab/harbor/rows";
import type { Row } from "../../../lab/kit/rows";
import { FaultyApi } from "./faulty-api";

/** Harbor's REST API in this process: the lab's stand-in with short pages, secrets that are known, and faults. */
export class HarborApi extends FaultyApi {
  readonly objects = new HarborObjects();

  private constructor(private readonly server: Server) {
    super();
    let secrets = 0;
    this.objects.newSecret = () => `Generated-Secret-${++secrets}`;
    this.objects.clock = () => 1_800_000_000_000;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => void this.answer(request, Buffer.concat(chunks).toString(), response));
    });
  }

  /** Listens on a free port, over TLS where a key and a certificate are given. */
  static async start(server: Server = createServer()): Promise<HarborApi> {
    const api = new HarborApi(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How a resource reaches this. */
  get connection() {
    return { endpoint: `http://127.0.0.1:${this.port}`, password: this.objects.password };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, text: string, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://harbor");
    const path = url.pathname.replace(/^\/api\/v2\.0/, "");
    const fault = this.arrived(`${request.method} ${path}`);
    if (fault?.as === "lost") return void request.socket.destroy();
    if (typeof fault?.as === "number") {
      return write(response, new Refusal(fault.as, "UNKNOWN", "injected").result, fault.headers);
    }
    const query = Object.fromEntries(url.searchParams);
    const body = text === "" ? undefined : (JSON.parse(text) as Row);
    const result = await this.perform({
      method: request.method ?? "",
      path,
      // At most 3 rows, so that a client must turn pages.
      query: { ...query, page_size: String(Math.min(Number(query.page_size ?? 10), 3)) },
      body: body ?? {},
      authorization: request.headers.authorization,
      byName: request.headers["x-is-resource-name"] === "true",
    });
    this.exchanges.push({ method: request.method ?? "", url, body, status: result.status, answer: result.body });
    if (fault?.as === "reset") return void request.socket.destroy();
    if (fault?.as === "hang") return;
    write(response, result);
  }

  private async perform(request: Request): Promise<Result> {
    try {
      return await this.objects.handle(request);
    } catch (error) {
      if (error instanceof Refusal) return error.result;
      throw error;
    }
  }
}

function write(response: ServerResponse, result: Result, headers: Record<string, string> = {}): void {
  const text = result.body === undefined ? "" : JSON.stringify(result.body);
  response.writeHead(result.status, { "content-type": "application/json", ...result.headers, ...headers });
  response.end(text);
}
