import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { HarborObjects } from "../../lab/harbor/objects";
import { Refusal, type Request, type Result, type Row } from "../../lab/harbor/rows";

/** What goes wrong with requests that match. */
interface Fault {
  /** `POST /projects`, as the start of a method and a path. */
  match: string;
  /** How many of them. Default 1. */
  times?: number;
  /**
   * A status: refused, nothing done. `reset`: done, and the connection is cut before the answer. `lost`: cut before it is
   * done. `hang`: done, and never answered.
   */
  as: number | "reset" | "lost" | "hang";
  headers?: Record<string, string>;
}

/** A request with a body and its answer, as they went over the network. */
export interface Exchange {
  method: string;
  url: URL;
  body: unknown;
  status: number;
  answer: unknown;
}

/** Harbor's REST API in this process: the lab's stand-in with short pages, secrets that are known, and faults. */
export class HarborApi {
  readonly objects = new HarborObjects();
  /** Every request that arrived, as `METHOD /path`, without its query. */
  readonly log: string[] = [];
  /** Every request that was performed, with its answer. */
  readonly exchanges: Exchange[] = [];
  private readonly faults: Required<Fault>[] = [];

  private constructor(private readonly server: Server) {
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

  fail(fault: Fault): void {
    this.faults.push({ times: 1, headers: {}, ...fault });
  }

  /** Nothing goes wrong any more. */
  mend(): void {
    this.faults.splice(0);
  }

  /** The requests that change something, since the last call. */
  writes(): string[] {
    return this.log.splice(0).filter((line) => !line.startsWith("GET "));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, text: string, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://harbor");
    const path = url.pathname.replace(/^\/api\/v2\.0/, "");
    const line = `${request.method} ${path}`;
    this.log.push(line);
    const fault = this.faults.find(({ match, times }) => times > 0 && line.startsWith(match));
    if (fault) fault.times--;
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
