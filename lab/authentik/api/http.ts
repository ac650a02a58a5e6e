import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, send } from "../../kit/http";
import { Refusal } from "../../kit/refusal";
import type { Row } from "../../kit/rows";
import type { ApiRequest } from "./context";
import type { AuthentikApi } from ".";

const base = "/api/v3";

/** Answers a request of the REST API; says whether it was one. */
export async function answerApi(
  api: AuthentikApi,
  request: IncomingMessage,
  response: ServerResponse,
  sessionOf: () => Row | undefined = () => undefined,
): Promise<boolean> {
  const url = new URL(request.url ?? "", originOf(request));
  if (!url.pathname.startsWith(`${base}/`)) return false;
  const path = url.pathname.slice(base.length);
  if (!api.has(path)) return false;
  const text = (await readBody(request)).toString();
  const body = parse(request, text);
  const asked: ApiRequest = {
    ...{ method: request.method ?? "", path, query: url.searchParams, body },
    session: request.headers.authorization === undefined ? sessionOf() : undefined,
    ...{ authorization: request.headers.authorization, origin: url.origin, ip: addressOf(request) },
  };
  try {
    const result = await api.handle(asked);
    if (result) send(response, result.status, result.body);
    else send(response, 404, { detail: "Not found." });
  } catch (error) {
    console.error(`${request.method} ${url.pathname}: ${String(error)}`);
    serverError(asked.method, response);
  }
  return true;
}

/** Authentik's page for errors of its own takes a GET alone: to any other method it says that, and not that it failed. */
export function serverError(method: string, response: ServerResponse): void {
  if (method === "GET") return send(response, 500, "<!DOCTYPE html><title>Server Error</title>");
  send(response, 405, undefined, { allow: "GET, HEAD, OPTIONS" });
}

function parse({ headers }: IncomingMessage, text: string): unknown {
  if (text === "") return undefined;
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type !== "application/json") throw new Refusal(415, { detail: `Unsupported media type "${type}" in request.` });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Refusal(400, { detail: `JSON parse error - ${(error as Error).message}` });
  }
}

/** Scheme and host as the browser has them: a proxy in front says them. */
export function originOf({ headers }: IncomingMessage): string {
  const scheme = first(headers["x-forwarded-proto"]) ?? "http";
  return `${scheme}://${first(headers["x-forwarded-host"]) ?? headers.host ?? "authentik"}`;
}

/** The address of who asks: a proxy in front says it. */
export const addressOf = ({ headers, socket }: IncomingMessage): string =>
  first(headers["x-forwarded-for"]) ?? (socket.remoteAddress ?? "").replace(/^::ffff:/, "");

const first = (value: string | string[] | undefined): string | undefined =>
  [value ?? []].flat().join(",").split(",")[0]?.trim() || undefined;
