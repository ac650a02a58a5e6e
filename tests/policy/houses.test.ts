import { types } from "../../policies/types";
import { judge } from "../helpers/policy/harness";
import { box, nas, registryOnNas, withoutVm } from "../helpers/policy/hosts";
import { houseSettings } from "../helpers/policy/mutations/mutation";
import { programStack } from "../helpers/policy/program";

test.each<[string, Record<string, unknown>]>([
  ["the registry on a machine that exists", registryOnNas],
  ["the CA and the single sign-on on one each", { hosts: [nas, box], "pki.host": "nas", "sso.host": "box" }],
  [
    "all but the house's entries on one",
    { hosts: [nas], "pki.host": "nas", "sso.host": "nas", "registry.host": "nas" },
  ],
])(
  "US5: a house with %s passes every policy, but for what only Proxmox could tell",
  async (_, changes) => {
    const stack = await programStack(changes);
    const { violations } = await judge(stack, houseSettings, { without: ["guest-inventory", "rebuild-checked"] });
    expect(violations).toEqual([]);
  },
  180_000,
);

test("US5: a house that makes no VM passes every policy, and no Proxmox is asked", async () => {
  const stack = await programStack({ ...withoutVm, hosts: [nas, box], "registry.host": "box" });
  const { violations, report } = await judge(stack, houseSettings);
  expect(violations).toEqual([]);
  expect(report.memory.map(({ host }) => host)).toEqual(["nas", "box"]);
}, 180_000);

test("what --target leaves out of a run has no inputs, and violates nothing", async () => {
  const later = [types.sshHost, types.edge].map((type) => ({ type, name: "nas", inputs: {} }));
  const without = ["guest-inventory", "rebuild-checked"];
  const { violations } = await judge([...(await programStack()), ...later], houseSettings, { without });
  expect(violations).toEqual([]);
}, 180_000);
