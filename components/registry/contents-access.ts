import type { RobotPermission } from "../../providers/harbor";

/** What `docker pull` needs, of each project: nothing else of the API. */
export const pullPermissions = (projects: readonly string[]): RobotPermission[] =>
  projects.map((project) => ({ project, access: ["repository:pull"] }));

/** What a build needs: push, pull the base, name what was pushed, and read what the scan found. Nothing is deleted. */
export const pushPermissions = (project: string): RobotPermission[] => [
  {
    project,
    access: ["artifact-addition:read", "artifact:read", "repository:pull", "repository:push", "tag:create", "tag:list"],
  },
];

/** What the exporter of findings reads. It changes nothing, and may pull nothing. */
export const findingsPermissions: RobotPermission[] = [
  { access: ["garbage-collection:list", "quota:list", "robot:list", "system-volumes:read"] },
  { project: "*", access: ["artifact-addition:read", "artifact:list", "robot:list"] },
];
