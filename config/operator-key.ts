import { readFileSync, type Stats, statSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";

import { keyPath, readOpenSshKey } from "./openssh-key";

/** The key pair with which Pulumi logs in to the Proxmox node and to the tooling VM. */
export interface OperatorKey {
  /** Absolute path of the private key, for the `ssh` program. Its text is no input of anything: an SSH agent has it. */
  file: string;
  /** The line for `authorized_keys`. */
  publicKey: string;
}

/**
 * Reads the private key `file` and the public key beside it.
 *
 * @throws pulumi.RunError when a file is missing, others may read the private key, it asks for a passphrase, or the public
 * key is none, or another one's.
 */
export function readOperatorKey(file: string): OperatorKey {
  const path = keyPath(file);
  const quoted = /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path}'`;
  const refuse = (problem: string): never => {
    throw new pulumi.RunError(`homelab:operatorKeyFile: ${problem}`);
  };
  if (path.endsWith(".pub"))
    refuse(`${path} is the public half of a key pair; name the file of the private key beside it`);
  const { mode } = statOf(path) ?? refuse(`there is no file ${path}. Make a key pair with: ${newPair} -f ${quoted}`);
  if ((mode & 0o077) !== 0) {
    refuse(`${path} can be read by other users. Close it with: chmod 600 ${quoted}`);
  }
  const privateKey = readFileSync(path, "utf8");
  const header = readOpenSshKey(privateKey);
  if (/ENCRYPTED/.test(privateKey) || (header && header.cipher !== "none")) {
    refuse(
      `${path} is protected by a passphrase, which the Proxmox provider cannot ask for. ` +
        `Make a key pair for this stack alone with: ${newPair} -f ~/.ssh/homelab_ed25519`,
    );
  }
  const writeAnew = `Write it anew with: ssh-keygen -y -f ${quoted} >${quoted}.pub`;
  if (!statOf(`${path}.pub`)) refuse(`there is no file ${path}.pub. ${writeAnew}`);
  const publicKey = readFileSync(`${path}.pub`, "utf8").trim();
  const [, blob] = /^[a-z][\w.@-]+ ([A-Za-z0-9+/]+=*)( .*)?$/.exec(publicKey) ?? [];
  if (blob === undefined) refuse(`${path}.pub is no public key on one line. ${writeAnew}`);
  if (header && header.publicKey !== blob) refuse(`${path}.pub is not the public key of ${path}. ${writeAnew}`);
  return { file: path, publicKey };
}

const newPair = "ssh-keygen -t ed25519 -N ''";

/** Nothing where there is none, or a folder. */
function statOf(path: string): Stats | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat : undefined;
}
