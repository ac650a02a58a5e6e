import {
  createHash,
  createPrivateKey,
  createPublicKey,
  X509Certificate,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";

import type { AuthentikObjects } from "../objects";
import { Unsupported } from "../unsupported";

/** What a key of each type, and curve, signs with. Authentik takes no other (`JWTAlgorithms` in `providers/oauth2/models.py`). */
export const algorithms = { rsa: "RS256", prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" } as const;

/** What an application's tokens are signed with. */
export interface SigningKey {
  readonly algorithm: (typeof algorithms)[keyof typeof algorithms];
  readonly privateKey: JsonWebKey;
  /** As the application's `jwks` shows it. */
  readonly publicKey: JsonWebKey;
}

/** The keypair with this `pk`; none where it is gone or has no private key: then tokens are signed with the client's secret. */
export function signingKey(objects: AuthentikObjects, pk: string | null): SigningKey | undefined {
  const pem = pk ? objects.hidden.keyData[pk] : undefined;
  if (!pem) return undefined;
  const key = createPrivateKey(pem);
  const algorithm = algorithmOf(key);
  const shared = { kid: createHash("md5").update(pem).digest("hex"), alg: algorithm, use: "sig" };
  return {
    algorithm,
    privateKey: { ...key.export({ format: "jwk" }), ...shared },
    publicKey: { ...createPublicKey(key).export({ format: "jwk" }), ...shared, ...chainOf(objects, pk) },
  };
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): SigningKey["algorithm"] {
  const name = String(asymmetricKeyDetails?.namedCurve ?? type);
  if (name in algorithms) return algorithms[name as keyof typeof algorithms];
  throw new Unsupported(`Authentik signs with no key of the type ${name}`);
}

function chainOf(objects: AuthentikObjects, pk: string | null): JsonWebKey {
  const pem = objects.by("keypairs", "pk", pk)?.certificate_data as string | undefined;
  if (!pem) return {};
  const { raw } = new X509Certificate(pem);
  const thumbprint = (hash: string): string => createHash(hash).update(raw).digest("base64url");
  return { x5c: [raw.toString("base64")], x5t: thumbprint("sha1"), "x5t#S256": thumbprint("sha256") };
}
