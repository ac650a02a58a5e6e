import { byId, drop, page, type Request, type Result, type Route, updated } from "../rows";
import type { Tables } from "../tables";

const fields = ["name", "description", "enabled", "event_types", "targets"];

export const webhookRoutes = (objects: Tables): Route[] => [
  [/^(?:GET|POST) \/projects\/([^/]+)\/webhook\/policies$/, (request, [id]) => policiesOf(objects, request, id)],
  [
    /^PUT \/projects\/[^/]+\/webhook\/policies\/(\d+)$/,
    ({ body }, [id]) => updated(byId(objects.webhooks, id), body, fields),
  ],
  [/^DELETE \/projects\/[^/]+\/webhook\/policies\/(\d+)$/, (_, [id]) => drop(objects.webhooks, id)],
];

function policiesOf(objects: Tables, request: Request, id: string | undefined): Result {
  const { project_id } = objects.project(request, id);
  const rows = objects.webhooks.filter((row) => row.project_id === project_id);
  if (request.method === "GET") return page(rows, request.query);
  const body = { ...request.body, project_id };
  return objects.insert(objects.webhooks, body, [...fields, "project_id"], ["project_id", "name"]);
}
