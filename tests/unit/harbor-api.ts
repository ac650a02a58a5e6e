import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { HarborObjects } from "./harbor-objects";
import { Refusal, type Request, type Result } from "./harbor-rows";

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

/** Harbor's REST API in this process, with those of its habits that a provider must know. It is no registry. */
export class HarborApi {
  readonly objects = new HarborObjects();
  /** Every request that arrived, as `METHOD /path`, without its query. */
  readonly log: string[] = [];
  private readonly faults: Required<Fault>[] = [];

  private constructor(private readonly server: Server) {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => this.answer(request, Buffer.concat(chunks).toString(), response));
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

  /** The requests that change something, since the last call. */
  writes(): string[] {
    return this.log.splice(0).filter((line) => !line.startsWith("GET "));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, text: string, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://harbor");
    const path = url.pathname.replace(/^\/api\/v2\.0/, "");
    const line = `${request.method} ${path}`;
    this.log.push(line);
    const fault = this.faults.find(({ match, times }) => times > 0 && line.startsWith(match));
    if (fault) fault.times--;
    if (fault?.as === "lost") return void request.socket.destroy();
    if (typeof fault?.as === "number") {
      return write(response, refused(new Refusal(fault.as, "UNKNOWN", "injected")), fault.headers);
    }
    const result = this.perform({
      method: request.method ?? "",
      path,
      query: Object.fromEntries(url.searchParams),
      body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
      authorization: request.headers.authorization,
      byName: request.headers["x-is-resource-name"] === "true",
    });
    if (fault?.as === "reset") return void request.socket.destroy();
    if (fault?.as === "hang") return;
    write(response, result);
  }

  private perform(request: Request): Result {
    try {
      return this.objects.handle(request);
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }
}

const refused = ({ status, code, message }: Refusal): Result => ({ status, body: { errors: [{ code, message }] } });

function write(response: ServerResponse, result: Result, headers: Record<string, string> = {}): void {
  const text = result.body === undefined ? "" : JSON.stringify(result.body);
  response.writeHead(result.status, { "content-type": "application/json", ...result.headers, ...headers });
  response.end(text);
}
