import { keep, type Row } from "../../kit/rows";
import { badRequest, done, like, merge, page, type Request, type Result, type Route } from "../rows";
import type { Tables } from "../tables";
import { onboardGroups } from "./users";

/** Groups of single sign-on, and which role they have in which project. */
export const memberRoutes = (objects: Tables): Route[] => [
  [/^GET \/usergroups$/, ({ query }) => page(like(objects.groups, "group_name", query.group_name), query)],
  [
    /^POST \/usergroups$/,
    ({ body }) => objects.insert(objects.groups, body, ["group_name", "group_type"], ["group_name"]),
  ],
  [/^DELETE \/usergroups\/(\d+)$/, (_, [id]) => dropGroup(objects, id)],
  [/^(?:GET|POST) \/projects\/([^/]+)\/members$/, (request, [id]) => membersOf(objects, request, id)],
  [
    /^PUT \/projects\/[^/]+\/members\/(\d+)$/,
    ({ body }, [id]) => {
      for (const row of objects.members) if (`${row.id}` === id) merge(row, body, ["role_id"]);
      return done();
    },
  ],
  [
    /^DELETE \/projects\/[^/]+\/members\/(\d+)$/,
    (_, [id]) => {
      keep(objects.members, (row) => `${row.id}` !== id);
      return done();
    },
  ],
];

/** That it is gone already is not told, nor with a membership. */
function dropGroup({ groups, members }: Tables, id: string | undefined): Result {
  const group = groups.find((row) => `${row.id}` === id);
  keep(groups, (row) => row !== group);
  keep(members, (row) => row.entity_name !== group?.group_name);
  return done();
}

function membersOf(objects: Tables, request: Request, id: string | undefined): Result {
  const { project_id } = objects.project(request, id);
  const rows = objects.members.filter((row) => row.project_id === project_id);
  if (request.method === "GET") {
    const { entityname } = request.query;
    const found = page(entityname ? rows.filter((row) => row.entity_name === entityname) : rows, request.query);
    // The total is that of all members, whatever name was asked for.
    return { ...found, headers: { "x-total-count": `${rows.length}` } };
  }
  if (objects.configuration.auth_mode !== "oidc_auth") throw badRequest("no group outside of OIDC");
  const entity_name = (request.body.member_group as Row).group_name;
  onboardGroups(objects, [entity_name]);
  const row = { project_id, entity_name, entity_type: "g", role_id: request.body.role_id };
  return objects.insert(objects.members, row, Object.keys(row), ["project_id", "entity_name"]);
}
