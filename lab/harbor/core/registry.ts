import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

import { send } from "../../kit/http";
import { without } from "../../kit/rows";

/** A body that was read already, in place of the client's. */
interface Instead {
  path?: string;
  body?: Buffer;
  /** Called before the client gets a good answer. */
  accepted?: (status: number, headers: IncomingHttpHeaders) => Promise<void> | void;
}

/** The distribution registry behind core, which knows only core's login. */
export class Registry {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly authorization: string;

  constructor(
    private readonly url: string,
    login: string,
  ) {
    this.authorization = `Basic ${Buffer.from(login).toString("base64")}`;
  }

  /** Passes a request on and its answer back, both while they arrive. Host stays: the registry makes addresses of it. */
  forward(request: IncomingMessage, response: ServerResponse, instead: Instead = {}): Promise<void> {
    return new Promise((resolve) => {
      const headers = without(request.headers, "connection", "expect", "authorization", "cookie");
      if (instead.body) headers["content-length"] = String(instead.body.length);
      const upstream = httpRequest(new URL(instead.path ?? request.url ?? "/", this.url), {
        method: request.method,
        agent: this.agent,
        headers: { ...headers, authorization: this.authorization },
      });
      upstream.once("response", (answer) => {
        this.passBack(answer, response, instead).then(resolve, (error: unknown) => {
          answer.destroy();
          fail(response, error);
          resolve();
        });
      });
      upstream.once("error", (error) => {
        fail(response, error);
        resolve();
      });
      response.once("close", () => {
        if (!response.writableFinished) upstream.destroy();
      });
      if (instead.body) upstream.end(instead.body);
      else request.pipe(upstream);
    });
  }

  private async passBack(answer: IncomingMessage, response: ServerResponse, { accepted }: Instead): Promise<void> {
    const { statusCode = 502, headers } = answer;
    if (statusCode < 300) await accepted?.(statusCode, headers);
    const kept = without(headers, "connection", "keep-alive", "transfer-encoding");
    response.writeHead(statusCode, kept);
    answer.pipe(response);
    await new Promise((resolve) => response.once("close", resolve));
  }
}

function fail(response: ServerResponse, error: unknown): void {
  console.error(`The registry: ${String(error)}`);
  if (response.headersSent) response.destroy();
  else send(response, 502, { errors: [{ code: "UNKNOWN", message: "the registry does not answer" }] });
}
