import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { readOpenSshKey } from "./openssh-key";

/** The key pair with which Pulumi logs in to the Proxmox node and to the tooling VM. */
export interface OperatorKey {
  /** Absolute path of the private key, for the `ssh` program. */
  file: string;
  /** Its text; a secret. */
  privateKey: pulumi.Output<string>;
  /** The line for `authorized_keys`. */
  publicKey: string;
}

/**
 * Reads the private key `file` and the public key beside it.
 *
 * @throws pulumi.RunError when a file is missing, others may read the private key, or it asks for a passphrase.
 */
export function readOperatorKey(file: string): OperatorKey {
  const path = resolve(file.replace(/^~(?=\/)/, homedir()));
  for (const needed of [path, `${path}.pub`]) {
    if (!existsSync(needed)) {
      throw new pulumi.RunError(
        `homelab:operatorKeyFile: there is no file ${needed}. Make a key pair with: ssh-keygen -t ed25519 -N '' -f ${join(path)}`,
      );
    }
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new pulumi.RunError(
      `homelab:operatorKeyFile: ${path} can be read by other users. Close it with: chmod 600 ${path}`,
    );
  }
  const privateKey = readFileSync(path, "utf8");
  if (isEncrypted(privateKey)) {
    throw new pulumi.RunError(
      `homelab:operatorKeyFile: ${path} is protected by a passphrase, which the Proxmox provider cannot ask for. ` +
        `Make a key pair for this stack alone with: ssh-keygen -t ed25519 -N '' -f ~/.ssh/homelab_ed25519`,
    );
  }
  return {
    file: path,
    privateKey: pulumi.secret(privateKey),
    publicKey: readFileSync(`${path}.pub`, "utf8").trim(),
  };
}

/** OpenSSH's own format names the cipher in its header; the PEM formats say so in a line. */
function isEncrypted(privateKey: string): boolean {
  if (/ENCRYPTED/.test(privateKey)) return true;
  return (readOpenSshKey(privateKey)?.cipher ?? "none") !== "none";
}
