import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";

/** How a relying party reaches the provider. */
export interface Transport {
  /** The certificates that are trusted, PEM; Node.js's own without it. Asked at each request. */
  readonly roots?: () => readonly string[];
  /** Whether a certificate must be trusted. Default true. */
  readonly verify?: boolean;
  /** How names become addresses, where it is not this computer that knows them. */
  readonly lookup?: RequestOptions["lookup"];
}

/** An answer of the provider. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Sent {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const timeout = 15_000;
const limit = 2 ** 20;

/** Sends one request, on a connection of its own. */
export function send(url: string, sent: Sent, { roots, verify = true, lookup }: Transport): Promise<Answer> {
  const { method = "GET", headers = {}, body } = sent;
  const isHttps = new URL(url).protocol === "https:";
  const trusted = isHttps ? { rejectUnauthorized: verify, ...(roots && { secureContext: contextOf(roots()) }) } : {};
  const options = { method, headers: { ...headers }, agent: false, timeout, ...trusted, ...(lookup && { lookup }) };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new Error(`${method === "GET" ? "Get" : "Post"} "${url}": ${error.message}`));
    const request = (isHttps ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > limit) response.destroy(new Error(`the answer is longer than ${limit} characters`));
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.once("error", fail);
    });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.once("error", fail);
    request.end(body);
  });
}

let last: { roots: string; context: SecureContext } | undefined;

/** Reading all the certificates that a system trusts takes longer than a request. */
function contextOf(given: readonly string[]): SecureContext {
  const roots = given.join("\n");
  if (last?.roots !== roots) last = { roots, context: createSecureContext({ ca: [...given] }) };
  return last.context;
}
