import type * as pulumi from "@pulumi/pulumi";

import type { Subject } from "../dynamic/http";
import { DynamicResource } from "../dynamic/resource";
import type { Authentik } from "./api";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { groups, users } from "./lookup";
import { findUser, noUser } from "./user";
import { checkText } from "./text-checks";

/** Who is in which group. */
export interface GroupMembershipValues {
  /** The group's name. **A change takes the user out of the group that was named before.** */
  readonly group: string;
  /** The user's user name. **A change takes the user that was named before out of the group.** */
  readonly username: string;
}

/** Arguments of {@link GroupMembership}. */
export type GroupMembershipArgs = Inputs<GroupMembershipValues>;

/** A user in a group, whoever else is in it. Id: `<group>/<username>`. */
export class GroupMembership extends DynamicResource {
  constructor(name: string, args: GroupMembershipArgs, opts?: pulumi.CustomResourceOptions) {
    super(groupMembership, name, args, opts);
  }
}

/** Both by Authentik's ids, and by their names. */
interface Membership extends GroupMembershipValues {
  readonly groupUuid: string;
  readonly userId: number;
}

export const groupMembership = kindOf<GroupMembershipValues, Membership>(
  {
    token: "authentik:GroupMembership",
    noun: "membership",
    identity: ["group", "username"],
    check(args, problems) {
      checkText("group", args.group, problems);
      checkText("username", args.username, problems);
    },
  },
  {
    find: (api, { group = "", username = "" }, subject) =>
      membership(api, { group, username }, subject, () => findUser(api, username, subject)),
    look: (api, { group = "", username = "" }, subject) =>
      membership(api, { group, username }, subject, () => users.row(api, username, subject)),
    async create(api, args, subject) {
      const groupUuid = await groups.id(api, args.group, subject);
      const user = users.own(api, args.username) ?? (await findUser(api, args.username, subject));
      if (!user) throw noUser(args.username, subject);
      // Authentik takes a member as it takes another, with an event and a task.
      if (!user.groups?.includes(groupUuid)) {
        const userAccountRequest = { pk: user.pk };
        await api.call(subject, ({ core }) => core.coreGroupsAddUserCreate({ groupUuid, userAccountRequest }));
      }
      return { ...args, groupUuid, userId: user.pk };
    },
    // A membership is no more than its names.
    update: (_api, row) => Promise.resolve(row),
    destroy: (api, { groupUuid, userId }, subject) =>
      api.call(subject, ({ core }) =>
        core.coreGroupsRemoveUserCreate({ groupUuid, userAccountRequest: { pk: userId } }),
      ),
    argsOf: (_api, { group, username }) => ({ group, username }),
    outsOf: () => ({}),
  },
);

async function membership(
  api: Authentik,
  names: GroupMembershipValues,
  subject: Subject,
  find: () => Promise<{ pk: number; groups?: string[] } | undefined>,
): Promise<Membership | undefined> {
  const group = await groups.row(api, names.group, subject);
  const user = group && (await find());
  return group && user?.groups?.includes(group.pk) ? { ...names, groupUuid: group.pk, userId: user.pk } : undefined;
}
