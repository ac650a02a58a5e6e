import type { Group as Row } from "@goauthentik/api";
import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import { kindOf } from "./collection";
import type { Inputs } from "./connection";
import { groups } from "./lookup";

/** What a group is. Who is in it is not its own matter: see {@link GroupMembership}. */
export interface GroupValues {
  /** Services get to know the group by this. **A change makes another, empty group and deletes this one.** */
  readonly name: string;
  /** Whether its members administer Authentik. Default `false`. */
  readonly superuser?: boolean;
}

interface GroupOuts {
  readonly uuid: string;
}

/** Arguments of {@link Group}. */
export type GroupArgs = Inputs<GroupValues>;

/** A group of users. Id: its name. A group that exists is taken over, with its members. */
export class Group extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  /** Authentik's id of it. */
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: GroupArgs, opts?: pulumi.CustomResourceOptions) {
    super(group, name, args, opts);
  }
}

export const group = kindOf<GroupValues, Row, GroupOuts>(
  {
    token: "authentik:Group",
    noun: "group",
    identity: ["name"],
    outputs: ["uuid"],
    defaults: { superuser: false },
    check(args, problems) {
      problems.expect("name", args.name, (name) => name.trim() !== "", "is empty; give the group a name");
    },
  },
  {
    async find(api, { name = "" }, subject) {
      const rows = await api.list(subject, ({ core }, page) =>
        core.coreGroupsList({ name, includeUsers: false, ...page }),
      );
      return rows.find((row) => row.name === name);
    },
    look: (api, { name = "" }, subject) => groups.row(api, name, subject),
    async create(api, args, subject) {
      const row = await api.call(subject, ({ core }) => core.coreGroupsCreate({ groupRequest: body(args) }));
      return groups.made(api, row);
    },
    // PUT would empty the group.
    update: (api, { pk }, args, subject) =>
      api.call(subject, ({ core }) => core.coreGroupsPartialUpdate({ groupUuid: pk, patchedGroupRequest: body(args) })),
    destroy: (api, { pk }, subject) => api.call(subject, ({ core }) => core.coreGroupsDestroy({ groupUuid: pk })),
    argsOf: (_api, { name, isSuperuser }) => ({ name, superuser: isSuperuser }),
    outsOf: ({ pk }) => ({ uuid: pk }),
  },
);

const body = ({ name, superuser }: GroupValues) => ({ name, isSuperuser: superuser });
