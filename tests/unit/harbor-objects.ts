import {
  badRequest,
  byId,
  conflict,
  credentialed,
  done,
  drop,
  like,
  masked,
  merge,
  notFound,
  ok,
  page,
  Refusal,
  shuffled,
  type Request,
  type Result,
  type Row,
} from "./harbor-rows";

type Handler = (request: Request, parts: string[]) => Result;

const name = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Harbor's objects and their rules. Tables are open, so that a test can do what somebody does by hand. */
export class HarborObjects {
  password = "Correct-Horse-1";
  configuration: Row = {
    auth_mode: "db_auth",
    self_registration: true,
    robot_name_prefix: "robot$",
    storage_per_project: -1,
    token_expiration: 30,
    read_only: false,
    oidc_endpoint: "",
    oidc_client_secret: "",
    disabled_audit_log_event_types: "",
  };
  readonly projects: Row[] = [];
  readonly quotas: Row[] = [];
  readonly members: Row[] = [];
  readonly groups: Row[] = [];
  readonly robots: Row[] = [];
  readonly retentions: Row[] = [];
  readonly immutables: Row[] = [];
  readonly webhooks: Row[] = [];
  readonly registries: Row[] = [];
  readonly labels: Row[] = [];
  readonly schedules: Record<string, Row | undefined> = {};
  private lastId = 0;
  private secrets = 0;

  handle(request: Request): Result {
    const expected = `Basic ${Buffer.from(`admin:${this.password}`).toString("base64")}`;
    if (request.authorization !== expected) throw new Refusal(401, "UNAUTHORIZED", "unauthorized");
    for (const [pattern, handler] of this.routes) {
      const parts = pattern.exec(`${request.method} ${request.path}`)?.slice(1).map(decodeURIComponent);
      if (parts) return handler(request, parts);
    }
    throw notFound(request.path);
  }

  private readonly routes: [RegExp, Handler][] = [
    [/^GET \/configurations$/, () => ok(this.shownConfiguration())],
    [/^PUT \/configurations$/, ({ body }) => done(merge(this.configuration, body, Object.keys(this.configuration)))],
    [/^POST \/projects$/, ({ body }) => this.makeProject(body)],
    [/^GET \/projects\/([^/]+)$/, (request, [id]) => ok(this.project(request, id))],
    [/^PUT \/projects\/([^/]+)$/, (request, [id]) => this.changeProject(this.project(request, id), request.body)],
    [/^DELETE \/projects\/([^/]+)$/, (request, [id]) => this.dropProject(this.project(request, id))],
    [
      /^GET \/quotas$/,
      ({ query }) =>
        page(
          this.quotas.filter((row) => `${row.ref.id}` === query.reference_id),
          query,
        ),
    ],
    [/^PUT \/quotas\/(\d+)$/, ({ body }, [id]) => done(merge(byId(this.quotas, id), body, ["hard"]))],
    [/^GET \/usergroups$/, ({ query }) => page(like(this.groups, "group_name", query.group_name), query)],
    [/^POST \/usergroups$/, ({ body }) => this.insert(this.groups, body, ["group_name", "group_type"], ["group_name"])],
    [/^DELETE \/usergroups\/(\d+)$/, (_, [id]) => drop(this.groups, id)],
    [/^(GET|POST) \/projects\/([^/]+)\/members$/, (request, [, id]) => this.membersOf(request, id)],
    [
      /^PUT \/projects\/[^/]+\/members\/(\d+)$/,
      ({ body }, [id]) => done(merge(byId(this.members, id), body, ["role_id"])),
    ],
    [/^DELETE \/projects\/[^/]+\/members\/(\d+)$/, (_, [id]) => drop(this.members, id)],
    [/^GET \/robots$/, ({ query }) => page(this.findRobots(query.q ?? ""), query)],
    [/^POST \/robots$/, ({ body }) => this.makeRobot(body)],
    [/^GET \/robots\/(\d+)$/, (_, [id]) => ok(shuffled(byId(this.robots, id)))],
    [/^PUT \/robots\/(\d+)$/, ({ body }, [id]) => this.changeRobot(byId(this.robots, id), body)],
    [/^PATCH \/robots\/(\d+)$/, ({ body }, [id]) => this.renewSecret(byId(this.robots, id), String(body.secret ?? ""))],
    [/^DELETE \/robots\/(\d+)$/, (_, [id]) => drop(this.robots, id)],
    [/^POST \/retentions$/, ({ body }) => this.makeRetention(body)],
    [/^GET \/retentions\/(\d+)$/, (_, [id]) => ok(this.retention(id))],
    [/^PUT \/retentions\/(\d+)$/, ({ body }, [id]) => done(merge(this.retention(id), body, ["rules", "trigger"]))],
    [/^DELETE \/retentions\/(\d+)$/, (_, [id]) => this.dropRetention(id)],
    [/^(GET|POST) \/projects\/([^/]+)\/immutabletagrules$/, (request, [, id]) => this.immutablesOf(request, id)],
    [
      /^PUT \/projects\/[^/]+\/immutabletagrules\/(\d+)$/,
      ({ body }, [id]) => {
        if (`${body.id}` !== id) throw badRequest("the id of the body is not that of the path");
        return done(merge(byId(this.immutables, id), body, [...ruleFields, "disabled"]));
      },
    ],
    [/^DELETE \/projects\/[^/]+\/immutabletagrules\/(\d+)$/, (_, [id]) => drop(this.immutables, id)],
    [/^(GET|POST) \/projects\/([^/]+)\/webhook\/policies$/, (request, [, id]) => this.webhooksOf(request, id)],
    [
      /^PUT \/projects\/[^/]+\/webhook\/policies\/(\d+)$/,
      ({ body }, [id]) => done(merge(byId(this.webhooks, id), body, webhookFields)),
    ],
    [/^DELETE \/projects\/[^/]+\/webhook\/policies\/(\d+)$/, (_, [id]) => drop(this.webhooks, id)],
    [/^GET \/registries$/, ({ query }) => page(this.registries.map(masked), query)],
    [/^GET \/registries\/(\d+)$/, (_, [id]) => ok(masked(byId(this.registries, id)))],
    [/^POST \/registries$/, ({ body }) => this.insert(this.registries, body, registryFields, ["name"])],
    [
      /^PUT \/registries\/(\d+)$/,
      ({ body }, [id]) => done(merge(byId(this.registries, id), credentialed(body), registryFields)),
    ],
    [/^DELETE \/registries\/(\d+)$/, (_, [id]) => drop(this.registries, id)],
    [/^GET \/labels$/, ({ query }) => this.findLabels(query)],
    [/^POST \/labels$/, ({ body }) => this.insert(this.labels, body, labelFields, ["name", "scope", "project_id"])],
    [/^PUT \/labels\/(\d+)$/, ({ body }, [id]) => done(merge(byId(this.labels, id), body, labelFields))],
    [/^DELETE \/labels\/(\d+)$/, (_, [id]) => drop(this.labels, id)],
    [/^GET \/system\/(\w+)\/schedule$/, (_, [kind = ""]) => ({ status: 200, body: this.schedules[kind] })],
    [/^PUT \/system\/(\w+)\/schedule$/, ({ body }, [kind = ""]) => this.setSchedule(kind, body)],
  ];

  private insert(table: Row[], body: Row, fields: string[], unique: string[]): Result {
    const row = merge({ id: ++this.lastId }, body, fields);
    if (table.some((other) => unique.every((field) => other[field] === row[field]))) throw conflict("object");
    table.push(row);
    return { status: 201, headers: { location: `/${row.id}` } };
  }

  private shownConfiguration(): Row {
    const shown = Object.entries(this.configuration).filter(([key]) => !key.endsWith("_secret"));
    return Object.fromEntries(shown.map(([key, value]) => [key, { value, editable: true }]));
  }

  private project({ byName }: Pick<Request, "byName">, id = ""): Row {
    const row = this.projects.find((project) => project.name === id || (!byName && `${project.project_id}` === id));
    if (row) return row;
    throw notFound(`project ${id}`);
  }

  private makeProject(body: Row): Result {
    if (!name.test(body.project_name))
      throw badRequest("project name is not in lower case or contains illegal characters");
    if (this.projects.some((project) => project.name === body.project_name)) throw conflict("project");
    const id = ++this.lastId;
    const metadata = merge({}, body.metadata ?? {}, metadataKeys);
    const row = { project_id: id, name: body.project_name, metadata, registry_id: body.registry_id };
    this.projects.push({ ...row, cve_allowlist: body.cve_allowlist ?? { items: [] } });
    const storage = body.storage_limit || this.configuration.storage_per_project;
    this.quotas.push({ id: ++this.lastId, ref: { id }, hard: { storage } });
    return { status: 201, headers: { location: `/api/v2.0/projects/${id}` } };
  }

  private changeProject(row: Row, body: Row): Result {
    merge(row.metadata, body.metadata ?? {}, metadataKeys); // `storage_limit` is ignored here
    return done(merge(row, body, ["cve_allowlist"]));
  }

  private dropProject(row: Row): Result {
    if (row.repo_count > 0) throw new Refusal(412, "PRECONDITION", "the project contains repositories");
    this.projects.splice(this.projects.indexOf(row), 1);
    for (const table of [this.members, this.robots, this.immutables, this.webhooks]) {
      table.splice(0, table.length, ...table.filter((other) => other.project_id !== row.project_id));
    }
    return done();
  }

  private membersOf(request: Request, id: string | undefined): Result {
    const { project_id } = this.project(request, id);
    const rows = this.members.filter((row) => row.project_id === project_id);
    if (request.method === "GET") return page(like(rows, "entity_name", request.query.entityname), request.query);
    if (this.configuration.auth_mode !== "oidc_auth") throw badRequest("no group outside of OIDC");
    const entity_name = (request.body.member_group as Row).group_name;
    const row = { project_id, entity_name, entity_type: "g", role_id: request.body.role_id };
    return this.insert(this.members, row, Object.keys(row), ["project_id", "entity_name"]);
  }

  private makeRobot(body: Row): Result {
    if (!name.test(body.name) || !body.duration || !body.permissions?.length) throw badRequest("bad robot");
    const project =
      body.level === "project" ? this.project({ byName: true }, body.permissions[0].namespace) : undefined;
    const stored = project ? `${project.name}+${body.name}` : body.name;
    const login = this.configuration.robot_name_prefix + stored;
    if (this.robots.some((robot) => robot.name === login)) throw conflict("robot");
    const row = merge({ id: ++this.lastId }, body, ["level", "duration", "description", "permissions"]);
    // `disable` and `secret` are ignored.
    Object.assign(row, { name: login, stored, disable: false, project_id: project?.project_id });
    row.expires_at = row.duration < 0 ? -1 : 1_800_000_000 + row.duration * 86_400;
    row.secret = this.newSecret();
    this.robots.push(row);
    return { status: 201, body: { id: row.id, name: login, secret: row.secret, expires_at: row.expires_at } };
  }

  private changeRobot(row: Row, body: Row): Result {
    if (body.name !== row.name || body.level !== row.level)
      throw badRequest("cannot update the level or name of robot");
    if (!body.permissions?.length) throw badRequest("permissions are missing");
    merge(row, body, ["duration", "description", "permissions", "disable"]);
    row.expires_at = row.duration < 0 ? -1 : 1_800_000_000 + row.duration * 86_400;
    return done();
  }

  private renewSecret(row: Row, secret: string): Result {
    row.secret = secret || this.newSecret();
    return { status: 200, body: { secret: secret === "" ? row.secret : "" } };
  }

  private newSecret(): string {
    return `Generated-Secret-${++this.secrets}`;
  }

  private findRobots(q: string): Row[] {
    const wanted = Object.fromEntries(q.split(",").map((pair) => pair.split("=") as [string, string]));
    const rows = this.robots.filter((row) =>
      wanted.Level === "project" ? `${row.project_id}` === wanted.ProjectID : row.level === "system",
    );
    return rows.filter((row) => row.stored === wanted.name).map(shuffled);
  }

  private retention(id: string | undefined): Row {
    const row = this.retentions.find((other) => `${other.id}` === id);
    if (row) return row;
    throw new Refusal(500, "UNKNOWN", "unknown");
  }

  private makeRetention(body: Row): Result {
    const project = this.projects.find((row) => row.project_id === body.scope.ref);
    if (!project) throw badRequest("the project is not there");
    if (project.metadata.retention_id) throw badRequest("project already has retention policy");
    const row = merge({ id: ++this.lastId }, body, ["algorithm", "rules", "scope", "trigger"]);
    this.retentions.push(row);
    project.metadata.retention_id = `${row.id}`;
    return { status: 201 };
  }

  private dropRetention(id: string | undefined): Result {
    const project = this.projects.find((row) => row.project_id === this.retention(id).scope.ref);
    if (project) delete project.metadata.retention_id;
    return drop(this.retentions, id);
  }

  private immutablesOf(request: Request, id: string | undefined): Result {
    const { project_id } = this.project(request, id);
    const rows = this.immutables.filter((row) => row.project_id === project_id);
    if (request.method === "GET") return page(rows, request.query);
    const body = { ...request.body, project_id, disabled: false };
    return this.insert(this.immutables, body, [...ruleFields, "project_id", "disabled"], ["id"]);
  }

  private webhooksOf(request: Request, id: string | undefined): Result {
    const { project_id } = this.project(request, id);
    const rows = this.webhooks.filter((row) => row.project_id === project_id);
    if (request.method === "GET") return page(rows, request.query);
    return this.insert(
      this.webhooks,
      { ...request.body, project_id },
      [...webhookFields, "project_id"],
      ["project_id", "name"],
    );
  }

  private findLabels(query: Record<string, string>): Result {
    if (!query.scope) throw badRequest("scope is mandatory");
    const rows = this.labels.filter(
      (row) => row.scope === query.scope && (query.scope === "g" || `${row.project_id}` === query.project_id),
    );
    return page(like(rows, "name", query.name), query);
  }

  private setSchedule(kind: string, body: Row): Result {
    const { type, cron } = body.schedule;
    if (type !== "None" && !/^0 /.test(cron)) throw badRequest("bad cron");
    const schedule = { type, cron, next_scheduled_time: "2026-01-01T00:00:00Z" };
    this.schedules[kind] =
      type === "None" ? undefined : { id: 1, schedule, job_parameters: JSON.stringify(body.parameters ?? {}) };
    return done();
  }
}

const metadataKeys = [
  ..."public auto_scan auto_sbom_generation prevent_vul severity enable_content_trust".split(" "),
  ..."enable_content_trust_cosign reuse_sys_cve_allowlist proxy_speed_kb".split(" "),
];
const ruleFields = ["action", "template", "tag_selectors", "scope_selectors"];
const webhookFields = ["name", "description", "enabled", "event_types", "targets"];
const registryFields = ["name", "type", "url", "description", "insecure", "credential", "ca_certificate"];
const labelFields = ["name", "description", "color", "scope", "project_id"];
