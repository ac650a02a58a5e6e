/** What robots may be given: a resource and its actions. Source: `src/common/rbac/const.go` of goharbor/harbor 2.15.2. */
type Rights = Readonly<Record<string, string>>;

const system: Rights = {
  "audit-log": "list",
  catalog: "read",
  "garbage-collection": "create list read stop update",
  "jobservice-monitor": "list stop",
  label: "create delete read update",
  "ldap-user": "create list",
  "preheat-instance": "create delete list read update",
  project: "create list",
  "purge-audit": "create list read stop update",
  quota: "list read update",
  registry: "create delete list read update",
  replication: "create list read",
  "replication-adapter": "list",
  "replication-policy": "create delete list read update",
  robot: "create delete list read",
  "scan-all": "create read stop update",
  scanner: "create delete list read update",
  "security-hub": "list read",
  "system-volumes": "read",
  user: "create delete list read update",
  "user-group": "create delete list read update",
};

const project: Rights = {
  accessory: "list",
  artifact: "create delete list read",
  "artifact-addition": "read",
  "artifact-label": "create delete",
  "export-cve": "create read",
  "immutable-tag": "create delete list update",
  label: "create delete list read update",
  log: "list",
  member: "create delete list read update",
  metadata: "create delete list read update",
  "notification-policy": "create delete list read update",
  "preheat-policy": "create delete list read update",
  project: "delete read update",
  quota: "read",
  repository: "delete list pull push read update",
  robot: "create delete list read",
  sbom: "create read stop",
  scan: "create read stop",
  scanner: "create read",
  tag: "create delete list",
  "tag-retention": "create delete list read update",
};

const pairs = (rights: Rights): string[] =>
  Object.entries(rights).flatMap(([resource, actions]) => actions.split(" ").map((action) => `${resource}:${action}`));

/** Every `resource:action` that a robot may be given in the system as a whole, and in projects. */
export const robotRights = { system: pairs(system), project: pairs(project) };
