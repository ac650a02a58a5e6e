import { homedir } from "node:os";
import { resolve } from "node:path";

/** What a private key in OpenSSH's own form tells without its passphrase. */
export interface OpenSshKey {
  /** `none` where there is no passphrase. */
  readonly cipher: string;
  /** The public key as `authorized_keys` and `.pub` files have it, in base64. */
  readonly publicKey: string;
}

/**
 * Reads the head of a private key; nothing where it has another form, such as PEM, or is half a key.
 * Source: `PROTOCOL.key` of openssh-portable.
 */
export function readOpenSshKey(text: string): OpenSshKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const key = Buffer.from(body, "base64");
  let offset = "openssh-key-v1\0".length;
  const field = (): Buffer => {
    const start = offset + 4;
    // A key that is cut off has empty fields.
    offset = start + (start <= key.length ? key.readUInt32BE(offset) : 0);
    return key.subarray(start, offset);
  };
  const cipher = field().toString();
  // The name of the key's derivation and its options; then a count, which is 1.
  field();
  field();
  offset += 4;
  return cipher === "" ? undefined : { cipher, publicKey: field().toString("base64") };
}

/** The absolute path of a key file, as the config says it: `~/.ssh/homelab_ed25519`. */
export const keyPath = (file: string): string => resolve(file.replace(/^~(?=\/)/, homedir()));
