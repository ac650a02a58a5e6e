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
