import { BlockList, isIP } from "node:net";
import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, send } from "../../kit/http";
import type { Row } from "../../kit/rows";

/** What a cookie is set with. */
export interface CookieOptions {
  /** Seconds. Default: until the browser is closed. */
  readonly maxAge?: number;
  /** Default: true. */
  readonly httpOnly?: boolean;
}

const privateNetworks = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fe80::/10,::1/128";

/** A request of a browser or client, and its answer: public address, cookies, pages. */
export class Exchange {
  /** As the browser sees it: headers of a proxy count where it is a trusted one. */
  readonly url: URL;
  readonly clientIp: string;
  readonly cookies: Readonly<Record<string, string>>;
  private readonly setCookies: string[] = [];

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    trusted = process.env.AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS || privateNetworks,
  ) {
    const remote = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    const forwarded = (name: string): string | undefined =>
      isWithin(remote, trusted) ? first(request.headers[`x-forwarded-${name}`]) : undefined;
    const host = forwarded("host") ?? request.headers.host ?? "localhost";
    this.url = new URL(`${forwarded("proto") ?? "http"}://${host}${request.url ?? "/"}`);
    this.clientIp = forwarded("for") ?? remote;
    this.cookies = cookiesOf(request);
  }

  get method(): string {
    return this.request.method ?? "GET";
  }

  get isSecure(): boolean {
    return this.url.protocol === "https:";
  }

  async body(): Promise<string> {
    return (await readBody(this.request, 128 * 1024)).toString();
  }

  /** The fields that a script or a form sent. */
  async fields(): Promise<Row> {
    const text = await this.body();
    const isJson = (this.request.headers["content-type"] ?? "").includes("json");
    return isJson ? (JSON.parse(text || "{}") as Row) : Object.fromEntries(new URLSearchParams(text));
  }

  setCookie(name: string, value: string, { maxAge, httpOnly = true }: CookieOptions = {}): void {
    const attributes = ["Path=/", "SameSite=Lax"];
    if (httpOnly) attributes.push("HttpOnly");
    if (this.isSecure) attributes.push("Secure");
    if (maxAge !== undefined) attributes.push(`Max-Age=${Math.floor(maxAge)}`);
    this.setCookies.push([`${name}=${value}`, ...attributes].join("; "));
    this.response.setHeader("set-cookie", this.setCookies);
  }

  json(status: number, body: object): void {
    send(this.response, status, body);
  }

  redirect(location: string): void {
    send(this.response, 302, "", { location, "cache-control": "no-store" });
  }

  /** An HTML page with a title and paragraphs, which are plain text. */
  page(status: number, title: string, ...paragraphs: string[]): void {
    const body = paragraphs.map((text) => `<p>${escaped(text)}</p>`).join("\n");
    const html = `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${escaped(title)} - authentik</title></head>
<body>\n<h1>${escaped(title)}</h1>\n${body}\n<p><small>This is the lab's stand-in for Authentik.</small></p>\n</body>\n</html>\n`;
    send(this.response, status, html, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  }
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const first = (header: string | string[] | undefined): string | undefined =>
  [header].flat()[0]?.split(",")[0]?.trim() || undefined;

export function cookiesOf({ headers }: IncomingMessage): Record<string, string> {
  const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
  return Object.fromEntries(
    pairs.filter((pair) => pair.includes("=")).map((pair) => [pair.split("=")[0], pair.slice(pair.indexOf("=") + 1)]),
  );
}

function isWithin(address: string, networks: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const list = new BlockList();
  for (const network of networks.split(",")) {
    const [prefix = "", length = ""] = network.trim().split("/");
    const family = isIP(prefix) === 6 ? "ipv6" : "ipv4";
    if (isIP(prefix) !== 0) list.addSubnet(prefix, Number(length || (family === "ipv6" ? 128 : 32)), family);
  }
  return list.check(address, version === 6 ? "ipv6" : "ipv4");
}
