import { createHash, createPrivateKey, createPublicKey, X509Certificate, type JsonWebKey } from "node:crypto";

import type { AuthentikObjects } from "../objects";

/** What an application's tokens are signed with. */
export interface SigningKey {
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  readonly privateKey: JsonWebKey;
  /** As the application's `jwks` shows it. */
  readonly publicKey: JsonWebKey;
}

/** The keypair with this `pk`; none where it is gone or has no private key: then tokens are signed with the client's secret. */
export function signingKey(objects: AuthentikObjects, pk: string | null): SigningKey | undefined {
  const pem = pk ? objects.hidden.keyData[pk] : undefined;
  if (!pem) return undefined;
  const key = createPrivateKey(pem);
  const kid = createHash("md5").update(pem).digest("hex");
  const algorithm = key.asymmetricKeyType === "rsa" ? "RS256" : key.asymmetricKeyType === "ec" ? "ES256" : "EdDSA";
  const shared = { kid, alg: algorithm, use: "sig" };
  return {
    algorithm,
    privateKey: { ...key.export({ format: "jwk" }), ...shared },
    publicKey: { ...createPublicKey(key).export({ format: "jwk" }), ...shared, ...chainOf(objects, pk) },
  };
}

function chainOf(objects: AuthentikObjects, pk: string | null): JsonWebKey {
  const pem = objects.by("keypairs", "pk", pk)?.certificate_data as string | undefined;
  if (!pem) return {};
  const { raw } = new X509Certificate(pem);
  return { x5c: [raw.toString("base64")], "x5t#S256": createHash("sha256").update(raw).digest("base64url") };
}
