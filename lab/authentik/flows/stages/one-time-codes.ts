import { createHmac, randomBytes } from "node:crypto";

import type { Row } from "../../../kit/rows";
import type { AuthentikObjects } from "../../objects";

const period = 30;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret of an authenticator app, base32. */
export const newSecret = (): string => encode(randomBytes(20));

/** What an authenticator app is set up with. */
export function setupUrl(issuer: string, username: string, secret: string, digits: number): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`;
  const parameters = `secret=${secret}&algorithm=SHA1&digits=${digits}&period=${period}&issuer=${encodeURIComponent(issuer)}`;
  return `otpauth://totp/${label}?${parameters}`;
}

/**
 * Whether a device gives this code now. Each is taken once: a time-based one also uses up those before it. After a wrong one
 * the device takes none for a second, after the next for two, then four, and so on.
 */
export function takeCode(objects: AuthentikObjects, device: Row, code: string): boolean {
  const failures = (objects.hidden.login.failures ??= {});
  const { count = 0, at = 0 } = (failures[device.pk] ?? {}) as { count?: number; at?: number };
  if (count > 0 && objects.clock() - at < 1000 * 2 ** (count - 1)) return false;
  if (!isCode(objects, device, code)) {
    failures[device.pk] = { count: count + 1, at: objects.clock() };
    return false;
  }
  delete failures[device.pk];
  return true;
}

function isCode(objects: AuthentikObjects, device: Row, code: string): boolean {
  const { staticTokens, totpSecrets } = objects.hidden;
  if (device.type === "static") {
    const tokens = staticTokens[device.pk] ?? [];
    if (!tokens.includes(code)) return false;
    staticTokens[device.pk] = tokens.filter((token) => token !== code);
    return true;
  }
  const secret = totpSecrets[device.pk];
  const step = secret === undefined ? undefined : stepOf(objects, secret, code, device.digits ?? 6);
  const used = (objects.hidden.login.codes ??= {});
  if (step === undefined || step <= (used[device.pk] ?? 0)) return false;
  used[device.pk] = step;
  return true;
}

/** The step of 30 seconds that a code is of: this one, or one beside it. */
export function stepOf(objects: AuthentikObjects, secret: string, code: string, digits: number): number | undefined {
  const now = Math.floor(objects.clock() / 1000 / period);
  return [now - 1, now, now + 1].find((step) => codeAt(secret, step, digits) === code);
}

/** RFC 6238, with SHA-1. */
function codeAt(secret: string, step: number, digits: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", decode(secret)).update(counter).digest();
  const value = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fffffff;
  return String(value % 10 ** digits).padStart(digits, "0");
}

function encode(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[parseInt(five, 2)]).join("");
}

function decode(text: string): Buffer {
  const bits = [...text.replace(/=+$/, "")].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0"));
  return Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((eight) => parseInt(eight, 2)));
}
