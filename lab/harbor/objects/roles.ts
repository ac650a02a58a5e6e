import type { Row } from "../../kit/rows";
import type { Person } from "../rows";
import type { Tables } from "../tables";

/** What a member may do in a project, by the number of the role, as far as requests are answered here. */
const limitedGuest = [
  "project:read",
  "quota:read",
  ...["read", "list", "pull"].map((action) => `repository:${action}`),
  ...["read", "list"].map((action) => `artifact:${action}`),
  "artifact-addition:read",
  "tag:list",
];
const guest = [...limitedGuest, "robot:read", "robot:list"];
const developer = [...guest, "repository:push", "artifact:create", "tag:create"];
const maintainer = [...developer, "repository:delete", "artifact:delete", "tag:delete", "scan:create"];

const roles: Readonly<Record<number, readonly string[]>> = {
  1: maintainer,
  2: developer,
  3: guest,
  4: maintainer,
  5: limitedGuest,
};

/** The roles that somebody's groups have in a project. A public project is open to everybody as to a limited guest. */
export function rolesOf({ members }: Tables, { groups }: Person, project: Row): number[] {
  const given = members
    .filter(
      (row) => row.project_id === project.project_id && row.entity_type === "g" && groups.includes(row.entity_name),
    )
    .map((row) => row.role_id as number);
  return project.metadata.public === "true" ? [...given, 5] : given;
}

/** Whether a role allows an action on a resource of its project. */
export const roleMay = (role: number, resource: string, action: string): boolean =>
  roles[role]?.includes(`${resource}:${action}`) === true;
