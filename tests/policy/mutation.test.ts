import { policies } from "../../policies/pack";
import { badStacks, type BadStack } from "../helpers/policy/bad-stacks";
import { judge, secret } from "../helpers/policy/harness";
import { apiToken, listing, provider, withProxmox } from "../helpers/policy/house";

test("mutation: each policy of the pack has a bad stack of its own", () => {
  expect(Object.keys(badStacks).sort()).toEqual(policies.map(({ name }) => name).sort());
});

test.each(Object.entries(badStacks))("mutation: nobody but %s refuses its bad stack", async (name, bad) => {
  expect(await judged(bad)).toContainEqual({ policy: name, message: bad.message });
  const others = await judged(bad, name);
  expect(others.map(({ policy }) => policy)).not.toContain(name);
  expect(others.map(({ message }) => message)).not.toContain(bad.message);
});

/** Who says what of a bad stack, in first lines. */
async function judged({ resources, settings, proxmox }: BadStack, without?: string) {
  const { violations } = await (proxmox
    ? withProxmox(listing(proxmox), ({ endpoint }) =>
        judge([provider({ endpoint, apiToken: secret(apiToken) }), ...resources], settings, { without }),
      )
    : judge(resources, settings, { without }));
  return violations.map(({ policy, message }) => ({ policy, message: message.split("\n")[0] }));
}
