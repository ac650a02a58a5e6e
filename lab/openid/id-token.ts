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

/** What each algorithm takes. */
interface Algorithm {
  readonly digest: string;
  readonly kty: string;
  readonly crv?: string;
}

/**
 * Those that both Harbor's library and Proxmox's verify: coreos/go-oidc 3 (`supportedAlgorithms` in `oidc/oidc.go`), and
 * openidconnect 4 (`verify_signature` in `src/core/jwk/mod.rs`), which has no ES512. Neither takes a secret.
 */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: { digest: "sha256", kty: "RSA" },
  RS384: { digest: "sha384", kty: "RSA" },
  RS512: { digest: "sha512", kty: "RSA" },
  ES256: { digest: "sha256", kty: "EC", crv: "P-256" },
  ES384: { digest: "sha384", kty: "EC", crv: "P-384" },
};

/** The claims of an ID token; throws unless signature, issuer, audience, time and nonce are right. */
export function verifyIdToken(token: string, keys: readonly ProviderKey[], expected: Expected): Claims {
  const [head = "", body = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0 || signature === "") throw new Error("malformed jwt, expected 3 parts");
  const { alg = "none", kid } = decode<{ alg?: string; kid?: string }>(head);
  const allowed = (expected.algorithms ?? ["RS256"]).filter((name) => algorithms[name] !== undefined);
  const algorithm = algorithms[alg];
  if (algorithm === undefined || !allowed.includes(alg)) {
    throw new Error(`id token signed with unsupported algorithm, expected [${allowed.join(" ")}] got "${alg}"`);
  }
  const { digest, kty, crv } = algorithm;
  const [signed, bytes] = [Buffer.from(`${head}.${body}`), Buffer.from(signature, "base64url")];
  const isSigned = keys
    .filter((key) => key.kty === kty && key.crv === crv && (kid === undefined || key.kid === kid))
    .map((key) => createPublicKey({ key, format: "jwk" }))
    .some((key) => verify(digest, signed, { key, dsaEncoding: "ieee-p1363" }, bytes));
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
