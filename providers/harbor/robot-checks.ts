import type { Known } from "../dynamic/kind";
import type { Problems } from "../dynamic/problems";
import type { RobotAccountValues } from "./robot-api";
import { robotRights } from "./robot-rights";
import { checkName, parseDays } from "./words";

/** Harbor answers 400 to most of these, without saying which field is wrong; the rest it takes and ignores. */
export function checkRobot(args: Known<RobotAccountValues>, problems: Problems): void {
  checkName("name", args.name, problems);
  checkName("project", args.project, problems);
  const isTime = (words: string): boolean => (parseDays(words) ?? Infinity) < 2 ** 31 - 1;
  problems.expect("expires", args.expires, isTime, '{value} is no time; write "365 days", or "never"');
  checkSecret(args.chosenSecret, problems);
  checkPermissions(args, problems);
}

function checkSecret(secret: string | undefined, problems: Problems): void {
  if (secret === undefined) return;
  const missing = [
    secret.length < 8 && "at least 8 letters",
    Buffer.byteLength(secret) > 128 && "at most 128 letters",
    !/[A-Z]/.test(secret) && "an upper-case letter",
    !/[a-z]/.test(secret) && "a lower-case letter",
    !/\d/.test(secret) && "a digit",
  ].filter(Boolean);
  if (missing.length > 0) {
    problems.add("chosenSecret", `needs ${missing.join(", ")}; choose another, or leave it out and Harbor makes one`);
  }
}

function checkPermissions({ project, permissions }: Known<RobotAccountValues>, problems: Problems): void {
  if (permissions === undefined) return;
  if (permissions.length === 0 || permissions.some(({ access }) => access.length === 0)) {
    problems.add(
      "permissions",
      'Harbor refuses a robot that may do nothing; name what it may, as in "repository:pull"',
    );
  }
  permissions.forEach(({ project: place, access }, index) => {
    const [rights, where] =
      place === undefined ? [robotRights.system, "the system"] : [robotRights.project, "projects"];
    const bad = access.find((pair) => !rights.includes(pair));
    if (bad === undefined) return;
    const resource = `${bad.split(":")[0]}:`;
    const near = rights.filter((pair) => pair.startsWith(resource));
    const choice = near.length > 0 ? `there are ${near.join(", ")}` : 'write resource:action, as in "repository:pull"';
    problems.add(`permissions[${index}].access`, `"${bad}" is no right of robots in ${where}; ${choice}`);
  });
  if (project === undefined) return;
  const places = new Set(permissions.map((permission) => permission.project));
  if (places.size !== 1 || !places.has(project)) {
    const remedy = `give it one entry with project "${project}", or leave \`project\` out for a robot of the system`;
    problems.add("permissions", `a robot of a project has rights in that project only; ${remedy}`);
  }
}
