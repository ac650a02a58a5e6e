import type { Row } from "../../kit/rows";
import { conditions, Refusal, type Account, type Request } from "../rows";
import type { Tables } from "../tables";
import { roleMay, rolesOf } from "./roles";

const unauthorized = (): Refusal => new Refusal(401, "UNAUTHORIZED", "unauthorized");

/** Name and password of a Basic login. */
export function basicLogin(authorization: string | undefined): [name: string, password: string] | undefined {
  const [, encoded] = /^Basic (.+)$/.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const login = Buffer.from(encoded, "base64").toString();
  const colon = login.indexOf(":");
  return [login.slice(0, colon), login.slice(colon + 1)];
}

/** The account of a Basic login; nothing where the login is wrong, expired or switched off. */
export function accountOf(objects: Tables, authorization: string | undefined): Account | undefined {
  const [name, password] = basicLogin(authorization) ?? [];
  if (name === undefined) return undefined;
  if (name === "admin") return password === objects.password ? { name } : undefined;
  const robot = objects.robots.find((row) => row.name === name && row.secret === password);
  return robot && isValid(robot) ? { name, robot } : undefined;
}

const isValid = ({ disable, expires_at }: Row): boolean =>
  disable !== true && (expires_at < 0 || expires_at * 1000 > Date.now());

/** The account of a request, or Harbor's 401. */
export function requireAccount(objects: Tables, authorization: string | undefined): Account {
  const account = accountOf(objects, authorization);
  if (account) return account;
  throw unauthorized();
}

/** Whether the account may do everything. */
export const isAdministrator = ({ robot, person }: Account): boolean => !robot && (person?.isAdmin ?? true);

/** Whether the account may, in a project or (without one) in the system. */
export function may(objects: Tables, account: Account, resource: string, action: string, project?: string): boolean {
  if (isAdministrator(account)) return true;
  if (account.person) {
    const row = objects.projects.find(({ name }) => name === project);
    return row !== undefined && rolesOf(objects, account.person, row).some((role) => roleMay(role, resource, action));
  }
  const permissions = account.robot?.permissions as { kind: string; namespace: string; access: Row[] }[];
  return permissions.some(
    ({ kind, namespace, access }) =>
      (project === undefined ? kind === "system" : kind === "project" && [project, "*"].includes(namespace)) &&
      access.some((entry) => entry.resource === resource && entry.action === action && entry.effect !== "deny"),
  );
}

/**
 * What a robot or a project's member needs for which requests. What is not here, only the administrator may do: robots
 * write no configuration and change no robot, and what a project's own administrator may do besides is left out. A capture
 * is the project.
 */
const rights: readonly [RegExp, string, string][] = [
  [/^GET \/quotas$/, "quota", "list"],
  [/^GET \/quotas\/\d+$/, "quota", "read"],
  [/^GET \/robots$/, "robot", "list"],
  [/^GET \/robots\?project=([^/]+)$/, "robot", "list"],
  [/^GET \/robots\/\d+$/, "robot", "read"],
  [/^GET \/registries$/, "registry", "list"],
  [/^GET \/systeminfo\/volumes$/, "system-volumes", "read"],
  [/^GET \/system\/gc$/, "garbage-collection", "list"],
  [/^GET \/system\/gc\/\S+$/, "garbage-collection", "read"],
  [/^POST \/system\/gc\/schedule$/, "garbage-collection", "create"],
  [/^GET \/(?:scans\/all\/metrics|system\/scanAll\/schedule)$/, "scan-all", "read"],
  [/^POST \/system\/scanAll\/schedule$/, "scan-all", "create"],
  [/^GET \/projects\/([^/]+)$/, "project", "read"],
  [/^GET \/projects\/([^/]+)\/artifacts$/, "artifact", "list"],
  [/^GET \/projects\/([^/]+)\/repositories$/, "repository", "list"],
  [/^GET \/projects\/([^/]+)\/repositories\/[^/]+$/, "repository", "read"],
  [/^DELETE \/projects\/([^/]+)\/repositories\/[^/]+$/, "repository", "delete"],
  [/^GET \/projects\/([^/]+)\/repositories\/[^/]+\/artifacts$/, "artifact", "list"],
  [/^GET \/projects\/([^/]+)\/repositories\/[^/]+\/artifacts\/[^/]+$/, "artifact", "read"],
  [/^DELETE \/projects\/([^/]+)\/repositories\/[^/]+\/artifacts\/[^/]+$/, "artifact", "delete"],
  [/^GET \/projects\/([^/]+)\/\S+\/tags$/, "tag", "list"],
  [/^POST \/projects\/([^/]+)\/\S+\/tags$/, "tag", "create"],
  [/^DELETE \/projects\/([^/]+)\/\S+\/tags\/[^/]+$/, "tag", "delete"],
  [/^POST \/projects\/([^/]+)\/\S+\/scan$/, "scan", "create"],
  [/^GET \/projects\/([^/]+)\/\S+\/additions\/vulnerabilities$/, "artifact-addition", "read"],
];

/** What anyone may do who has logged in. Of projects, a list has those that the account has to do with. */
const common = /^GET \/(?:systeminfo|statistics|users\/current|projects|labels\?scope=g)$/;

/** What is answered without a login, and to a wrong one in the same way. */
const open = /^GET \/(?:systeminfo|projects|labels\?scope=g)$/;

/** The request, with what it asks of labels. */
const lineOf = ({ method, path, query }: Request): string =>
  `${method} ${path}${path === "/labels" ? `?scope=${query.scope}` : ""}`;

/** Whether a list of projects shows this one. */
export function knows(objects: Tables, account: Account | undefined, project: Row): boolean {
  if (project.metadata.public === "true") return true;
  if (!account || isAdministrator(account)) return account !== undefined;
  if (account.person) return rolesOf(objects, account.person, project).length > 0;
  return (account.robot?.permissions as Row[]).some(
    ({ kind, namespace }) => kind === "project" && ["*", project.name].includes(namespace),
  );
}

/** What somebody may do with the user that is they themselves. */
const own = /^(?:GET \/users\/(\d+)|PUT \/users\/(\d+)\/cli_secret)$/;

/** Refuses what the account has no right to; without one, all but a few requests. */
export function authorize(objects: Tables, account: Account | undefined, request: Request): void {
  const line = lineOf(request);
  if (!account) {
    if (open.test(line)) return;
    throw unauthorized();
  }
  if (isAdministrator(account) || common.test(line)) return;
  const [, read, changed] = own.exec(line) ?? [];
  if (account.person && [read, changed].includes(`${account.person.userId}`)) return;
  // The robots of a project are asked for by a condition.
  const { Level, ProjectID } = conditions(request.query.q);
  const asked = line === "GET /robots" && Level === "project" ? `${line}?project=${ProjectID}` : line;
  for (const [pattern, resource, action] of rights) {
    const match = pattern.exec(asked);
    if (!match) continue;
    const project = match[1] && objects.findProject(decodeURIComponent(match[1]), request.byName)?.name;
    if (may(objects, account, resource, action, project)) return;
  }
  throw new Refusal(403, "FORBIDDEN", "forbidden");
}
