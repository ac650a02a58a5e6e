import { createPublicKey, verify, type JsonWebKey as NodeKey } from "node:crypto";

/** What a token or the user info says. */
export type Claims = Readonly<Record<string, unknown>>;

/** A key of the provider's JWKS. */
export type ProviderKey = NodeKey & { readonly kid?: string; readonly use?: string };

export interface Expected {
  readonly issuer: string;
  readonly clientId: string;
  /** Other audiences that are accepted. */
  readonly audiences?: readonly string[];
  /** What was sent with the browser, if anything was. */
  readonly nonce?: string;
  /** Whether the token was checked before: its time and its client do not matter any more. */
  readonly checkedBefore?: boolean;
  /** What the provider says it signs with. */
  readonly algorithms?: readonly string[];
}

const digests: Readonly<Record<string, string>> = { RS256: "sha256", RS384: "sha384", RS512: "sha512" };

/** The claims of an ID token; throws unless signature, issuer, audience, time and nonce are right. */
export function verifyIdToken(token: string, keys: readonly ProviderKey[], expected: Expected): Claims {
  const [head = "", body = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0 || signature === "") throw new Error("malformed jwt, expected 3 parts");
  const { alg = "none", kid } = decode<{ alg?: string; kid?: string }>(head);
  const allowed = (expected.algorithms ?? ["RS256"]).filter((name) => digests[name] !== undefined);
  const digest = digests[alg];
  if (digest === undefined || !allowed.includes(alg)) {
    throw new Error(`id token signed with unsupported algorithm, expected [${allowed.join(" ")}] got "${alg}"`);
  }
  const signed = Buffer.from(`${head}.${body}`);
  const isSigned = keys
    .filter((key) => key.kty === "RSA" && (kid === undefined || key.kid === kid))
    .some((key) =>
      verify(digest, signed, createPublicKey({ key, format: "jwk" }), Buffer.from(signature, "base64url")),
    );
  if (!isSigned) throw new Error("failed to verify signature: failed to verify id token signature");
  const claims = decode<Claims>(body);
  checkClaims(claims, expected);
  return claims;
}

function checkClaims({ iss, aud, exp, nbf, nonce }: Claims, expected: Expected): void {
  const now = Date.now() / 1000;
  const given: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const accepted = [expected.clientId, ...(expected.audiences ?? [])];
  if (iss !== expected.issuer)
    throw new Error(`id token issued by a different provider, expected "${expected.issuer}" got "${String(iss)}"`);
  if (expected.checkedBefore) return;
  if (!given.some((each) => accepted.includes(String(each))))
    throw new Error(`expected audience "${expected.clientId}" got ${JSON.stringify(given)}`);
  if (typeof exp !== "number" || exp < now) throw new Error("token is expired");
  if (typeof nbf === "number" && nbf > now + 300) throw new Error("current time before the nbf (not before) time");
  if (expected.nonce !== undefined && nonce !== expected.nonce) throw new Error("invalid nonce");
}

function decode<T>(part: string): T {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as T;
  } catch {
    throw new Error("malformed jwt payload");
  }
}
