import type { Row } from "../../../kit/rows";
import { type Collection, rowOf, routesOf } from "../collection";
import { type Context, done, flag, type Route } from "../context";
import { notFound } from "../errors";
import { to } from "../references";
import { numberOf } from "./shown";

export const groups: Collection = {
  path: "/core/groups/",
  id: "group_uuid",
  table: "groups",
  model: "Group",
  label: "authentik_core.group",
  unique: { name: "Group with this name already exists." },
  references: { users: to.user, parents: to.group, roles: to.role },
  emptied: ["users", "parents"],
  search: ["name", "is_superuser"],
  defaults: () => ({ name: "", is_superuser: false, parents: [], attributes: {}, roles: [] }),
  filters: {
    members_by_pk: (row, value, { objects }) => objects.membersOf(row).some(({ pk }) => String(pk) === value),
    members_by_username: (row, value, { objects }) => objects.membersOf(row).some(({ username }) => username === value),
  },
  write(row, { users, ...body }, { objects }) {
    Object.assign(row, body);
    if (users === undefined) return;
    for (const user of objects.users) {
      if (users.includes(user.pk)) objects.addMember(row, user);
      else objects.removeMember(row, user);
    }
  },
  shown(row, context) {
    const { objects } = context;
    const members = objects.membersOf(row);
    const related = (pks: string[]): Row[] =>
      objects.groups.filter(({ pk }) => pks.includes(pk)).map((group) => ({ ...group, group_uuid: group.pk }));
    const children = objects.groups.filter(({ parents }) => parents.includes(row.pk)).map(({ pk }) => pk as string);
    return {
      num_pk: numberOf(row),
      users: members.map(({ pk }) => pk),
      users_obj: flag(context, "include_users", true) ? members : null,
      parents_obj: flag(context, "include_parents", false) ? related(row.parents) : null,
      children,
      children_obj: flag(context, "include_children", false) ? related(children) : null,
      ...{ roles_obj: [], inherited_roles_obj: null },
    };
  },
};

const roles: Collection = {
  path: "/rbac/roles/",
  id: "uuid",
  table: "roles",
  model: "Role",
  label: "authentik_rbac.role",
  methods: ["list", "retrieve"],
};

function member(context: Context): Row {
  const user = context.objects.by("users", "pk", context.body.pk);
  if (user) return user;
  throw notFound("User");
}

export const groupRoutes: Route[] = [
  ...routesOf(groups),
  ...routesOf(roles),
  {
    method: "POST",
    path: "/core/groups/{group_uuid}/add_user/",
    handle(context) {
      context.objects.addMember(rowOf(groups, context), member(context));
      return done();
    },
  },
  {
    method: "POST",
    path: "/core/groups/{group_uuid}/remove_user/",
    handle(context) {
      context.objects.removeMember(rowOf(groups, context), member(context));
      return done();
    },
  },
];
