import type { Row } from "../kit/rows";

/** What is never answered, by the key of the row that it belongs to. */
export interface Hidden {
  /** Hashes, by the user's `pk`. Absent: no password lets the user in. */
  passwords: Record<string, string>;
  /** By the token's `identifier`. */
  tokenKeys: Record<string, string>;
  /** Private keys, PEM, by the keypair's `pk`. */
  keyData: Record<string, string>;
  /** Base32, by the device's `pk`. */
  totpSecrets: Record<string, string>;
  /** By the device's `pk`. */
  staticTokens: Record<string, string[]>;
  /** What logins keep, by a name of their own: keys of cookies, sessions of the outpost, grants. */
  login: Record<string, Row>;
}

const units: Readonly<Record<string, number>> = {
  milliseconds: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** A duration as Authentik writes it, `days=3;hours=1`, in milliseconds; nothing where it is none. */
export function duration(text: string): number | undefined {
  let total = 0;
  for (const part of text.split(/[;,]/)) {
    const [, unit = "", amount = ""] = /^\s*(\w+)=(-?\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    const factor = units[unit];
    if (factor === undefined) return undefined;
    total += factor * Number(amount);
  }
  return total;
}
