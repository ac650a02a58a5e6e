import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import { Browser } from "./browser";
import { selfSigned } from "./certificate";

/** A request, as a script of answers sees it. */
export interface Asked {
  /** `POST app.home.arpa/path?query` */
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What to answer; a string is a page. */
export type Answer =
  string | { readonly status: number; readonly headers?: OutgoingHttpHeaders; readonly text?: string };

/** Every name below `home.arpa`, answered by a function over TLS, with a certificate that a browser of it trusts. */
export class ScriptedSite {
  readonly asked: Asked[] = [];

  private constructor(
    private readonly server: Server,
    readonly ca: string,
    private readonly answer: (asked: Asked) => Answer,
  ) {
    server.on("request", (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const asked = { line: `${method} ${headers.host}${url}`, headers, body: Buffer.concat(chunks).toString() };
        this.asked.push(asked);
        const answered = this.answer(asked);
        const { status, headers: more, text = "" } = typeof answered === "string" ? page(answered) : answered;
        response.writeHead(status, more).end(text);
      });
    });
  }

  static async start(answer: (asked: Asked) => Answer): Promise<ScriptedSite> {
    const { key, cert } = selfSigned("*.home.arpa", "ec");
    const server = createServer({ key, cert });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new ScriptedSite(server, cert, answer);
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A browser that trusts this and finds it under every name. */
  browser(): Browser {
    return new Browser({ ca: this.ca, addresses: { "*.home.arpa": this.address } });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const page = (text: string): { status: number; headers?: OutgoingHttpHeaders; text: string } => ({ status: 200, text });
