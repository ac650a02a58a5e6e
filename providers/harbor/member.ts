import type * as pulumi from "@pulumi/pulumi";

import type { Kind } from "../dynamic/kind";
import { DynamicResource } from "../dynamic/resource";
import { inProject, type Harbor } from "./api";
import type { Inputs } from "./connection";
import { needsOidc } from "./oidc";
import { oidcGroup } from "./user-group";
import { checkName } from "./words";

/** What members of a project may do, from all to least. */
export type Role = "admin" | "maintainer" | "developer" | "guest" | "limitedGuest";

/** What the membership of a group is. */
export interface GroupMemberValues {
  /** **A change ends the membership in the project that was named before.** */
  readonly project: string;
  /** Exactly the name that the provider of single sign-on gives. Harbor gets to know it where it does not yet. */
  readonly group: string;
  /** `developer` pushes and pulls, `guest` pulls, `maintainer` also deletes and scans, `admin` manages the project. */
  readonly role: Role;
}

interface MemberOuts {
  readonly memberId: number;
}

/** Arguments of {@link GroupMember}. */
export type GroupMemberArgs = Inputs<GroupMemberValues>;

/** A group of single sign-on as a member of a project. Id: `<project>/<group>`. */
export class GroupMember extends DynamicResource {
  declare readonly memberId: pulumi.Output<number>;

  constructor(name: string, args: GroupMemberArgs, opts?: pulumi.CustomResourceOptions) {
    super(groupMember, name, args, opts);
  }
}

/** Harbor's number of each role. */
const roles: Readonly<Record<Role, number>> = { admin: 1, developer: 2, guest: 3, maintainer: 4, limitedGuest: 5 };

interface MemberRow {
  id: number;
  entity_name: string;
  entity_type: string;
  role_id: number;
}

export const groupMember: Kind<Harbor, GroupMemberValues, MemberOuts> = {
  token: "harbor:GroupMember",
  noun: "member",
  identity: ["project", "group"],
  outputs: ["memberId"],

  check(args, problems) {
    checkName("project", args.project, problems);
    problems.expect("group", args.group, (group) => group.trim() !== "", "is empty; give the group's exact name");
    problems.oneOf("role", args.role, Object.keys(roles));
  },

  async create(api, args) {
    const subject = about("create", args);
    await needsOidc(api, subject);
    await api.projectId(args.project, subject);
    const group = { group_name: args.group, group_type: oidcGroup };
    await api.post(inProject(args.project, "/members"), { role_id: roles[args.role], member_group: group }, subject);
    return { memberId: (await findMember(api, args.project, args.group))?.id ?? 0 };
  },

  async adopt(api, { project, group }) {
    const row = await findMember(api, project, group);
    return row && { memberId: row.id };
  },

  async sync(api, args) {
    const row = await findMember(api, args.project, args.group);
    if (!row) return groupMember.create(api, args);
    const path = inProject(args.project, `/members/${row.id}`);
    await api.put(path, { role_id: roles[args.role] }, about("update", args));
    return { memberId: row.id };
  },

  async read(api, { project = "", group = "" }) {
    if (!(await api.project(project, about("read", { project, group })))) return undefined;
    const row = await findMember(api, project, group);
    if (!row) return undefined;
    const role = (Object.keys(roles) as Role[]).find((word) => roles[word] === row.role_id);
    return { args: { project, group, role }, outs: { memberId: row.id } };
  },

  async delete(api, args) {
    const row = await findMember(api, args.project, args.group);
    if (row) await api.delete(inProject(args.project, `/members/${row.id}`), about("delete", args));
  },
};

async function findMember(api: Harbor, project: string, group: string): Promise<MemberRow | undefined> {
  const rows = await api.list<MemberRow>(inProject(project, "/members"), {}, about("read", { project, group }));
  return rows.find((row) => row.entity_name === group && row.entity_type === "g");
}

const about = (action: string, { project, group }: { project: string; group: string }) => ({
  action,
  object: "member",
  name: `${project}/${group}`,
});
