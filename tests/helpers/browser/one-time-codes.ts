import { setTimeout as pause } from "node:timers/promises";

import { Secret, TOTP, URI } from "otpauth";

/** The last step of 30 seconds that a code was shown for, by secret. */
const used = new Map<string, number>();

/**
 * An authenticator app's next code, for a secret in base32 or an `otpauth:` URL. No code is given twice, because Authentik
 * takes each once: the next one is given early, which Authentik allows by one step, or waited for.
 */
export async function oneTimeCode(secretOrUrl: string): Promise<string> {
  const totp = authenticatorOf(secretOrUrl);
  const key = totp.secret.base32;
  const step = Math.max(totp.counter(), (used.get(key) ?? 0) + 1);
  used.set(key, step);
  const early = step * totp.period * 1000 - Date.now() - totp.period * 1000;
  if (early > 0) await pause(early);
  return totp.generate({ timestamp: step * totp.period * 1000 });
}

/** The secret in what an authenticator app is set up with. */
export const secretIn = (url: string): string => authenticatorOf(url).secret.base32;

function authenticatorOf(secretOrUrl: string): TOTP {
  if (!secretOrUrl.startsWith("otpauth:")) return new TOTP({ secret: Secret.fromBase32(secretOrUrl) });
  const parsed = URI.parse(secretOrUrl);
  if (!(parsed instanceof TOTP)) throw new Error("the authenticator is one of counters, not of time");
  return parsed;
}
