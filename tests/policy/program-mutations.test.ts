import { types } from "../../policies/types";
import { judge, notYetKnown, type TestResource, type Verdict } from "../helpers/policy/harness";
import { listing, withProxmox } from "../helpers/policy/house";
import { containerMutations } from "../helpers/policy/mutations/containers";
import { fileMutations } from "../helpers/policy/mutations/files";
import { guestMutations } from "../helpers/policy/mutations/guests";
import { objectMutations } from "../helpers/policy/mutations/objects";
import { mutations } from "../helpers/policy/mutations/others";
import { setting, type Mutation } from "../helpers/policy/mutations/mutation";
import { partMutations } from "../helpers/policy/mutations/parts";
import { programStack } from "../helpers/policy/program";

let program: TestResource[];

beforeAll(async () => {
  program = await programStack();
}, 180_000);

const settings = {
  "sso-coverage": { exempt: ["ca", "auth"].map((resource) => ({ resource, reason: "has no login" })) },
};

test("A4: the program passes every policy, but for what only Proxmox could tell", async () => {
  const { violations } = await judge(program, settings, { without: ["guest-inventory", "rebuild-checked"] });
  expect(violations).toEqual([]);
});

test.each(["host-commands", "host-files", "ca-and-edge-files", "own-machines"])(
  "%s: a machine that is not there yet passes",
  async (only) => {
    const stack = copyOf(program);
    for (const { type, inputs = {} } of stack) {
      if (type === types.command) Object.assign(inputs, { connection: notYetKnown, triggers: [notYetKnown] });
      if (type === types.hostFile || type === types.hostDirectory)
        Object.assign(inputs, { connection: notYetKnown, installation: notYetKnown });
    }
    const { violations } = await judge(stack, settings, { only });
    expect(violations).toEqual([]);
  },
);

test("guest-hardware: user data whose host key is not made yet passes", async () => {
  const stack = copyOf(program);
  setting(types.uploads[0], "tooling-user-data", {
    sourceRaw: { fileName: "tooling-user-data.yaml", data: notYetKnown },
  })(stack);
  const { violations } = await judge(stack, settings, { only: "guest-hardware" });
  expect(violations).toEqual([]);
});

test("least-privilege: rights that wait for the realm, and Proxmox's own defaults, pass", async () => {
  const stack = copyOf(program);
  for (const { type, inputs } of stack) {
    if (type === types.acls[0]) Object.assign(inputs ?? {}, { groupId: notYetKnown, __defaults: ["propagate"] });
    if (type === types.accounts[1]) Object.assign(inputs ?? {}, { groupId: notYetKnown, __defaults: [] });
    if (type === types.openIdRealms[0]) Object.assign(inputs ?? {}, { clientKey: notYetKnown, __defaults: [] });
    if (type === types.proxmoxProvider) Object.assign(inputs ?? {}, { ssh: notYetKnown, __internal: { a: 1 } });
  }
  const { violations } = await judge(stack, settings, { only: "least-privilege" });
  expect(violations).toEqual([]);
});

test("ca-and-edge-files: also of a machine that is not there yet, a route is what its component writes", async () => {
  const stack = copyOf(program);
  const route = stack.find(({ type, name }) => type === types.hostFile && name === "edge-route-ca");
  const text = String(route?.inputs?.content);
  Object.assign(route?.inputs ?? {}, {
    connection: notYetKnown,
    content: text.replace("192.168.1.60", "192.168.1.61"),
  });
  const { violations } = await judge(stack, settings, { only: "ca-and-edge-files" });
  expect(violations.map(({ message }) => message)).toEqual([
    expect.stringContaining("/srv/edge/routes/ca.yml is not what its component writes"),
  ]);
});

test.each([
  ...[...containerMutations, ...fileMutations, ...guestMutations],
  ...[...objectMutations, ...partMutations, ...mutations],
])("A4: $policy refuses $what", async (mutation: Mutation) => {
  const stack = copyOf(program);
  mutation.change(stack);
  const { violations } = await judged(stack, mutation);
  expect(violations.map(({ message }) => message)).toContainEqual(expect.stringContaining(mutation.message));
});

/** Copies resources and their inputs, whose values stay what they are. */
function copyOf(stack: readonly TestResource[]): TestResource[] {
  return stack.map((resource) => ({ ...resource, inputs: { ...resource.inputs } }));
}

/** What the mutation's policy says of a stack, beside its Proxmox where the mutation has one. */
function judged(stack: TestResource[], { policy, proxmox }: Mutation): Promise<Verdict> {
  if (!proxmox) return judge(stack, settings, { only: policy });
  return withProxmox(listing(proxmox), ({ endpoint }) => {
    setting(types.proxmoxProvider, "proxmox", { endpoint })(stack);
    return judge(stack, settings, { only: policy });
  });
}
