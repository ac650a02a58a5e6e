import { types } from "../../../policies/types";
import { messages, notYetKnown, secret } from "../../helpers/policy/harness";

const password = "Uk3xT9qPz1LmV7bC";
const uuid = "11111111-2222-3333-4444-555555555555";
const pem = `-----BEGIN CERTIFICATE-----\n${password}\n-----END CERTIFICATE-----\n`;
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHx4";

/** What the policy says where one resource has this secret, and another this text. */
const judged = (hidden: unknown, shown: unknown) =>
  messages("secret-copies", [
    { type: types.command, name: "file", inputs: { stdin: hidden } },
    { type: types.virtualMachines[0], name: "vm", inputs: { description: shown } },
  ]);

const copied =
  '`description` has a secret of command:Command "file" in plain text; take it from there without `pulumi.unsecret`, and ' +
  "give it to a container as a file";

test.each([
  [password, password],
  [`export TOKEN=${password}\n`, `it is ${password}.`],
  [`redis://:${password}@redis:6379/1`, `https://example.org/?key=${password}`],
  [`pulumi@pve!homelab=${uuid}`, uuid],
])("secret-copies (EF-005): of the secret %j, %j is a copy", async (hidden, shown) => {
  expect(await judged(secret(hidden), shown)).toEqual([copied]);
});

test.each([
  ["another text", secret(password), "a machine"],
  ["a secret", secret(password), secret(password)],
  ["what is plain twice", password, password],
  ["what is not known yet", secret(notYetKnown), notYetKnown],
  ["a certificate", secret(`{"root": ${JSON.stringify(pem)}}`), pem],
  ["a public key", secret(publicKey), `/bin/echo 192.168.1.60 ${publicKey}`],
  ["a digest", secret("0123456789abcdef".repeat(4)), "0123456789abcdef".repeat(4)],
  ["a short word", secret("Letmein1"), "Letmein1"],
])("secret-copies: %s is none", async (_what, hidden, shown) => {
  expect(await judged(hidden, shown)).toEqual([]);
});
