import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

import { Refusal } from "./refusal";

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** How a server listens, besides its port. */
export interface ListenOptions {
  /** Default: all addresses of the computer. */
  readonly address?: string;
  /** Key and certificate, PEM. Default: no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** What is answered where the handler throws something else than a refusal. */
  readonly mistake?: Refusal;
}

const unknown = new Refusal(500, { errors: [{ code: "UNKNOWN", message: "unknown: internal server error" }] });

/** Answers requests. What a handler throws is the answer if it is a refusal, and otherwise a line in the log. */
export async function listen(port: number, handler: Handler, options: ListenOptions = {}): Promise<Server> {
  const { address, tls, mistake = unknown } = options;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await handler(request, response);
    } catch (error) {
      const isRefusal = error instanceof Refusal;
      if (!isRefusal) console.error(`${request.method} ${request.url}: ${String(error)}`);
      request.resume();
      const { status, body } = isRefusal ? error : mistake;
      if (response.headersSent) response.destroy();
      else send(response, status, body);
    }
  };
  const listener = (...exchange: Parameters<Handler>): void => void answer(...exchange);
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  // Layers take as long as they take.
  Object.assign(server, { requestTimeout: 0, timeout: 0, keepAliveTimeout: 120_000 });
  await listening(server, port, address);
  return server;
}

/** A server of any protocol. */
interface AnyServer {
  listen(port: number, address: string | undefined, ready: () => void): unknown;
  once(event: "error", handler: (error: Error) => void): unknown;
  removeListener(event: "error", handler: (error: Error) => void): unknown;
  address(): AddressInfo | string | null;
}

/** Resolves when a server listens. Fails where it cannot. */
export function listening(server: AnyServer, port: number, address?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

export const portOf = (server: Pick<AnyServer, "address">): number => (server.address() as AddressInfo).port;

/** Stops listening, and ends the connections that are open. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export function send(response: ServerResponse, status: number, body?: unknown, headers: object = {}): void {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** The whole body of a request, which must not be longer than this many bytes. */
export async function readBody(request: IncomingMessage, limit = 4 * 2 ** 20): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Error(`the body is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The value of a cookie of the request. */
export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim().split("=", 2));
  return pairs.find(([key]) => key === name)?.[1];
}

/** Throws unless the address answers with a good status. */
export async function ask(url: string, init: RequestInit = {}, seconds = 5): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(seconds * 1000), ...init });
  if (response.ok) return response;
  throw new Error(`${url} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
}
