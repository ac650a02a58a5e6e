import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { readOperatorKey } from "../../../config/operator-key";
import { sshKeyPair } from "../../helpers/unit/ssh-keys";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "homelab-key-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Puts a key pair into the directory as `ssh-keygen` would. */
function place(privateKey: string, publicKey = `${openSsh.public}\n`, name = "id"): string {
  const file = join(home, name);
  writeFileSync(file, privateKey, { mode: 0o600 });
  writeFileSync(`${file}.pub`, publicKey);
  return file;
}

function refusal(file: string): string {
  try {
    readOperatorKey(file);
  } catch (error) {
    expect(error).toBeInstanceOf(pulumi.RunError);
    return (error as Error).message;
  }
  throw new Error(`${file} was accepted`);
}

const openSsh = sshKeyPair({ comment: "operator@desk" });

test("reads the pair: absolute path, public key as one line, and not the private key's text (US5)", () => {
  const key = readOperatorKey(place(openSsh.private));
  expect(key.file).toBe(join(home, "id"));
  expect(key.publicKey).toMatch(/^ssh-ed25519 AAAA\S+ operator@desk$/);
  expect(Object.keys(key)).toEqual(["file", "publicKey"]);
});

test("takes a PEM key as well", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  expect(() => readOperatorKey(place(privateKey.export({ type: "pkcs8", format: "pem" }).toString()))).not.toThrow();
});

test("says so where it is given the public half", () => {
  const file = place(openSsh.private);
  expect(refusal(`${file}.pub`)).toBe(
    `homelab:operatorKeyFile: ${file}.pub is the public half of a key pair; name the file of the private key beside it`,
  );
});

test("names a missing private key and the command that makes one", () => {
  const file = join(home, "absent");
  expect(refusal(file)).toBe(
    `homelab:operatorKeyFile: there is no file ${file}. Make a key pair with: ssh-keygen -t ed25519 -N '' -f ${file}`,
  );
});

test("names a missing public key, which ssh-keygen can make from the private one", () => {
  const file = place(openSsh.private);
  rmSync(`${file}.pub`);
  expect(refusal(file)).toBe(
    `homelab:operatorKeyFile: there is no file ${file}.pub. ` +
      `Write it anew with: ssh-keygen -y -f ${file} >${file}.pub`,
  );
});

test("a folder is no file, and a path with a space is one word to the shell", () => {
  expect(refusal(home)).toContain(`there is no file ${home}.`);
  const spaced = place(openSsh.private, "", "my id");
  expect(refusal(spaced)).toContain(`ssh-keygen -y -f '${spaced}' >'${spaced}'.pub`);
});

test.each(["", "ssh-ed25519", "ssh-ed25519 AAAA one\nssh-ed25519 AAAA two", openSsh.private])(
  "refuses a public key that is no line of authorized_keys (%#)",
  (publicKey) => {
    const file = place(openSsh.private, publicKey);
    expect(refusal(file)).toContain(`${file}.pub is no public key on one line. Write it anew with: ssh-keygen -y -f`);
  },
);

test("refuses the public key of another one, with which nobody could log in", () => {
  const file = place(openSsh.private, sshKeyPair().public);
  expect(refusal(file)).toBe(
    `homelab:operatorKeyFile: ${file}.pub is not the public key of ${file}. ` +
      `Write it anew with: ssh-keygen -y -f ${file} >${file}.pub`,
  );
});

test("leaves half a key to SSH, which says more of it", () => {
  const half = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n";
  expect(() => readOperatorKey(place(half))).not.toThrow();
});

test.each([0o640, 0o604, 0o644])("refuses a private key with mode %o, and says how to close it", (mode) => {
  const file = place(openSsh.private);
  chmodSync(file, mode);
  expect(refusal(file)).toBe(
    `homelab:operatorKeyFile: ${file} can be read by other users. Close it with: chmod 600 ${file}`,
  );
});

describe("refuses a key with a passphrase", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const passphrase = "secret words";
  const encrypted: Record<string, string> = {
    "in OpenSSH's form": sshKeyPair({ passphrase, cipher: "aes256-ctr", rounds: 16 }).private,
    "in PKCS #8": privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }).toString(),
    "in the traditional PEM form": privateKey
      .export({ type: "sec1", format: "pem", cipher: "aes-256-cbc", passphrase })
      .toString(),
  };
  test.each(Object.keys(encrypted))("%s", (form) => {
    const file = place(encrypted[form] ?? "");
    expect(refusal(file)).toBe(
      `homelab:operatorKeyFile: ${file} is protected by a passphrase, which the Proxmox provider cannot ask for. ` +
        "Make a key pair for this stack alone with: ssh-keygen -t ed25519 -N '' -f ~/.ssh/homelab_ed25519",
    );
  });
});
