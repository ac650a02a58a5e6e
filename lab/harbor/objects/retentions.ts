import { type Row, without } from "../../kit/rows";
import {
  badRequest,
  byId,
  created,
  drop,
  merge,
  notFound,
  now,
  ok,
  page,
  Refusal,
  type Result,
  type Route,
  updated,
} from "../rows";
import type { Tables } from "../tables";
import { requireCron } from "./cron";
import { deleteArtifact, isPart } from "./artifacts";
import { isImmutable, withoutProject } from "./immutable";
import { matches, selectsTags, type Selector } from "./selectors";

/** Policies, and running them. Their schedules never fire. */
export const retentionRoutes = (objects: Tables): Route[] => [
  [/^POST \/retentions$/, ({ body }) => make(objects, body)],
  [/^GET \/retentions\/(\d+)$/, (_, [id]) => ok(policy(objects, id))],
  [/^PUT \/retentions\/(\d+)$/, ({ body }, [id]) => change(policy(objects, id, notFound), body)],
  [/^DELETE \/retentions\/(\d+)$/, (_, [id]) => remove(objects, id)],
  [
    /^POST \/retentions\/(\d+)\/executions$/,
    ({ body }, [id]) => run(objects, policy(objects, id, badRequest), body.dry_run === true),
  ],
  [
    /^GET \/retentions\/(\d+)\/executions$/,
    ({ query }, [id]) =>
      page(
        executionsOf(objects, id)
          .map((row) => without(row, "tasks"))
          .reverse(),
        query,
      ),
  ],
  [
    /^GET \/retentions\/(\d+)\/executions\/(\d+)\/tasks$/,
    ({ query }, [id, execution]) => page(byId(executionsOf(objects, id), execution).tasks, query),
  ],
];

const executionsOf = ({ executions }: Tables, id = ""): Row[] => executions.filter((row) => `${row.policy_id}` === id);

const unknown = (): Refusal => new Refusal(500, "UNKNOWN", "unknown");

/** The policy. What a missing one is answered with depends on the request: reading takes it for an error of its own. */
function policy({ retentions }: Tables, id: string | undefined, missing = unknown as typeof badRequest): Row {
  const row = retentions.find((other) => `${other.id}` === id);
  if (row) return row;
  throw missing(`no such Retention policy with id ${id}`);
}

function checkCron({ trigger }: Row): void {
  const cron: unknown = trigger?.settings?.cron;
  if (typeof cron === "string" && cron !== "") requireCron(cron);
}

function change(row: Row, body: Row): Result {
  checkCron(body);
  return updated(row, body, ["rules", "trigger"]);
}

function make(objects: Tables, body: Row): Result {
  checkCron(body);
  const owner = objects.projects.find((row) => row.project_id === body.scope.ref);
  if (!owner) throw badRequest("the project is not there");
  if (owner.metadata.retention_id) throw badRequest("project already has retention policy");
  return created(`/retentions/${addPolicy(objects, owner, body)}`);
}

/** Gives the project a policy; returns its number. */
export function addPolicy(objects: Tables, project: Row, body: Row): number {
  const row = merge({ id: ++objects.lastId }, body, ["algorithm", "rules", "scope", "trigger"]);
  objects.retentions.push(row);
  project.metadata.retention_id = `${row.id}`;
  return row.id as number;
}

/** What a pull-through cache gets when it is made: what nobody pulled for seven days goes. */
export const cacheRetention = (project_id: number): Row => ({
  algorithm: "or",
  scope: { level: "project", ref: project_id },
  trigger: { kind: "Schedule", settings: { cron: "0 0 0 * * *" } },
  rules: [
    {
      action: "retain",
      template: "nDaysSinceLastPull",
      params: { nDaysSinceLastPull: 7 },
      tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**" }],
      scope_selectors: { repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }] },
    },
  ],
});

function remove(objects: Tables, id: string | undefined): Result {
  const owner = objects.projects.find((row) => row.project_id === policy(objects, id, badRequest).scope.ref);
  if (owner) delete owner.metadata.retention_id;
  return drop(objects.retentions, id);
}

/** In each repository that a rule is for, deletes every image that no rule keeps. */
function run(objects: Tables, { id: policy_id, rules, scope }: Row, dry_run: boolean): Result {
  const id = ++objects.lastId;
  const start_time = now();
  const active = (rules as Row[]).filter((rule) => rule.disabled !== true);
  const tasks = objects.repositories
    .filter((row) => row.project_id === scope.ref)
    .flatMap((repository) => {
      const own = active.filter((rule) => isFor(rule, repository));
      if (own.length === 0) return [];
      const images = objects.artifacts.filter((row) => row.repository_id === repository.id && !isPart(objects, row));
      const kept = new Set(own.flatMap((rule) => keptBy(rule, images)));
      for (const image of images.filter((row) => isProtected(objects, row))) kept.add(image);
      if (!dry_run) for (const image of images) if (!kept.has(image)) deleteArtifact(objects, image);
      const total = { total: images.length, retained: kept.size, status: "Success", start_time, end_time: now() };
      return [
        {
          id: ++objects.lastId,
          execution_id: id,
          repository: withoutProject({ repository_name: repository.name }),
          ...total,
        },
      ];
    });
  const times = { start_time, end_time: now() };
  objects.executions.push({ id, policy_id, ...times, status: "Succeed", trigger: "Manual", dry_run, tasks });
  return created(`/retentions/${policy_id}/executions/${id}`);
}

const isFor = (rule: Row, { name }: Row): boolean =>
  (rule.scope_selectors.repository as Selector[]).every((each) =>
    matches(each, withoutProject({ repository_name: name })),
  );

const isProtected = (objects: Tables, artifact: Row): boolean =>
  (artifact.tags as Row[]).some((tag) => isImmutable(objects, artifact, tag.name));

const day = 86_400_000;
const since = (time: string | undefined): number => Date.now() - Date.parse(time ?? "1970-01-01T00:00:00Z");
const latest = (rows: Row[], field: string, count: number): Row[] =>
  [...rows].sort((one, other) => since(one[field]) - since(other[field])).slice(0, count);

const templates: Record<string, (rows: Row[], count: number) => Row[]> = {
  latestPushedK: (rows, count) => latest(rows, "push_time", count),
  latestPulledN: (rows, count) => latest(rows, "pull_time", count),
  nDaysSinceLastPush: (rows, count) => rows.filter((row) => since(row.push_time) <= count * day),
  nDaysSinceLastPull: (rows, count) => rows.filter((row) => since(row.pull_time) <= count * day),
  always: (rows) => rows,
};

function keptBy({ template, params, tag_selectors }: Row, images: Row[]): Row[] {
  const selected = images.filter(({ tags }) =>
    (tag_selectors as Selector[]).every((each) =>
      selectsTags(
        each,
        (tags as Row[]).map((tag) => tag.name),
      ),
    ),
  );
  return templates[template as string]?.(selected, Number(params?.[template])) ?? [];
}
