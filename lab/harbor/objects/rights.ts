import type { Row } from "../../kit/rows";

/** `resource action action`, as rbac has them for robots of the system and of a project. */
const system = [
  "audit-log list",
  "preheat-instance read create delete list update",
  "project list create",
  "replication-policy read create delete list update",
  "replication read create list",
  "replication-adapter list",
  "registry read create delete list update",
  "scan-all read update stop create",
  "system-volumes read",
  "garbage-collection read create list update stop",
  "purge-audit read create list update stop",
  "jobservice-monitor list stop",
  "scanner read create delete list update",
  "label read create delete update",
  "security-hub read list",
  "catalog read",
  "quota read list update",
  "robot create read list delete",
  "user create read update list delete",
  "ldap-user create list",
  "user-group create read update list delete",
];

const project = [
  "log list",
  "project read delete update",
  "metadata read create delete list update",
  "repository read update delete list pull push",
  "artifact read create list delete",
  "scan create read stop",
  "sbom create stop read",
  "tag create list delete",
  "accessory list",
  "artifact-addition read",
  "artifact-label create delete",
  "scanner create read",
  "preheat-policy read create delete list update",
  "immutable-tag create delete list update",
  "notification-policy read create delete list update",
  "tag-retention read create delete list update",
  "label read create delete list update",
  "quota read",
  "robot create read list delete",
  "export-cve create read",
  "member create read update list delete",
];

const pairs = (lines: readonly string[]): Row[] =>
  lines.flatMap((line) => {
    const [resource, ...actions] = line.split(" ");
    return actions.map((action) => ({ resource, action }));
  });

/** Every pair that a robot's rights can be made of, as `GET /permissions` lists them. */
export const permissions = { system: pairs(system), project: pairs(project) };
