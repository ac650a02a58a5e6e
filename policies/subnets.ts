import { addressNumber } from "../config/address";

/** Whether a subnet is within those that nobody has in the internet (RFC 1918, RFC 4193). */
export function isPrivate(cidr: string): boolean {
  const own = extent(cidr);
  const within = (range: string): boolean => {
    const all = extent(range);
    return own !== undefined && all !== undefined && own.first >= all.first && own.last <= all.last;
  };
  return /^f[cd][\da-f]{2}:/i.test(cidr) || ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some(within);
}

/** The first and the last address of an IPv4 subnet; what Docker itself refuses or IPv6 has none. */
export function extent(cidr: string): { first: number; last: number } | undefined {
  const [, address = "", prefix = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const number = addressNumber(address);
  if (number === undefined) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}
