import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { cookieOf } from "../../kit/http";
import { Refusal } from "../rows";
import { carriesSession } from "./sessions";

const cookieName = "_gorilla_csrf";
const header = "x-harbor-csrf-token";

/**
 * Refuses a change that another site makes a browser send: its header must have the token that a page of Harbor's own got.
 * Here the token is the cookie's value; Harbor gives out a masked one each time.
 */
export function checkCsrf(request: IncomingMessage, response: ServerResponse, externalUrl: string): void {
  const forPrograms = /^\/(v2|api|service)\//.test(request.url ?? "");
  if (forPrograms && !carriesSession(request)) return;
  const known = cookieOf(request, cookieName);
  const token = known ?? randomBytes(32).toString("base64url");
  if (known === undefined) {
    const secure = externalUrl.startsWith("https:") ? "; Secure" : "";
    response.appendHeader(
      "set-cookie",
      `${cookieName}=${token}; Path=/; Max-Age=43200; HttpOnly${secure}; SameSite=Strict`,
    );
  }
  response.setHeader(header, token);
  if (["GET", "HEAD", "OPTIONS", "TRACE"].includes(request.method ?? "")) return;
  const given = request.headers[header];
  if (given === undefined) throw forbidden("CSRF token not found in request");
  if (known === undefined || given !== token) throw forbidden("CSRF token invalid");
}

const forbidden = (text: string): Refusal => new Refusal(403, "FORBIDDEN", text);
