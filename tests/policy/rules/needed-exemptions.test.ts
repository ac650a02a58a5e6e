import { types } from "../../../policies/types";
import { judge } from "../../helpers/policy/harness";

const unlimited = { type: types.container, name: "web" };
const reason = "it is measured before it is limited";
const exempting = (resource: string) => ({ "memory-limits": { exempt: [{ resource, reason }] } });

test("an exemption that lets something pass is reported with its reason, and nothing is said against it", async () => {
  const { violations, report } = await judge([unlimited], exempting("web"));
  expect(report.exemptions).toEqual([{ policy: "memory-limits", resource: "web", reason }]);
  expect(violations.filter(({ policy }) => ["memory-limits", "needed-exemptions"].includes(policy))).toEqual([]);
});

test.each([
  ["of a name that nothing has", [unlimited], "wbe"],
  ["of a resource that passes anyway", [{ ...unlimited, inputs: { memory: 256 } }], "web"],
])("an exemption %s is left over", async (_, stack, resource) => {
  const { violations, report } = await judge(stack, exempting(resource));
  expect(report.exemptions).toEqual([]);
  expect(violations).toContainEqual({
    policy: "needed-exemptions",
    message: `the exemption of "${resource}" from memory-limits lets nothing pass; correct its name, or remove it`,
    urn: undefined,
  });
});
