import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { listen, readBody, send } from "../kit/http";
import type { Caller } from "./access";
import { parseBody, parseForm } from "./body";
import { Refusal, notImplemented, unauthorized } from "./errors";
import type { Lab } from "./lab";
import { answer } from "./router";

const base = "/api2/json";

/** Of a body, which may have a file in it. */
const mostBytes = 2 ** 30;

/** Starts the API's HTTPS server. */
export function serveApi(lab: Lab): Promise<Server> {
  const { listen: place, tls } = lab.options;
  return listen(place.port, (request, response) => reply(lab, request, response), { address: place.address, tls });
}

/** The reason is also in the status line, as Proxmox sends it: the provider shows it to the user. */
async function reply(lab: Lab, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = await respond(lab, request).then(
    (data) => ({ status: 200, message: "OK", body: { data } }),
    (error: unknown) => (error instanceof Refusal ? error : mistake(error)),
  );
  response.statusMessage = answered.message.replace(/[^\x20-\x7e]+/g, " ").trim();
  send(response, answered.status, answered.body, { "content-type": "application/json;charset=UTF-8" });
}

async function respond(lab: Lab, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? "/", "https://node");
  const method = request.method ?? "GET";
  const content = await readBody(request, mostBytes);
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

/** A mistake of the stand-in itself. */
function mistake(error: unknown): Refusal {
  return new Refusal(500, error instanceof Error ? error.message : String(error));
}
