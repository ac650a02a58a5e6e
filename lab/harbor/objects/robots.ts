import { type Row, without } from "../../kit/rows";
import { badRequest, byId, conditions, conflict, drop, merge, ok, page, type Result, type Route } from "../rows";
import type { Tables } from "../tables";
import { name } from "./projects";
import { permissions } from "./rights";
import { validSecret } from "./users";

export const robotRoutes = (objects: Tables): Route[] => [
  [/^GET \/robots$/, ({ query }) => page(find(objects, query.q ?? ""), query)],
  [/^POST \/robots$/, ({ body }) => make(objects, body)],
  [/^GET \/robots\/(\d+)$/, (_, [id]) => ok(shown(byId(objects.robots, id)))],
  [/^PUT \/robots\/(\d+)$/, ({ body }, [id]) => change(byId(objects.robots, id), body)],
  [/^PATCH \/robots\/(\d+)$/, ({ body }, [id]) => renew(objects, byId(objects.robots, id), String(body.secret ?? ""))],
  [/^DELETE \/robots\/(\d+)$/, (_, [id]) => drop(objects.robots, id)],
];

function make(objects: Tables, body: Row): Result {
  if (!name.test(body.name)) throw badRequest("robot name is not in lower case or contains illegal characters");
  validate(body);
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

function validate({ duration, level, permissions: wanted = [] }: Row): void {
  if (duration !== -1 && !(duration > 0 && duration < 2 ** 31 - 1)) {
    throw badRequest(
      `bad request error duration input: ${duration}, duration must be either -1(Never) or a positive integer`,
    );
  }
  if (!["system", "project"].includes(level)) throw badRequest(`bad request error level input: ${level}`);
  if (wanted.length === 0) throw badRequest("bad request empty permission");
  if (wanted.some(({ access }: Row) => !access?.length)) throw badRequest("bad request empty access");
  if (level === "project" && wanted.length > 1) throw badRequest("bad request permission");
  for (const { kind, access } of wanted as Row[]) {
    const known = permissions[kind as keyof typeof permissions];
    for (const { resource, action } of access as Row[]) {
      if (!known?.some((pair) => pair.resource === resource && pair.action === action)) {
        throw badRequest(`bad request permission: ${resource}:${action}`);
      }
    }
  }
}

function change(row: Row, body: Row): Result {
  if (body.name !== row.name || body.level !== row.level) {
    throw badRequest("cannot update the level or name of robot");
  }
  validate({ ...body, duration: body.duration ?? row.duration });
  merge(row, body, ["duration", "description", "permissions", "disable"]);
  row.expires_at = expiry(row);
  return { status: 200 };
}

/** Counted from when it was made. */
const expiry = ({ duration, creation_time }: Row): number =>
  duration < 0 ? -1 : Math.floor(Date.parse(creation_time) / 1000) + duration * 86_400;

function renew(objects: Tables, row: Row, secret: string): Result {
  row.secret = secret === "" ? objects.newSecret() : validSecret(secret);
  return { status: 200, body: { secret: secret === "" ? row.secret : "" } };
}

function find(objects: Tables, q: string): Row[] {
  const wanted = conditions(q);
  if (wanted.Level === "project" && !(Number(wanted.ProjectID) > 0)) {
    throw badRequest("must with project ID when to query project robots");
  }
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
