import { types } from "../../policies/types";
import { judge, notYetKnown, type TestResource } from "../helpers/policy/harness";
import { allMutations } from "../helpers/policy/mutations/all";
import { copyOf, houseSettings, refusals, setting, type Mutation } from "../helpers/policy/mutations/mutation";
import { programStack } from "../helpers/policy/program";

let program: TestResource[];

beforeAll(async () => {
  program = await programStack();
}, 180_000);

test("A4: the program passes every policy, but for what only Proxmox could tell", async () => {
  const { violations } = await judge(program, houseSettings, { without: ["guest-inventory", "rebuild-checked"] });
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
    const { violations } = await judge(stack, houseSettings, { only });
    expect(violations).toEqual([]);
  },
);

test("guest-hardware: user data whose host key is not made yet passes", async () => {
  const stack = copyOf(program);
  setting(types.uploads[0], "tooling-user-data", {
    sourceRaw: { fileName: "tooling-user-data.yaml", data: notYetKnown },
  })(stack);
  const { violations } = await judge(stack, houseSettings, { only: "guest-hardware" });
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
  const { violations } = await judge(stack, houseSettings, { only: "least-privilege" });
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
  const { violations } = await judge(stack, houseSettings, { only: "ca-and-edge-files" });
  expect(violations.map(({ message }) => message)).toEqual([
    expect.stringContaining("/srv/edge/routes/ca.yml is not what its component writes"),
  ]);
});

test.each(allMutations)("A4: $policy refuses $what", async (mutation: Mutation) => {
  expect(await refusals(program, mutation)).toContainEqual(expect.stringContaining(mutation.message));
});
