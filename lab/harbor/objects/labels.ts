import { badRequest, byId, drop, like, page, type Result, type Route, updated } from "../rows";
import type { Tables } from "../tables";

const fields = ["name", "description", "color", "scope", "project_id"];

export const labelRoutes = (objects: Tables): Route[] => [
  [/^GET \/labels$/, ({ query }) => find(objects, query)],
  [/^POST \/labels$/, ({ body }) => objects.insert(objects.labels, body, fields, ["name", "scope", "project_id"])],
  [/^PUT \/labels\/(\d+)$/, ({ body }, [id]) => updated(byId(objects.labels, id), body, fields)],
  [/^DELETE \/labels\/(\d+)$/, (_, [id]) => drop(objects.labels, id)],
];

function find({ labels }: Tables, query: Record<string, string>): Result {
  if (!["g", "p"].includes(query.scope ?? "")) throw badRequest(`invalid scope: ${query.scope}`);
  const rows = labels.filter(
    (row) => row.scope === query.scope && (query.scope === "g" || `${row.project_id}` === query.project_id),
  );
  return page(like(rows, "name", query.name), query);
}
