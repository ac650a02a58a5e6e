import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Caller } from "./access";
import { parseBody, parseForm } from "./body";
import { ApiError, notImplemented, unauthorized } from "./errors";
import type { Lab } from "./lab";
import { answer } from "./router";

const base = "/api2/json";

/** The API's HTTPS server; it does not listen yet. */
export function apiServer(lab: Lab): Server {
  return createServer(lab.options.tls, (request, response) => {
    respond(lab, request).then(
      (data) => send(response, 200, "OK", { data }),
      (error: unknown) => sendError(response, error),
    );
  });
}

async function respond(lab: Lab, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? "/", "https://node");
  const method = request.method ?? "GET";
  const content = await readAll(request);
  if (!url.pathname.startsWith(`${base}/`)) throw notImplemented(method, url.pathname);
  const body = parseBody(request.headers["content-type"] ?? "", content);
  return answer(lab, {
    method,
    path: url.pathname.slice(base.length),
    parameters: { ...parseForm(url.searchParams), ...body.parameters },
    ...(body.upload ? { upload: body.upload } : {}),
    caller: identify(lab, request),
  });
}

function identify(lab: Lab, request: IncomingMessage): Caller | Error {
  try {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) return lab.access.token(authorization);
    const ticket = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(cookie ?? "")?.[1];
    if (ticket === undefined) return unauthorized("No ticket");
    const guard = request.headers["csrfpreventiontoken"];
    return lab.access.ticket(decodeURIComponent(ticket), request.method ?? "", guard?.toString());
  } catch (error) {
    return error instanceof Error ? error : unauthorized(String(error));
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function sendError(response: ServerResponse, error: unknown): void {
  const { status, reason, errors } = error instanceof ApiError ? error : internal(error);
  send(response, status, reason, { data: null, message: `${reason}\n`, ...(errors ? { errors } : {}) });
}

/** A mistake of the stand-in itself. */
function internal(error: unknown): ApiError {
  return new ApiError(500, error instanceof Error ? error.message : String(error));
}

/** The reason is also in the status line, as Proxmox sends it: the provider shows it to the user. */
function send(response: ServerResponse, status: number, reason: string, body: object): void {
  const line = reason.replace(/[^\x20-\x7e]+/g, " ").trim();
  response.writeHead(status, line, { "content-type": "application/json;charset=UTF-8" });
  response.end(JSON.stringify(body));
}
