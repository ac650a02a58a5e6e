import { stackPolicy } from "../policy";
import { at, unknown, type Value } from "../resource";
import { types } from "../types";

export default stackPolicy({
  name: "human-administrators",
  level: "mandatory",
  summary: "Only people whom the stack knows administer the single sign-on.",
  doc: `Who administers Authentik can let anybody into everything. Members of a group with \`superuser\` must be users of this stack
that are people: a service account's key lies in a file somewhere. Nobody is put into \`authentik Admins\`, in whatever letter
case, the group that Authentik makes itself, and which no config lists.`,
  requirements: ["US3.3"],
  settings: {},
  judgeStack({ resources }, _settings, { violation }) {
    const ofKind = (kind: string) => resources.filter(({ type }) => type === `${types.authentik}:${kind}`);
    const superusers = ofKind("Group").filter(({ inputs }) => on.includes(at(inputs, "superuser")));
    const groups = superusers.map(({ inputs }) => at(inputs, "name"));
    const people = ofKind("User").filter(({ inputs }) => at(inputs, "type") !== "service_account");
    const names = people.map(({ inputs }) => at(inputs, "username"));
    for (const membership of ofKind("GroupMembership")) {
      const group: Value = at(membership.inputs, "group");
      const username: Value = at(membership.inputs, "username");
      if (typeof group === "string" && group.toLowerCase() === builtIn.toLowerCase())
        violation(`it is in ${group}, which no config lists; use the group of homelab:sso`, membership);
      else if (group === unknown || (groups.includes(group) && username !== unknown && !names.includes(username))) {
        violation(
          `${group === unknown ? "its group is not known before the update" : `${String(username)} in ${String(group)}`} ` +
            "would administer the single sign-on without being a person of this stack; give the account a group without superuser",
          membership,
        );
      }
    }
  },
});

const builtIn = "authentik Admins";

const on: readonly Value[] = [true, unknown];
