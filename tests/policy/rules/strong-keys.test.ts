import { generateKeyPairSync } from "node:crypto";

import { types } from "../../../policies/types";
import { messages, notYetKnown } from "../../helpers/policy/harness";

const judged = (type: string, inputs: Record<string, unknown>) =>
  messages("strong-keys", [{ type, name: "one", inputs }]);

test.each([
  { algorithm: "ED25519" },
  { algorithm: "ECDSA", ecdsaCurve: "P256" },
  { algorithm: "ECDSA", ecdsaCurve: notYetKnown },
  { algorithm: "RSA", rsaBits: 3072 },
  { algorithm: "RSA", rsaBits: notYetKnown },
  { algorithm: notYetKnown },
])("EF-005: the key %j is strong", async (inputs) => {
  expect(await judged(types.privateKey, inputs)).toEqual([]);
});

test.each<[Record<string, unknown>, string]>([
  [{}, "its algorithm is the provider's choice; set `algorithm` to ED25519, ECDSA or RSA"],
  [{ algorithm: "ECDSA", ecdsaCurve: "P224" }, "its curve is P224; set `ecdsaCurve` to P256, P384 or P521"],
  [{ algorithm: "RSA", rsaBits: 2048 }, "its length in bits is 2048; set `rsaBits` to 3072 at least"],
])("EF-005: the key %j is weak", async (inputs, message) => {
  expect(await judged(types.privateKey, inputs)).toEqual([message]);
});

test.each([
  { length: 16, special: false },
  { length: notYetKnown, lower: true },
])("EF-005: the password %j is strong", async (inputs) => {
  expect(await judged(types.randomPassword, inputs)).toEqual([]);
});

test.each<[Record<string, unknown>, string]>([
  [{ length: 15 }, "its length is 15; set `length` to 16 at least"],
  [{ length: 16, numeric: false }, "it leaves characters out (`numeric`); remove that"],
])("EF-005: the password %j is weak", async (inputs, message) => {
  expect(await judged(types.randomPassword, inputs)).toEqual([message]);
});

/** The public key of a new pair of RSA's, as OpenSSH writes it. */
function rsaKey(modulusLength: number): string {
  const { n = "", e = "" } = generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "jwk" });
  // The modulus begins with a bit that would be a sign.
  const parts = [Buffer.from("ssh-rsa"), Buffer.from(e, "base64url"), Buffer.from(`00${hex(n)}`, "hex")];
  const blob = Buffer.concat(parts.flatMap((part) => [Buffer.from([0, 0, part.length >> 8, part.length & 255]), part]));
  return `ssh-rsa ${blob.toString("base64")}`;
}

const hex = (base64: string): string => Buffer.from(base64, "base64url").toString("hex");

const remedy = "take the machine's ED25519 key, /etc/ssh/ssh_host_ed25519_key.pub";

test.each<[string, unknown, string[]]>([
  ["ED25519", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", []],
  ["ECDSA", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=", []],
  ["RSA of 3072 bits", rsaKey(3072), []],
  ["what isn't known yet", notYetKnown, []],
  ["RSA of 2048 bits", rsaKey(2048), [`its \`hostKey\` is of RSA with 2048 bits; ${remedy}`]],
  ["RSA of no length", "ssh-rsa AAAA", [`its \`hostKey\` is of RSA with 1 bits; ${remedy}`]],
  ["DSA", "ssh-dss AAAAB3NzaC1kc3M=", [`its \`hostKey\` is no key of ED25519, ECDSA or RSA; ${remedy}`]],
  ["nothing", undefined, [`its \`hostKey\` is no key of ED25519, ECDSA or RSA; ${remedy}`]],
])(
  "EF-005: a machine that was there before that is known by a key of %s is judged by it",
  async (_, hostKey, found) => {
    expect(await judged(types.sshHost, { host: { hostKey } })).toEqual(found);
  },
);
