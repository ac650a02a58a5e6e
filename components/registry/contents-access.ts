import type { RetentionRule, RobotPermission } from "../../providers/harbor";

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

/** The quota of projects nobody gave one: what is made by hand cannot fill the disk. */
export const smallQuota = "1 GiB";

/** What stays of a repository: the images pushed last, and what is being pushed. */
export const retentionRules = (keepTags: number): RetentionRule[] => [
  { lastPushed: keepTags, tags: "**", untagged: false },
  { pushedWithinDays: 1, tags: noTag, untagged: true },
];

/**
 * A pattern that no tag can match. Of an image for several platforms only the index has a tag; Harbor counts what it
 * refers to with it. Until the index is pushed, its parts have no tag and nothing that refers to them.
 */
const noTag = "@";
