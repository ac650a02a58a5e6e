import { request as plain, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { request as secured } from "node:https";
import type { LookupFunction } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { ApiError, type Subject } from "./api-error";
import { redactor } from "./redact";

export { ApiError, type Subject } from "./api-error";

/** How long a client waits and how often it tries. Times in milliseconds. */
export const patience = { attempts: 4, pause: 500, timeout: 30_000, login: 10_000, longestWait: 30_000 };

/** The longest answer that is read, in MiB. A page of a hundred rows has less than one. */
const longestAnswer = 32;

/** A service, and how to log in to it. */
export interface Server {
  /** What people call it: `Harbor`. */
  readonly product: string;
  /** Where its API starts, without a slash at the end. */
  readonly base: string;
  /** The IPv4 address that the name in `base` stands for, in place of what DNS says. */
  readonly address?: string;
  readonly authorization: string;
  /** Certificates that it is checked with, in place of what Node.js trusts. PEM. */
  readonly ca?: string;
  /** Values that must not be in a message. */
  readonly secrets: readonly string[];
  /** Whether it answers an error of its own with 405 and an empty body, where the request is no GET. Default `false`. */
  readonly hidesErrors?: boolean;
}

/** One request. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the base, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with a status below 300. `body` is `undefined` where there is none. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** No answer came. `sent` says whether the request may have reached the service. */
class Unanswered extends Error {
  constructor(
    readonly sent: boolean,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * A client for a JSON API. Calls run one after the other: checking a password costs the service a lot. What failed is tried
 * again only where that cannot do a thing twice, and never after a refused login, which would lock the account.
 */
export class Client {
  private last: Promise<unknown> = Promise.resolve();
  private refusal?: ApiError;
  /** Whether the last call met an outage; the next one then does not wait for its end once more. */
  private isDown = false;

  constructor(readonly server: Server) {}

  /** Sends the request; fails with an {@link ApiError}. */
  call(call: Call, subject: Subject): Promise<Answer> {
    const turn = this.last.then(() => this.attempt(call, subject));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async attempt(call: Call, subject: Subject): Promise<Answer> {
    if (this.refusal) throw this.refusal;
    const { secrets, authorization } = this.server;
    // With and without the word for its scheme.
    const clean = redactor([...secrets, authorization, authorization.replace(/^\w+ /, "")], call.body);
    for (let attempt = 1; ; attempt++) {
      const result = await this.send(call).then(
        (answer) => unrouted(this.server.hidesErrors === true ? uncovered(call, answer) : answer),
        (error: unknown) => error as Error,
      );
      if (!(result instanceof Error) && result.status < 300) {
        this.isDown = false;
        return parsed(result, this.server.product, subject);
      }
      const wait = attempt < patience.attempts && !this.isDown ? waitBeforeRetry(call, result, attempt) : undefined;
      if (wait === undefined) {
        const error = this.failure(call, result, subject, clean);
        if (error.status === 401) this.refusal = error;
        error.wasDown = this.isDown;
        this.isDown = error.isOutage;
        throw error;
      }
      await pause(wait);
    }
  }

  private failure(call: Call, result: RawAnswer | Error, subject: Subject, clean: (text: string) => string): ApiError {
    const { product } = this.server;
    if (result instanceof Error) {
      const unsure = call.method !== "GET" && !(result instanceof Unanswered && !result.sent);
      return new ApiError(product, 0, subject, clean(result.message), unsure);
    }
    const unsure = call.method !== "GET" && result.status >= 500;
    return new ApiError(product, result.status, subject, shortened(clean(messageIn(result.text))), unsure);
  }

  private send(call: Call): Promise<RawAnswer> {
    const { base, address, authorization, ca } = this.server;
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const headers: Record<string, string | number> = { accept: "application/json", authorization, ...call.headers };
    if (body) Object.assign(headers, { "content-type": "application/json", "content-length": body.length });
    const lookup = address === undefined ? undefined : alwaysAt(address);
    const options: RequestOptions = { method: call.method, headers, agent: false, lookup };
    const url = new URL(base + call.path);
    return new Promise((resolve, reject) => {
      let sent = false;
      // Said, so that no variable of the environment switches the check off.
      const trust = { ca, rejectUnauthorized: true };
      const request = url.protocol === "https:" ? secured(url, { ...options, ...trust }) : plain(url, options);
      const fail = (error: Error): void => reject(new Unanswered(sent, error.message || "the connection was closed"));
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${patience.timeout / 1000} s`)),
        patience.timeout,
      );
      request.once("close", () => clearTimeout(timer));
      request.once("socket", (socket) =>
        socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => (sent = true)),
      );
      request.once("error", fail);
      request.once("response", (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > longestAnswer * 2 ** 20)
            response.destroy(new Error(`the answer is longer than ${longestAnswer} MiB`));
        });
        response.once("error", fail);
        response.once("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.end(body);
    });
  }
}

/** Answers every name with one address. The name itself stays what the certificate is checked for. */
function alwaysAt(address: string): LookupFunction {
  return (_name, { all }, answer) => (all ? answer(null, [{ address, family: 4 }]) : answer(null, address, 4));
}

/** The error that the service had, where its answer is about the method only. */
function uncovered({ method }: Call, answer: RawAnswer): RawAnswer {
  if (method === "GET" || answer.status !== 405 || answer.text !== "") return answer;
  return { ...answer, status: 500, text: "it answered 405 and nothing else, as it does when it fails" };
}

/** What Traefik says where it has no route to the service, which then is not reached, and has lost nothing. */
function unrouted(answer: RawAnswer): RawAnswer {
  const isOfTheEdge = answer.status === 404 && answer.text.trim() === "404 page not found";
  return isOfTheEdge ? { ...answer, status: 503, text: "the edge has no route to it (404 page not found)" } : answer;
}

/** Milliseconds to wait before trying again; `undefined` where that would be wrong or in vain. */
function waitBeforeRetry(call: Call, result: RawAnswer | Error, attempt: number): number | undefined {
  const backoff = patience.pause * 2 ** (attempt - 1);
  const repeatable = call.method !== "POST";
  if (result instanceof Error) {
    return repeatable || (result instanceof Unanswered && !result.sent) ? backoff : undefined;
  }
  const { status, headers } = result;
  if (status === 429 || status === 503) {
    const asked = retryAfter(headers["retry-after"]);
    if (asked !== undefined) return asked <= patience.longestWait ? Math.max(asked, 1) : undefined;
    return repeatable ? backoff : undefined;
  }
  return repeatable && [500, 502, 504].includes(status) ? backoff : undefined;
}

function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(wait, 0) : undefined;
}

function parsed({ status, headers, text }: RawAnswer, product: string, subject: Subject): Answer {
  if (text.trim() === "") return { status, headers, body: undefined };
  try {
    return { status, headers, body: JSON.parse(text) };
  } catch {
    throw new ApiError(product, status, subject, "the answer is no JSON; does another service answer here?", false);
  }
}

/** After secrets were taken out: a part of one would not be found. */
const shortened = (text: string): string => text.slice(0, 400);

/**
 * What the body of a refusal says: `errors[]` as Harbor has it, `detail`, `message` as Grafana
 * has it, lists by field as Django has them, or the text.
 */
function messageIn(text: string): string {
  try {
    const body = JSON.parse(text) as Refused;
    const errors = body.errors?.map(({ code, message }) => [code, message].filter(Boolean).join(": "));
    const said: unknown = errors?.join("; ") ?? body.detail ?? body.message ?? (fieldErrors(body) || text);
    return typeof said === "string" ? said : JSON.stringify(said);
  } catch {
    return text.replace(/\s+/g, " ");
  }
}

/** A refusal's body, in the forms of several services. */
interface Refused {
  errors?: { code?: string; message?: string }[];
  detail?: unknown;
  message?: unknown;
}

const fieldErrors = (body: object): string =>
  Object.entries(body)
    .filter(([, messages]) => Array.isArray(messages))
    .map(([field, messages]) => `${field}: ${(messages as unknown[]).map(String).join(" ")}`)
    .join("; ");
