import { randomBytes } from "node:crypto";

import type { Row } from "../kit/rows";
import { conflict, merge, notFound, type Request, type Result } from "./rows";

/** The settings of a Harbor that nobody has configured, as far as this program knows them. */
const initialConfiguration = (): Row => ({
  auth_mode: "db_auth",
  primary_auth_mode: false,
  self_registration: false,
  project_creation_restriction: "everyone",
  read_only: false,
  token_expiration: 30,
  session_timeout: 60,
  robot_token_duration: 30,
  robot_name_prefix: "robot$",
  quota_per_project_enable: true,
  storage_per_project: -1,
  notification_enable: true,
  scanner_skip_update_pulltime: false,
  audit_log_forward_endpoint: "",
  skip_audit_log_database: false,
  disabled_audit_log_event_types: "",
  banner_message: "",
  oidc_name: "",
  oidc_endpoint: "",
  oidc_client_id: "",
  oidc_client_secret: "",
  oidc_scope: "",
  oidc_verify_cert: true,
  oidc_auto_onboard: false,
  oidc_user_claim: "",
  oidc_groups_claim: "",
  oidc_admin_group: "",
  oidc_group_filter: "",
  oidc_extra_redirect_parms: "{}",
  oidc_logout: false,
});

/** What is known of a blob that is in the storage. */
export interface Blob {
  size: number;
  /** When it was last pushed or lost its last image: garbage collection spares what is young. */
  time: number;
}

/** Everything that outlives a restart. Tables are open, so that a test can do what somebody does by hand. */
export class Tables {
  password = "Correct-Horse-1";
  configuration: Row = initialConfiguration();
  readonly projects: Row[] = [];
  readonly quotas: Row[] = [];
  readonly members: Row[] = [];
  readonly groups: Row[] = [];
  readonly users: Row[] = [];
  readonly robots: Row[] = [];
  readonly retentions: Row[] = [];
  /** What retentions have done. */
  readonly executions: Row[] = [];
  readonly immutables: Row[] = [];
  readonly webhooks: Row[] = [];
  readonly registries: Row[] = [];
  readonly labels: Row[] = [];
  readonly schedules: Record<string, Row | undefined> = {};
  readonly repositories: Row[] = [];
  readonly artifacts: Row[] = [];
  readonly blobs: Record<string, Blob> = {};
  /** Which blobs count for the quota of which project. */
  readonly projectBlobs: { project_id: number; digest: string }[] = [];
  /** Images that were deleted, of which the storage still has the manifests. */
  readonly trash: { repository: string; digest: string }[] = [];
  readonly collections: Row[] = [];
  /** The last scan of everything. */
  scanAll: Row = {};
  lastId = 0;
  /** Secrets and times, which a test sets so that it knows them. */
  newSecret = (): string => `${randomBytes(16).toString("hex")}aA1`;
  clock = (): number => Date.now();
  /** Whether another registry answers, which Harbor tries; nothing is asked of it here. */
  reaches: (url: string) => boolean = () => true;
  /** Where the registry's cache is, as core is told. */
  registryStore = (): string => "";

  /** Adds a row with the known fields, unless there is one that is the same in the unique ones. */
  insert(table: Row[], body: Row, fields: readonly string[], unique: readonly string[]): Result {
    const row = merge({ id: ++this.lastId }, body, fields);
    if (table.some((other) => unique.every((field) => other[field] === row[field]))) throw conflict("object");
    table.push(row);
    return { status: 201, headers: { location: `/${row.id}` } };
  }

  findProject(id: string, byName: boolean): Row | undefined {
    return this.projects.find((project) => project.name === id || (!byName && `${project.project_id}` === id));
  }

  project({ byName }: Pick<Request, "byName">, id = ""): Row {
    const row = this.findProject(id, byName);
    if (row) return row;
    throw notFound(`project ${id}`);
  }

  /** How many bytes of the quota a project has used: each blob counts once. */
  used(projectId: number): number {
    const digests = new Set(this.projectBlobs.filter((row) => row.project_id === projectId).map((row) => row.digest));
    return [...digests].reduce((sum, digest) => sum + (this.blobs[digest]?.size ?? 0), 0);
  }
}
