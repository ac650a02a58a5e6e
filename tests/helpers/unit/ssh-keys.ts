import { utils } from "ssh2";

type Options = Parameters<typeof utils.generateKeyPairSync>[1];

/** An ed25519 key pair in OpenSSH's form. Of those that ssh2 1.17 makes, one of two hundred can be read by nobody. */
export function sshKeyPair(options?: Options & { passphrase?: string }): { private: string; public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519", options);
    if (!(utils.parseKey(pair.private, options?.passphrase) instanceof Error)) return pair;
  }
}
