import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Answers requests until the process ends. What a handler throws is a 500 and a line in the log. */
export async function listen(port: number, handler: Handler): Promise<Server> {
  const server = createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch((error: unknown) => {
      console.error(`${request.method} ${request.url}: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else send(response, 500, { errors: [{ code: "UNKNOWN", message: "unknown: internal server error" }] });
    });
  });
  // Layers take as long as they take.
  Object.assign(server, { requestTimeout: 0, timeout: 0, keepAliveTimeout: 120_000 });
  await new Promise<void>((resolve) => server.listen(port, resolve));
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export function send(response: ServerResponse, status: number, body?: unknown, headers: object = {}): void {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** The whole body of a request, which must not be longer than this. */
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

/** Lets something go on after the answer; a failure is a line in the log. */
export const inBackground = (work: Promise<unknown>): void =>
  void work.catch((error: unknown) => console.error(String(error)));

/** Throws unless the address answers with a good status. */
export async function ask(url: string, init: RequestInit = {}, seconds = 5): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(seconds * 1000), ...init });
  if (response.ok) return response;
  throw new Error(`${url} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
}

/** Ends the process when the container is stopped. The first process of a container gets no default for it. */
export function endOnSignal(before: () => Promise<unknown> = () => Promise.resolve()): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void before().finally(() => process.exit(0)));
  }
}

/** A setting of the environment, which must be there. */
export function required(name: string, env: NodeJS.ProcessEnv = process.env): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`the environment has no ${name}`);
}
