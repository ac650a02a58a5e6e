import type { IncomingMessage, ServerResponse } from "node:http";

import { serverError } from "../../../lab/authentik/api/http";
import type { AuthentikObjects } from "../../../lab/authentik/objects";
import { type RunningAuthentik, startAuthentik, type TestOptions } from "../../../lab/authentik/testing";
import type { Row } from "../../../lab/kit/rows";
import { freshness } from "../../../providers/authentik/memory";
import { patience } from "../../../providers/dynamic/http";
import { FaultyApi } from "./faulty-api";
import { hurry } from "./provider-stack";

/**
 * Authentik's REST API in this process: the lab's stand-in with short pages, a clock that stands still, keys that are
 * known, and faults.
 */
export class AuthentikApi extends FaultyApi {
  private constructor(private readonly running: RunningAuthentik) {
    super();
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
    const fault = this.arrived(line);
    if (!fault) return false;
    if (fault.as === "lost") {
      request.socket.destroy();
      return true;
    }
    if (typeof fault.as === "number") {
      request.resume();
      if (fault.as === 500) {
        serverError(request.method ?? "", response);
        return true;
      }
      response.writeHead(fault.as, { "content-type": "application/json", ...fault.headers });
      response.end(JSON.stringify(fault.body ?? { detail: "injected" }));
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

/** Starts the API before each test of a file, and stops it afterwards; nothing is waited for long. */
export function startForEachTest(use: (api: AuthentikApi) => void): void {
  let api: AuthentikApi;
  const lasting = freshness.time;
  // The first request of each type has its description read, which takes long where others work too.
  jest.setTimeout(30_000);
  beforeAll(() => {
    hurry();
    patience.timeout = 5_000;
  });
  beforeEach(async () => use((api = await AuthentikApi.start())));
  afterEach(async () => {
    freshness.time = lasting;
    await api.stop();
  });
}
