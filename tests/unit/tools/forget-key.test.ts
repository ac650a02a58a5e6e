import { forgetOperatorKey } from "../../../tools/forget-key";
import type { StateResource } from "../../../tools/stack";

const mark = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [mark]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(value) });
const urn = (name: string): string => `urn:pulumi:homelab::homelab::${name}`;

const machine = (operatorKey: object): StateResource => ({
  urn: urn("tooling"),
  type: "homelab:host:ToolingVm",
  inputs: { operatorKey: { file: "/key", ...operatorKey } },
});
const connection = { host: "192.168.1.60", privateKey: "the key", user: "ops" };
const command = (given: object): StateResource => ({
  urn: urn("tooling-first-boot"),
  type: "command:remote:Command",
  inputs: { connection: secret(given), create: "true" },
  outputs: { connection: secret(given), stdout: secret("0123") },
});
const file: StateResource = {
  urn: urn("file"),
  type: "tls:index/privateKey:PrivateKey",
  outputs: { pem: secret("pem") },
};

let calls: string[];
let imported: unknown;
let told: string[];
beforeEach(() => void ([calls, imported, told] = [[], undefined, []]));

/** The stack as Pulumi shows it at first, and shows it with secrets. */
const forget = (
  resources: StateResource[],
  pending: object[] = [],
  importEnds = { code: 0, stdout: "", stderr: "" },
) => {
  const exported = { version: 3, deployment: { manifest: {}, pending_operations: pending, resources } };
  return forgetOperatorKey(
    async (args, input) => {
      calls.push(args.join(" "));
      if (args[1] === "import") imported = JSON.parse(input ?? "");
      return args[1] === "import" ? importEnds : { code: 0, stdout: JSON.stringify(exported), stderr: "" };
    },
    { resources },
    (line) => told.push(line),
  );
};

const before = [machine({ privateKey: secret("the key") }), command(connection), file];

test("EF-005: the operator's key is taken out of each command of a stack from before, and nothing else is changed", async () => {
  await forget(before);
  expect(calls).toEqual(["stack export --non-interactive --show-secrets", "stack import --non-interactive"]);
  const { host, user } = connection;
  const resources = [machine({ privateKey: secret("the key") }), command({ host, user }), file];
  expect(imported).toEqual({ version: 3, deployment: { manifest: {}, pending_operations: [], resources } });
  expect(told).toHaveLength(1);
});

test("a stack that has no key in its state is left alone", async () => {
  await forget([machine({}), command({ host: "192.168.1.60" })]);
  await forget([]);
  expect(calls).toEqual([]);
});

test("Reliability: what an update was killed in the making of is not forgotten with the key", async () => {
  await expect(forget(before, [{ type: "creating", resource: file }])).rejects.toThrow(
    "cannot be taken out while it is not known what the last update made: mend what is named above and run it again",
  );
  expect(calls).toEqual(["stack export --non-interactive --show-secrets"]);
  await forget(before, [{ type: "updating", resource: file }]);
  expect(calls).toContain("stack import --non-interactive");
});

test("an update does not go on where Pulumi does not take the state back", async () => {
  await expect(forget(before, [], { code: 255, stdout: "", stderr: "error: locked\n" })).rejects.toThrow(
    "taking the operator's key out of the state failed:\nerror: locked",
  );
});
