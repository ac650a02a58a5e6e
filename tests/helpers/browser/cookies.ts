import { isIP } from "node:net";

/** A cookie as the jar keeps it. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The host that set it, or the domain it is for. */
  readonly domain: string;
  /** Whether only that host gets it, and not what is below. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Whether scripts of a page cannot read it. */
  readonly httpOnly: boolean;
  readonly sameSite: "strict" | "lax" | "none";
  /** Milliseconds since 1970; without, it lasts as long as the browser runs. */
  readonly expires?: number;
}

/** What a request is, as far as its cookies go. */
export interface Sending {
  readonly url: URL;
  readonly method: string;
  /** The page that led here; none where a person typed the address. */
  readonly from?: URL;
}

/**
 * Suffixes that no cookie may be for, from the public suffix list. `home.arpa` is on it (RFC 8375); every name of one part
 * counts as one. The rest of the list is not here.
 */
const publicSuffixes = ["home.arpa", "arpa"];

const isPublicSuffix = (domain: string): boolean => !domain.includes(".") || publicSuffixes.includes(domain);

/** The cookies of one browser, by the rules of RFC 6265bis. Domains of other public suffixes are not known. */
export class CookieJar {
  /** What `Set-Cookie` asked for and browsers refuse, with the reason. */
  readonly refused: string[] = [];
  private cookies: Cookie[] = [];

  /** Everything that has not expired. */
  all(): readonly Cookie[] {
    this.cookies = this.cookies.filter(({ expires = Infinity }) => expires > Date.now());
    return this.cookies;
  }

  /** Takes what a response of this URL says in `Set-Cookie`. */
  set(url: URL, header: string): void {
    const cookie = parse(url, header);
    if (typeof cookie === "string") return void this.refused.push(`${header.split("=")[0]}: ${cookie}`);
    this.cookies = this.cookies.filter((other) => !isSame(cookie, other));
    if ((cookie.expires ?? Infinity) > Date.now()) this.cookies.push(cookie);
  }

  /** The cookies that go with a request, in the order that browsers send them: longest path first. */
  for(sending: Sending): readonly Cookie[] {
    return this.all()
      .filter((cookie) => isFor(cookie, sending.url) && isAllowed(cookie, sending))
      .sort((one, other) => other.path.length - one.path.length);
  }

  /** The value that a script of the page at this URL can read. */
  readable(url: URL, name: string): string | undefined {
    return this.for({ url, method: "GET" }).find((cookie) => cookie.name === name && !cookie.httpOnly)?.value;
  }

  /** Forgets the cookies with this name; all of them without one. */
  clear(name?: string): void {
    this.cookies = this.cookies.filter((cookie) => name !== undefined && cookie.name !== name);
  }
}

/** Whether cookies for the one site are sent to the other as to itself: the same scheme, and the same registered name. */
export const isSameSite = (one: URL, other: URL): boolean => site(one) === site(other);

/** The cookie, or why a browser would refuse it. */
function parse(url: URL, header: string): Cookie | string {
  const [pair = "", ...rest] = header.split(";").map((part) => part.trim());
  const attributes = new Map(rest.map((part) => [part.split("=")[0]?.toLowerCase() ?? "", valueIn(part)]));
  const equals = pair.indexOf("=");
  if (equals < 1) return "has no name";
  const secure = attributes.has("secure");
  if (secure && !isTrustworthy(url)) return `is Secure, and ${url.origin} is not`;
  const sameSite = wordIn(["strict", "lax", "none"] as const, attributes.get("samesite")) ?? "lax";
  if (sameSite === "none" && !secure) return "is SameSite=None without Secure";
  const domain = attributes.get("domain")?.replace(/^\./, "").toLowerCase() || undefined;
  if (domain !== undefined && !isWithin(url.hostname, domain)) return `is for ${domain}, set by ${url.hostname}`;
  if (domain !== undefined && isPublicSuffix(domain) && domain !== url.hostname) {
    return `is for ${domain}, which is a public suffix`;
  }
  const hostOnly = domain === undefined || isPublicSuffix(domain);
  const asked = attributes.get("path");
  const path = asked?.startsWith("/") ? asked : defaultPath(url);
  const name = pair.slice(0, equals);
  if (name.startsWith("__Secure-") && !secure) return "has the prefix __Secure- without Secure";
  if (name.startsWith("__Host-") && !(secure && domain === undefined && path === "/")) {
    return "has the prefix __Host- without Secure, with a Domain, or with another path than /";
  }
  return {
    name,
    value: pair.slice(equals + 1),
    domain: domain ?? url.hostname,
    hostOnly,
    path,
    secure,
    sameSite,
    httpOnly: attributes.has("httponly"),
    expires: expiry(attributes.get("max-age"), attributes.get("expires")),
  };
}

const valueIn = (attribute: string): string => (attribute.includes("=") ? attribute.replace(/^[^=]*=\s*/, "") : "");

const wordIn = <Word extends string>(words: readonly Word[], text = ""): Word | undefined =>
  words.find((word) => word === text.toLowerCase());

function expiry(maxAge?: string, expires?: string): number | undefined {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Date.now() + Number(maxAge) * 1000;
  const time = Date.parse(expires ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function defaultPath({ pathname }: URL): string {
  return pathname.lastIndexOf("/") > 0 ? pathname.slice(0, pathname.lastIndexOf("/")) : "/";
}

const isSame = (one: Cookie, other: Cookie): boolean =>
  one.name === other.name && one.domain === other.domain && one.path === other.path && one.hostOnly === other.hostOnly;

const isWithin = (host: string, domain: string): boolean =>
  host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));

/** Browsers treat this computer as secure without TLS. */
const isTrustworthy = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

function isFor(cookie: Cookie, url: URL): boolean {
  const { domain, hostOnly, path, secure } = cookie;
  const below = path.endsWith("/") ? path : `${path}/`;
  return (
    (hostOnly ? url.hostname === domain : isWithin(url.hostname, domain)) &&
    (url.pathname === path || url.pathname.startsWith(below)) &&
    (!secure || isTrustworthy(url))
  );
}

function isAllowed({ sameSite }: Cookie, { url, method, from }: Sending): boolean {
  if (sameSite === "none" || from === undefined || isSameSite(from, url)) return true;
  return sameSite === "lax" && ["GET", "HEAD"].includes(method);
}

function site({ protocol, hostname }: URL): string {
  if (isIP(hostname) !== 0) return `${protocol}//${hostname}`;
  const labels = hostname.split(".");
  const depth = labels.findIndex((_label, index) => isPublicSuffix(labels.slice(index).join(".")));
  return `${protocol}//${labels.slice(Math.max(0, depth - 1)).join(".")}`;
}
