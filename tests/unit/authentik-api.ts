import type { IncomingMessage, ServerResponse } from "node:http";

import type { AuthentikObjects } from "../../lab/authentik/objects";
import type { Row } from "../../lab/authentik/rows";
import { type RunningAuthentik, startAuthentik, type TestOptions } from "../../lab/authentik/testing";

/** What goes wrong with requests that match. */
interface Fault {
  /** `POST /core/groups/`, as the start of a method and a path. */
  match: string;
  /** How many of them. Default 1. */
  times?: number;
  /**
   * A status: refused, nothing done. `reset`: done, and the connection is cut before the answer. `lost`: cut before it is
   * done. `hang`: done, and never answered.
   */
  as: number | "reset" | "lost" | "hang";
  /** The body of a refusal. Default: `{ detail: "injected" }`. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A request and its answer, as they went over the network. */
export interface Exchange {
  method: string;
  url: URL;
  body: unknown;
  status: number;
  answer: unknown;
}

/**
 * Authentik's REST API in this process: the lab's stand-in with short pages, a clock that stands still, keys that are
 * known, and faults.
 */
export class AuthentikApi {
  /** Every request that arrived, as `METHOD /path/`, without its query. */
  readonly log: string[] = [];
  /** Every request that was performed, with its answer. */
  readonly exchanges: Exchange[] = [];
  private readonly faults: Required<Fault>[] = [];

  private constructor(private readonly running: RunningAuthentik) {
    const { api } = running;
    const handle = api.handle.bind(api);
    api.handle = async (request) => {
      const result = await handle(request);
      const url = new URL(`${request.origin}/api/v3${request.path}?${request.query.toString()}`);
      const { method, body } = request;
      this.exchanges.push({ method, url, body, status: result?.status ?? 404, answer: result?.body });
      return result;
    };
  }

  static async start(options: TestOptions = {}): Promise<AuthentikApi> {
    const made: { api?: AuthentikApi } = {};
    const before = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> =>
      made.api !== undefined && made.api.meddle(request, response);
    const api = new AuthentikApi(await startAuthentik({ ...options, before }));
    made.api = api;
    let secrets = 0;
    api.objects.newSecret = () => `Generated-Secret-${++secrets}`;
    api.objects.clock = () => 1_800_000_000_000;
    // A client must turn pages.
    Object.assign(api.objects.settings, { pagination_default_page_size: 3, pagination_max_page_size: 3 });
    return api;
  }

  get objects(): AuthentikObjects {
    return this.running.objects;
  }

  get port(): number {
    return Number(new URL(this.running.url).port);
  }

  /** Resolves when all default objects are there. */
  get ready(): Promise<void> {
    return this.running.ready;
  }

  /** How a resource reaches this. */
  get connection() {
    return { endpoint: this.running.url, token: this.running.token };
  }

  fail(fault: Fault): void {
    this.faults.push({ times: 1, headers: {}, body: { detail: "injected" }, ...fault });
  }

  /** Nothing goes wrong any more. */
  mend(): void {
    this.faults.splice(0);
  }

  /** The requests that change something, since the last call. */
  writes(): string[] {
    return this.log.splice(0).filter((line) => !line.startsWith("GET "));
  }

  /** The row that has this in one of its fields. Fails where there is none. */
  row(table: Parameters<AuthentikObjects["by"]>[0], field: string, value: unknown): Row {
    const found = this.objects.by(table, field, value);
    if (found) return found;
    throw new Error(`no row of ${table} has the ${field} ${String(value)}`);
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  private async meddle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { pathname } = new URL(request.url ?? "", "http://authentik");
    const line = `${request.method} ${pathname.replace(/^\/api\/v3/, "")}`;
    this.log.push(line);
    const fault = this.faults.find(({ match, times }) => times > 0 && line.startsWith(match));
    if (!fault) return false;
    fault.times--;
    if (fault.as === "lost") {
      request.socket.destroy();
      return true;
    }
    if (typeof fault.as === "number") {
      request.resume();
      response.writeHead(fault.as, { "content-type": "application/json", ...fault.headers });
      response.end(JSON.stringify(fault.body));
      return true;
    }
    const end = fault.as === "reset" ? () => request.socket.destroy() : () => undefined;
    // What is done is done when the answer is written.
    response.writeHead = () => response;
    response.end = () => {
      end();
      return response;
    };
    return false;
  }
}
