import type { Row } from "../../kit/rows";
import { badRequest, byId, drop, only, page, type Request, type Result, type Route, updated } from "../rows";
import type { Tables } from "../tables";
import { matches, type Selector } from "./selectors";

const fields = ["action", "template", "tag_selectors", "scope_selectors"];

export const immutableRoutes = (objects: Tables): Route[] => [
  [/^(?:GET|POST) \/projects\/([^/]+)\/immutabletagrules$/, (request, [id]) => rulesOf(objects, request, id)],
  [
    /^PUT \/projects\/[^/]+\/immutabletagrules\/(\d+)$/,
    ({ body }, [id]) => {
      if (`${body.id}` !== id) throw badRequest("the id of the body is not that of the path");
      return change(byId(objects.immutables, id), body);
    },
  ],
  [/^DELETE \/projects\/[^/]+\/immutabletagrules\/(\d+)$/, (_, [id]) => drop(objects.immutables, id)],
];

function rulesOf(objects: Tables, request: Request, id: string | undefined): Result {
  const { project_id } = objects.project(request, id);
  const rows = objects.immutables.filter((row) => row.project_id === project_id);
  const shown = [...fields, "id", "disabled"];
  if (request.method === "GET")
    return page(
      rows.map((row) => only(row, shown)),
      request.query,
    );
  // The same rule is known by its text alone.
  const filter = textOf(request.body, 0);
  const body = { ...request.body, project_id, filter, disabled: false };
  return objects.insert(
    objects.immutables,
    body,
    [...fields, "project_id", "filter", "disabled"],
    ["project_id", "filter"],
  );
}

/** A rule is switched on or off, or else changed: never both. Its text has its number in it from then on. */
function change(row: Row, body: Row): Result {
  const disabled = body.disabled === true;
  if (row.disabled !== disabled) return updated(row, { disabled }, ["disabled"]);
  return updated(row, { ...body, filter: textOf(body, row.id as number) }, [...fields, "filter"]);
}

const textOf = (body: Row, id: number): string => JSON.stringify([id, fields.map((field) => body[field] as unknown)]);

/** Whether a tag can neither be moved nor deleted. */
export const isImmutable = ({ immutables }: Tables, artifact: Row, tag: string): boolean =>
  immutables.some(
    (rule) =>
      rule.project_id === artifact.project_id &&
      rule.disabled !== true &&
      (rule.scope_selectors.repository as Selector[]).every((each) => matches(each, withoutProject(artifact))) &&
      (rule.tag_selectors as Selector[]).every((each) => matches(each, tag)),
  );

/** `media/app/web` is `app/web` in its project. */
export const withoutProject = ({ repository_name }: Row): string => String(repository_name).replace(/^[^/]+\//, "");
