import type { HarborObjects } from "../objects";
import { badRequest, byId, drop, like, page, type Request, type Result, type Route, type Row, updated } from "../rows";
import { onboardGroups } from "./users";

/** Groups of single sign-on, and which role they have in which project. */
export const memberRoutes = (objects: HarborObjects): Route[] => [
  [/^GET \/usergroups$/, ({ query }) => page(like(objects.groups, "group_name", query.group_name), query)],
  [
    /^POST \/usergroups$/,
    ({ body }) => objects.insert(objects.groups, body, ["group_name", "group_type"], ["group_name"]),
  ],
  [/^DELETE \/usergroups\/(\d+)$/, (_, [id]) => drop(objects.groups, id)],
  [/^(?:GET|POST) \/projects\/([^/]+)\/members$/, (request, [id]) => membersOf(objects, request, id)],
  [
    /^PUT \/projects\/[^/]+\/members\/(\d+)$/,
    ({ body }, [id]) => updated(byId(objects.members, id), body, ["role_id"]),
  ],
  [/^DELETE \/projects\/[^/]+\/members\/(\d+)$/, (_, [id]) => drop(objects.members, id)],
];

function membersOf(objects: HarborObjects, request: Request, id: string | undefined): Result {
  const { project_id } = objects.project(request, id);
  const rows = objects.members.filter((row) => row.project_id === project_id);
  if (request.method === "GET") return page(like(rows, "entity_name", request.query.entityname), request.query);
  if (objects.configuration.auth_mode !== "oidc_auth") throw badRequest("no group outside of OIDC");
  const entity_name = (request.body.member_group as Row).group_name;
  onboardGroups(objects, [entity_name]);
  const row = { project_id, entity_name, entity_type: "g", role_id: request.body.role_id };
  return objects.insert(objects.members, row, Object.keys(row), ["project_id", "entity_name"]);
}
