import { types } from "../../../policies/types";
import { messages, notYetKnown, urnOf, type TestResource } from "../../helpers/policy/harness";

const rootKey: TestResource = { type: types.privateKey, name: "root-key", protect: true };
const root: TestResource = {
  type: types.selfSignedCert,
  name: "root",
  protect: true,
  inputs: { isCaCertificate: true },
  dependencies: { privateKeyPem: [urnOf(types.privateKey, "root-key")] },
};
const key: TestResource = { type: types.privateKey, name: "key", protect: true };
const request: TestResource = {
  type: types.certificateRequest,
  name: "request",
  dependencies: { privateKeyPem: [urnOf(types.privateKey, "key")] },
};
const intermediate: TestResource = {
  type: types.locallySignedCert,
  name: "intermediate",
  inputs: { isCaCertificate: true },
  dependencies: {
    certRequestPem: [urnOf(types.certificateRequest, "request")],
    caPrivateKeyPem: [urnOf(types.privateKey, "root-key")],
  },
};
const authority = [rootKey, root, key, request, intermediate];
const judged = (...resources: TestResource[]) => messages("protected-state", resources);
const open = (resource: TestResource) => ({ ...resource, protect: false });
const violation = (what: string) =>
  `it is ${what} and could be deleted or replaced; give it the resource option \`protect: true\``;

test("EF-005: a protected authority passes; its intermediate certificate, which renews, needs no protection", async () => {
  expect(await judged(...authority)).toEqual([]);
});

test.each([
  ["the root's key", [open(rootKey), root, key, request, intermediate], "a key of the certificate authority"],
  ["the intermediate's key", [rootKey, root, open(key), request, intermediate], "a key of the certificate authority"],
  ["the root", [rootKey, open(root), key, request, intermediate], "the root of the certificate authority"],
])("EF-005: %s is protected", async (_, stack, what) => {
  expect(await judged(...stack)).toEqual([violation(what)]);
});

test("EF-005: a certificate that may be a CA's is taken for one", async () => {
  const unsure = { ...root, protect: false, inputs: { isCaCertificate: notYetKnown } };
  expect(await judged(rootKey, unsure)).toEqual([violation("the root of the certificate authority")]);
});

test("a leaf certificate and a key that signs nothing need no protection", async () => {
  const leaf = { ...root, name: "leaf", protect: false, inputs: {} };
  expect(await judged(open(rootKey), leaf)).toEqual([]);
});

test.each(types.guests)("US5.3: a guest (%s) is protected", async (type) => {
  expect(await judged({ type, name: "tooling" })).toEqual([violation("a guest of Proxmox with its disk")]);
  expect(await judged({ type, name: "tooling", protect: true })).toEqual([]);
});

test("US5.3: a volume is protected, or exempted with a reason", async () => {
  const volume = { type: types.volume, name: "cache" };
  expect(await judged(volume)).toEqual([violation("a volume with data")]);
  const exempt = [{ resource: "cache", reason: "a cache that fills itself again" }];
  expect(await messages("protected-state", [volume], { exempt })).toEqual([]);
});
