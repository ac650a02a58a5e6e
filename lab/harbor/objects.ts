import { randomBytes } from "node:crypto";

import { find } from "../kit/router";
import { type Row, without } from "../kit/rows";
import { artifactRoutes } from "./objects/artifacts";
import { accountOf, authorize } from "./objects/accounts";
import { configurationRoutes, initialConfiguration } from "./objects/configuration";
import { immutableRoutes } from "./objects/immutable";
import { labelRoutes } from "./objects/labels";
import { memberRoutes } from "./objects/members";
import { projectRoutes } from "./objects/projects";
import { registryRoutes } from "./objects/registries";
import { retentionRoutes } from "./objects/retentions";
import { permissions } from "./objects/rights";
import { robotRoutes } from "./objects/robots";
import { scheduleRoutes } from "./objects/schedules";
import { userRoutes } from "./objects/users";
import { webhookRoutes } from "./objects/webhooks";
import { conflict, merge, notFound, ok, Refusal, type Request, type Result, type Route } from "./rows";

/** What is known of a blob that is in the storage. */
export interface Blob {
  size: number;
  /** When it was last pushed or lost its last image: garbage collection spares what is young. */
  time: number;
}

/** Everything that outlives a restart. Tables are open, so that a test can do what somebody does by hand. */
class Tables {
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
}

/** Harbor's objects and their rules, behind its REST API. */
export class HarborObjects extends Tables {
  /** Secrets and times, which a test sets so that it knows them. */
  newSecret = (): string => `${randomBytes(16).toString("hex")}aA1`;
  clock = (): number => Date.now();
  /** Whether another registry answers, which Harbor tries; nothing is asked of it here. */
  reaches: (url: string) => boolean = () => true;
  /** Where the registry's cache is, as core is told. */
  registryStore = (): string => "";
  private readonly routes: Route[];

  /** `more` are the requests that need more than the objects: the registry, the scanner, the other programs. */
  constructor(...more: ((objects: HarborObjects) => Route[])[]) {
    super();
    const kinds = [
      ...more,
      configurationRoutes,
      projectRoutes,
      memberRoutes,
      robotRoutes,
      retentionRoutes,
      immutableRoutes,
      webhookRoutes,
      registryRoutes,
      labelRoutes,
      scheduleRoutes,
      userRoutes,
      artifactRoutes,
    ];
    this.routes = [[/^GET \/permissions$/, () => ok(permissions)], ...kinds.flatMap((routesOf) => routesOf(this))];
  }

  handle(request: Request): Result | Promise<Result> {
    const line = `${request.method} ${request.path}`;
    request.account ??= accountOf(this, request.authorization);
    authorize(this, request.account, request);
    if (this.configuration.read_only === true && !/^(GET|HEAD) |^PUT \/configurations$/.test(line)) {
      const text = "The system is in read only mode. Any modification is prohibited.";
      throw new Refusal(403, "DENIED", text);
    }
    const found = find(this.routes, line);
    if (found) return found.target(request, found.values.map(decodeURIComponent));
    throw notFound(request.path);
  }

  /** Everything, as JSON. */
  snapshot(): string {
    return JSON.stringify(without(this, "routes"));
  }

  /** Takes over what `snapshot` gave. */
  restore(text: string): void {
    Object.assign(this, JSON.parse(text));
  }

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
