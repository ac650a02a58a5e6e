import { types } from "../../policies/types";
import { judge, notYetKnown, type TestResource } from "../helpers/policy/harness";
import { nas, onNas, registryOnNas, vmAddress } from "../helpers/policy/hosts";
import { allMutations } from "../helpers/policy/mutations/all";
import { hostAddressMutations } from "../helpers/policy/mutations/host-addresses";
import { hostEdgeMutations } from "../helpers/policy/mutations/host-edges";
import { hostMutations } from "../helpers/policy/mutations/hosts";
import { copyOf, find, houseSettings, refusals } from "../helpers/policy/mutations/mutation";
import { programStack } from "../helpers/policy/program";

describe("A4: with the registry on a machine that exists", () => {
  let program: TestResource[];
  beforeAll(async () => {
    program = await programStack(registryOnNas);
  }, 180_000);

  test.each(["host-commands", "host-files", "ca-and-edge-files", "own-machines"])(
    "%s: a VM that is not there yet passes beside it",
    async (only) => {
      const { violations } = await judge(withoutConnections(program), houseSettings, { only });
      expect(violations).toEqual([]);
    },
  );

  test("ca-and-edge-files: a route of the machine's is none of a VM that is not there yet", async () => {
    const stack = withoutConnections(program);
    const route = find(stack, types.hostFile, "edge-nas-route-registry");
    stack.push({ ...route, name: "edge-route-registry", inputs: { ...route.inputs, connection: notYetKnown } });
    const { violations } = await judge(stack, houseSettings, { only: "ca-and-edge-files" });
    expect(violations.map(({ message }) => message)).toEqual([
      "it writes /srv/edge/routes/registry.yml, which is no file of its component's; put it elsewhere",
    ]);
  });

  test.each([...hostMutations, ...hostAddressMutations, ...hostEdgeMutations])(
    "$policy refuses $what",
    async (mutation) => {
      expect(await refusals(program, mutation)).toContainEqual(expect.stringContaining(mutation.message));
    },
  );
});

/** The stack before its VM is there: what is on it has no connection yet. */
function withoutConnections(program: readonly TestResource[]): TestResource[] {
  const stack = copyOf(program);
  for (const { inputs = {} } of stack)
    if (JSON.stringify(inputs.connection ?? "").includes(vmAddress)) inputs.connection = notYetKnown;
  return stack;
}

describe("A4: on a machine that exists", () => {
  let program: TestResource[];
  beforeAll(async () => {
    program = await programStack({ ...registryOnNas, hosts: [{ ...nas, port: 22 }] });
  }, 180_000);

  /** The stack makes no key of such a machine: `hostMutations` has what takes their place. */
  const ofMadeKeys = ["a host key of nobody's", "another host key of Docker's"];
  /** The networks of other features are on the VM. */
  const elsewhere = /^(another that calls itself step-ca|Harbor's core beside .*)$/;

  test.each(allMutations.filter(({ what }) => !ofMadeKeys.includes(what)))(
    "$policy refuses $what, as on the VM",
    async ({ change, message, what, policy, ...rest }) => {
      const found = await refusals(program, { ...rest, what, policy, message, change: onNas(change) });
      const isAbsent = policy === "address-plan" && elsewhere.test(what);
      const told = isAbsent ? "which is none of this stack on nas" : message.replaceAll(vmAddress, nas.address);
      expect(found).toContainEqual(expect.stringContaining(told));
    },
  );
});
