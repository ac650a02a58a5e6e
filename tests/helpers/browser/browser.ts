import { Agent, request as plain, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as secured } from "node:https";
import { isIP, type LookupFunction } from "node:net";

import { CookieJar } from "./cookies";

/** How a {@link Browser} reaches the world. */
export interface BrowserOptions {
  /** The CA it trusts besides no other, PEM. Default: what Node.js trusts. */
  readonly ca?: string;
  /**
   * Where names lead, in place of DNS: `{ "*.home.arpa": "198.18.60.60" }`. With a port, `127.0.0.1:8443`, that one is
   * connected to, whatever the URL says. A name that is not here is an error, unless there is a `lookup`.
   */
  readonly addresses?: Readonly<Record<string, string>>;
  /** A DNS for the other names. Default: none. */
  readonly lookup?: LookupFunction;
  /** Milliseconds to wait for each answer. Default 15,000. */
  readonly timeout?: number;
}

/** What to ask for, besides where. */
export interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form would. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as JSON, as scripts do. */
  readonly json?: unknown;
  /** The page that leads here. Default: none, a person typed the address. */
  readonly from?: URL;
}

/** An answer, and how the browser came to it. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Where it redirects to. */
  readonly redirect?: URL;
  /** Every URL on the way, this one last. */
  readonly visited: readonly URL[];
}

const mostRedirects = 20;

/**
 * A browser without a screen: names, TLS, cookies and redirects as browsers have them. Scripts do not run: what a page's
 * script would do is for the test to do, with `fetch`.
 */
export class Browser {
  readonly cookies = new CookieJar();
  private readonly agents: { readonly plain: Agent; readonly secured: SecureAgent };

  constructor(private readonly options: BrowserOptions = {}) {
    this.agents = { plain: new Agent({ keepAlive: true }), secured: new SecureAgent({ keepAlive: true }) };
  }

  /** Opens a page, and follows its redirects to the last one. */
  async open(url: string | URL, visit: Visit = {}): Promise<Page> {
    return this.follow(url, visit, { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
  }

  /** Asks as a script of the page does. Fails where that page may not read the answer: it is of another origin. */
  async fetch(page: Page, url: string, visit: Omit<Visit, "from"> = {}): Promise<Page> {
    const target = new URL(url, page.url);
    if (target.origin !== page.url.origin) throw new Error(`${page.url.origin} may not read ${target.origin}`);
    const origin = { accept: "application/json", referer: page.url.href, origin: page.url.origin };
    return this.follow(target, { ...visit, from: page.url }, origin);
  }

  /** Opens a page, or what it redirects to; one request. */
  async step(url: string | URL, { method = "GET", headers = {}, form, json, from }: Visit = {}): Promise<Page> {
    const target = new URL(url);
    const cookies = this.cookies.for({ url: target, method, from });
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json);
    const sent: Record<string, string> = { host: target.host, "user-agent": "Mozilla/5.0 (homelab tests)", ...headers };
    if (cookies.length > 0) sent.cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    if (form) sent["content-type"] = "application/x-www-form-urlencoded";
    if (json !== undefined) sent["content-type"] = "application/json";
    if (body !== undefined) sent["content-length"] = String(Buffer.byteLength(body));
    const answer = await this.send(target, { method, headers: sent }, body);
    for (const header of answer.headers["set-cookie"] ?? []) this.cookies.set(target, header);
    const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && answer.headers.location !== undefined;
    const redirect = isRedirect ? new URL(answer.headers.location ?? "", target) : undefined;
    return { url: target, ...answer, redirect, visited: [target] };
  }

  /** Closes its connections. */
  close(): void {
    this.agents.plain.destroy();
    this.agents.secured.destroy();
  }

  private async follow(url: string | URL, visit: Visit, headers: Record<string, string>): Promise<Page> {
    const visited: URL[] = [];
    let page = await this.step(url, { ...visit, headers: { ...headers, ...visit.headers } });
    for (visited.push(page.url); page.redirect; visited.push(page.url)) {
      if (visited.length > mostRedirects) throw new Error(`too many redirects: ${visited.slice(-4).join(" → ")}`);
      const keeps = [307, 308].includes(page.status);
      const next: Visit = keeps ? visit : { headers: visit.headers, from: visit.from };
      page = await this.step(page.redirect, { ...next, headers: { ...headers, ...visit.headers } });
    }
    return { ...page, visited };
  }

  private async send(
    url: URL,
    options: RequestOptions,
    body?: string,
  ): Promise<Pick<Page, "status" | "headers" | "text">> {
    const isSecure = url.protocol === "https:";
    const { ca, timeout = 15_000 } = this.options;
    const place = this.place(url);
    return new Promise((resolve, reject) => {
      const request = isSecure
        ? secured({ ...options, ...place, path: pathOf(url), agent: this.agents.secured, servername: nameOf(url), ca })
        : plain({ ...options, ...place, path: pathOf(url), agent: this.agents.plain });
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeout / 1000} s`)), timeout);
      request.once("close", () => clearTimeout(timer));
      request.once("error", (error: NodeJS.ErrnoException) => {
        // The server closed a connection that was kept, at the same time as it was used again.
        if (request.reusedSocket && error.code === "ECONNRESET") this.send(url, options, body).then(resolve, reject);
        else reject(new Error(`${options.method} ${url.origin}${url.pathname}: ${error.message}`));
      });
      request.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text: Buffer.concat(chunks).toString() });
        });
      });
      request.end(body);
    });
  }

  private place({ hostname, protocol, port }: URL): { host: string; port: number; lookup?: LookupFunction } {
    const usual = Number(port) || (protocol === "https:" ? 443 : 80);
    const host = hostname.replace(/^\[|\]$/g, "");
    const { addresses = {}, lookup } = this.options;
    const known = addresses[host] ?? addresses[host.replace(/^[^.]+/, "*")];
    if (known === undefined && !lookup && isIP(host) === 0 && host !== "localhost") {
      throw new Error(`no address is known for ${host}; add it to the browser's addresses`);
    }
    const [address = host, otherPort] = (known ?? host).split(/:(?=\d+$)/);
    return known === undefined ? { host, port: usual, lookup } : { host: address, port: Number(otherPort) || usual };
  }
}

const pathOf = ({ pathname, search }: URL): string => pathname + search;

/** The name for TLS; an address has none. */
const nameOf = ({ hostname }: URL): string => (isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? hostname : "");

/** What the page says as JSON. */
export function jsonIn<T>(page: Page): T {
  try {
    return JSON.parse(page.text) as T;
  } catch {
    throw new Error(`${page.url.origin}${page.url.pathname} answered ${page.status} and no JSON: ${excerpt(page)}`);
  }
}

/** The text of a page, without its tags. */
export const excerpt = ({ text }: Page): string =>
  text
    .replace(/<(style|script)[^>]*>.*?<\/\1>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
