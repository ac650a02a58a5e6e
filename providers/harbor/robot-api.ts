import { ApiError, type Subject } from "../dynamic/http";
import type { Known } from "../dynamic/kind";
import { sortedSet } from "../dynamic/values";
import type { Harbor } from "./api";
import { parseDays } from "./words";

/** What a robot may do in one place. */
export interface RobotPermission {
  /** A project's name, or `*` for all. Left out: the system as a whole. */
  readonly project?: string;
  /** `resource:action`, as in `repository:pull`. All that exist are in `robot-rights.ts`. */
  readonly access: string[];
}

/** What a robot account is. */
export interface RobotAccountValues {
  /** Lower-case letters and digits, separated by one of `. _ -`. **A change makes a new robot with a new secret.** */
  readonly name: string;
  /** The project whose robot it is. Left out: a robot of the system. **A change makes a new robot.** */
  readonly project?: string;
  /** What it is for, as Harbor's pages show it. Default none. */
  readonly description?: string;
  /** How long it may log in, counted from when it was made: `365 days`, or `never` for no end. */
  readonly expires: string;
  /** What it may do. A robot of a project has one entry, for that project. */
  readonly permissions: RobotPermission[];
  /** Whether its login is refused for now. Default `false`. */
  readonly disabled?: boolean;
  /** A secret of your own, 8 to 128 letters with upper case, lower case and a digit. Default: Harbor makes one. */
  readonly chosenSecret?: string;
}

/** A robot as Harbor's API has it. */
export interface RobotRow {
  id: number;
  /** With the prefix, and the project: `robot$media+ci`. */
  name: string;
  level: string;
  duration: number;
  description?: string;
  disable?: boolean;
  expires_at: number;
  permissions: { kind: string; namespace: string; access: { resource: string; action: string }[] }[];
}

type Names = Known<Pick<RobotAccountValues, "name" | "project">>;

/** The robot of exactly this name. */
export async function findRobot(api: Harbor, { name = "", project }: Names): Promise<RobotRow | undefined> {
  const subject = about("read", { name, project });
  const found = project === undefined ? undefined : await api.project(project, subject);
  if (project !== undefined && !found) return undefined;
  const stored = found ? `${found.name}+${name}` : name;
  const q = found ? `Level=project,ProjectID=${found.project_id}` : undefined;
  const rows = await api.list<RobotRow>("/robots", { q }, subject);
  if (rows.length === 0) return undefined;
  const login = (await api.robotPrefix(subject)) + stored;
  return rows.find((row) => row.name === login);
}

/** Sets the chosen secret, or lets Harbor make a new one. Only the last secret works. */
export async function setSecret(api: Harbor, args: RobotAccountValues, id: number): Promise<string> {
  const secret = args.chosenSecret ?? "";
  const answer = await api.patch<{ secret?: string }>(`/robots/${id}`, { secret }, about("set the secret of", args));
  return answer?.secret || secret;
}

/** Harbor makes no robot that is disabled from the start. */
export async function disable(api: Harbor, args: RobotAccountValues, made: { robotId: number; login: string }) {
  const body = { id: made.robotId, ...bodyOf(args, made.login) };
  await api.put(`/robots/${made.robotId}`, body, about("disable", args));
}

/** What POST and PUT have in common; PUT wants the whole login as the name. */
export function bodyOf(args: RobotAccountValues, name: string): object {
  return {
    name,
    level: args.project === undefined ? "system" : "project",
    description: args.description ?? "",
    duration: parseDays(args.expires),
    disable: args.disabled === true,
    permissions: args.permissions.map(({ project, access }) => ({
      kind: project === undefined ? "system" : "project",
      namespace: project ?? "/",
      access: access.map((pair) => ({ resource: pair.split(":")[0], action: pair.split(":")[1] })),
    })),
  };
}

export function permissionOf({ kind, namespace, access }: RobotRow["permissions"][number]): RobotPermission {
  const pairs = access.map(({ resource, action }) => `${resource}:${action}`);
  return kind === "system" ? { access: pairs } : { project: namespace, access: pairs };
}

/** Permissions in an order that means nothing, always the same. The system comes first, then projects by name. */
export function ordered(permissions: readonly RobotPermission[]): RobotPermission[] {
  const merged = new Map<string, string[]>();
  for (const { project = "", access } of permissions) merged.set(project, [...(merged.get(project) ?? []), ...access]);
  return [...merged.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([project, access]) => ({ ...(project !== "" && { project }), access: sortedSet(access) }));
}

/** What an update meets where the robot is not the one of the state: a new one has to be made. */
export const gone = (args: Names): ApiError =>
  new ApiError("Harbor", 404, about("update", args), "the robot was removed or made anew by somebody else");

export const about = (action: string, { name = "", project }: Names): Subject => ({
  action,
  object: "robot account",
  name: project === undefined ? name : `${project}/${name}`,
  remedies: { 400: "Check each permission against GET /api/v2.0/permissions: not every pair exists at every level." },
});
