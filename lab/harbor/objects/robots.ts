import type { HarborObjects } from "../objects";
import {
  badRequest,
  byId,
  conditions,
  conflict,
  drop,
  merge,
  ok,
  page,
  type Result,
  type Route,
  type Row,
  without,
} from "../rows";
import { name } from "./projects";

export const robotRoutes = (objects: HarborObjects): Route[] => [
  [/^GET \/robots$/, ({ query }) => page(find(objects, query.q ?? ""), query)],
  [/^POST \/robots$/, ({ body }) => make(objects, body)],
  [/^GET \/robots\/(\d+)$/, (_, [id]) => ok(shown(byId(objects.robots, id)))],
  [/^PUT \/robots\/(\d+)$/, ({ body }, [id]) => change(byId(objects.robots, id), body)],
  [/^PATCH \/robots\/(\d+)$/, ({ body }, [id]) => renew(objects, byId(objects.robots, id), String(body.secret ?? ""))],
  [/^DELETE \/robots\/(\d+)$/, (_, [id]) => drop(objects.robots, id)],
];

function make(objects: HarborObjects, body: Row): Result {
  if (!name.test(body.name) || !body.duration || !body.permissions?.length) throw badRequest("bad robot");
  const project =
    body.level === "project" ? objects.project({ byName: true }, body.permissions[0].namespace) : undefined;
  const stored = project ? `${project.name}+${body.name}` : body.name;
  const login = objects.configuration.robot_name_prefix + stored;
  if (objects.robots.some((robot) => robot.name === login)) throw conflict("robot");
  const row = merge({ id: ++objects.lastId }, body, ["level", "duration", "description", "permissions"]);
  // `disable` and `secret` are ignored.
  Object.assign(row, { name: login, stored, disable: false, project_id: project?.project_id });
  row.creation_time = new Date(objects.clock()).toISOString();
  row.expires_at = expiry(row);
  row.secret = objects.newSecret();
  objects.robots.push(row);
  const { id, secret, expires_at, creation_time } = row;
  return { status: 201, body: { id, name: login, secret, expires_at, creation_time } };
}

function change(row: Row, body: Row): Result {
  if (body.name !== row.name || body.level !== row.level) {
    throw badRequest("cannot update the level or name of robot");
  }
  if (!body.permissions?.length) throw badRequest("permissions are missing");
  merge(row, body, ["duration", "description", "permissions", "disable"]);
  row.expires_at = expiry(row);
  return { status: 200 };
}

/** Counted from when it was made. */
const expiry = ({ duration, creation_time }: Row): number =>
  duration < 0 ? -1 : Math.floor(Date.parse(creation_time) / 1000) + duration * 86_400;

function renew(objects: HarborObjects, row: Row, secret: string): Result {
  row.secret = secret || objects.newSecret();
  return { status: 200, body: { secret: secret === "" ? row.secret : "" } };
}

function find(objects: HarborObjects, q: string): Row[] {
  const wanted = conditions(q);
  const rows = objects.robots.filter((row) =>
    wanted.Level === "project" ? `${row.project_id}` === wanted.ProjectID : row.level === "system",
  );
  return rows.filter((row) => wanted.name === undefined || row.stored === wanted.name).map(shown);
}

/** Lists of rights come back in another order, and the secret never. */
function shown(stored: Row): Row {
  const row = without(stored, "secret", "stored", "project_id");
  const permissions = [...row.permissions].reverse();
  return { ...row, permissions: permissions.map((entry: Row) => ({ ...entry, access: [...entry.access].reverse() })) };
}
