import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import type { Harbor } from "./api";
import type { Inputs } from "./connection";
import { needsOidc } from "./oidc";

/** What a user group is. */
export interface UserGroupValues {
  /** Exactly the name that the provider of single sign-on gives. **A change replaces the group.** */
  readonly name: string;
}

interface UserGroupOuts {
  readonly groupId: number;
}

/** Arguments of {@link UserGroup}. */
export type UserGroupArgs = Inputs<UserGroupValues>;

/** A group of single sign-on (OIDC) that Harbor knows. Id: its name. Who is in it, the provider decides at each login. */
export class UserGroup extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly groupId: pulumi.Output<number>;

  constructor(name: string, args: UserGroupArgs, opts?: pulumi.CustomResourceOptions) {
    super(userGroup, name, args, opts);
  }
}

interface GroupRow {
  id: number;
  group_name: string;
  group_type: number;
}

/** Harbor's number for groups of OIDC. */
export const oidcGroup = 3;

export const userGroup: Kind<Harbor, UserGroupValues, UserGroupOuts> = {
  token: "harbor:UserGroup",
  noun: "user group",
  identity: ["name"],
  outputs: ["groupId"],

  check(args, problems) {
    const passes = (name: string): boolean => name.trim() === name && name !== "" && name.length <= 255;
    problems.expect("name", args.name, passes, "{value} is no group; give its exact name, without spaces around it");
  },

  async create(api, { name }) {
    await needsOidc(api, about("create", name));
    await api.post("/usergroups", { group_name: name, group_type: oidcGroup }, about("create", name));
    return { groupId: (await findGroup(api, name))?.id ?? 0 };
  },

  async adopt(api, { name }) {
    const row = await findGroup(api, name);
    return row && { groupId: row.id };
  },

  // A group is no more than its name.
  sync: async () => ({}),

  async read(api, { name = "" }) {
    const row = await findGroup(api, name);
    return row && { args: { name }, outs: { groupId: row.id } };
  },

  async delete(api, { name }) {
    const row = await findGroup(api, name);
    if (row) await api.delete(`/usergroups/${row.id}`, about("delete", name));
  },
};

async function findGroup(api: Harbor, name: string): Promise<GroupRow | undefined> {
  const rows = await api.list<GroupRow>("/usergroups", {}, about("read", name));
  return rows.find((row) => row.group_name === name && row.group_type === oidcGroup);
}

const about = (action: string, name: string) => ({ action, object: "user group", name });
