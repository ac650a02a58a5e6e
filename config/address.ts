/** A subnet: `cidr` as written, its first and last address as numbers, and its prefix length. */
export interface Subnet {
  readonly cidr: string;
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** A run of addresses, both ends included; `text` is how it is written, `192.168.1.50-192.168.1.59` or one address. */
export interface AddressRange {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** An IPv4 address as a number; `undefined` where the text is none. */
export function addressNumber(text: string): number | undefined {
  const parts = text.split(".");
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
}

/** Returns an IPv4 address unchanged; `undefined` where the text is none. */
export function parseAddress(text: string): string | undefined {
  return addressNumber(text) === undefined ? undefined : text;
}

/** Reads `192.168.1.0/24`; `undefined` unless it is the first address of a subnet with room for hosts (/8 to /30). */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const first = addressNumber(match?.[1] ?? "");
  const prefix = Number(match?.[2]);
  if (first === undefined || !(prefix >= 8 && prefix <= 30)) return undefined;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { cidr: text, first, last: first + size - 1, prefix } : undefined;
}

/** Reads `192.168.1.50-192.168.1.59` or a single address; `undefined` where the text is no range. */
export function parseRange(text: string): AddressRange | undefined {
  const [from = "", to = from, ...rest] = text.split("-").map((end) => end.trim());
  const first = addressNumber(from);
  const last = addressNumber(to);
  if (first === undefined || last === undefined || first > last || rest.length > 0) return undefined;
  return { text, first, last };
}

/** Whether a range or a subnet holds an address. */
export function contains(range: Pick<AddressRange, "first" | "last">, address: string): boolean {
  const number = addressNumber(address);
  return number !== undefined && number >= range.first && number <= range.last;
}

/** Whether a subnet has an address for a host: inside it, and neither its first (network) nor its last (broadcast). */
export function isHostAddress(subnet: Subnet, address: string): boolean {
  return contains({ first: subnet.first + 1, last: subnet.last - 1 }, address);
}

/** Mapped (`::ffff:`), of NAT64 (`64:ff9b::`, RFC 6052), compatible (`::`, of old). */
const standsForIpv4 = /^\[(?:::ffff:|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;

/**
 * Where an address leads, in one form: an IPv4 address in dotted decimal, however it is written in the URL, also as an IPv6
 * address that stands for one; a name in lower case, without a dot at its end; another IPv6 address in brackets.
 */
export function destination(url: URL): string {
  const mapped = standsForIpv4.exec(url.hostname);
  if (!mapped) return url.hostname.toLowerCase().replace(/\.+$/, "");
  const [high = 0, low = 0] = mapped.slice(1).map((part) => parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Whether a {@link destination} is the very computer that asks. Linux takes the unspecified address for it, too. */
export function isLoopback(host: string): boolean {
  return host === "[::1]" || host === "[::]" || /^(.+\.)?localhost$/.test(host) || /^(127|0)(\.\d+){3}$/.test(host);
}
