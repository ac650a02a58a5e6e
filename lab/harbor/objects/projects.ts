import { keep, type Row, without } from "../../kit/rows";
import {
  type Account,
  badRequest,
  byId,
  conditions,
  conflict,
  created,
  done,
  like,
  merge,
  now,
  ok,
  only,
  page,
  Refusal,
  type Result,
  type Route,
  updated,
} from "../rows";
import type { Tables } from "../tables";
import { knows } from "./accounts";
import { addPolicy, cacheRetention } from "./retentions";

/** What Harbor takes as the name of a project or a robot. */
export const name = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

const metadataKeys = [
  ..."public auto_scan auto_sbom_generation prevent_vul severity enable_content_trust".split(" "),
  ..."enable_content_trust_cosign reuse_sys_cve_allowlist proxy_speed_kb max_upstream_conn".split(" "),
  "proxy_cache_local_on_not_found",
];

/** Projects and their quotas. */
export const projectRoutes = (objects: Tables): Route[] => [
  [/^GET \/projects$/, ({ query, account }) => page(found(objects, query, account), query)],
  [/^HEAD \/projects$/, ({ query }) => ok(objects.project({ byName: true }, query.project_name) && undefined)],
  [/^POST \/projects$/, ({ body }) => makeProject(objects, body)],
  [/^GET \/projects\/([^/]+)$/, (request, [id]) => ok(objects.project(request, id))],
  [/^PUT \/projects\/([^/]+)$/, (request, [id]) => change(objects.project(request, id), request.body)],
  [/^DELETE \/projects\/([^/]+)$/, (request, [id]) => remove(objects, objects.project(request, id))],
  [/^GET \/quotas$/, ({ query }) => page(quotas(objects, query), query)],
  [/^GET \/quotas\/(\d+)$/, (_, [id]) => ok(withUse(objects, byId(objects.quotas, id)))],
  [
    /^PUT \/quotas\/(\d+)$/,
    ({ body }, [id]) => {
      checkLimit(body.hard?.storage);
      return updated(byId(objects.quotas, id), body, ["hard"]);
    },
  ],
];

/** Makes a project with its quota. */
export function makeProject(objects: Tables, body: Row): Result {
  if (!name.test(body.project_name)) {
    throw badRequest("project name is not in lower case or contains illegal characters");
  }
  if (objects.projects.some((project) => project.name === body.project_name)) throw conflict("project");
  const { registry_id } = body;
  if (registry_id !== undefined) byId(objects.registries, `${registry_id}`);
  const { quota_per_project_enable, storage_per_project } = objects.configuration;
  const storage = body.storage_limit || storage_per_project;
  if (quota_per_project_enable) checkLimit(storage);
  const id = ++objects.lastId;
  const row: Row = {
    project_id: id,
    name: body.project_name,
    owner_id: 1,
    owner_name: "admin",
    metadata: { public: "false", ...metadataOf(body, registry_id) },
    registry_id,
    // What the request says of it is dropped.
    cve_allowlist: { items: [] },
    repo_count: 0,
    creation_time: now(),
    update_time: now(),
  };
  objects.projects.push(row);
  const ref = { id, name: body.project_name, owner_name: "admin" };
  const quota = { ref, hard: { storage }, creation_time: now(), update_time: now() };
  if (quota_per_project_enable) objects.quotas.push({ id: ++objects.lastId, ...quota });
  if (registry_id !== undefined) addPolicy(objects, row, cacheRetention(id));
  return created(`/projects/${id}`);
}

/** Some settings are for a pull-through cache only, one is for all others: the rest is dropped. */
function metadataOf({ metadata = {} }: Row, registry: unknown): Row {
  const dropped = registry === undefined ? ["proxy_speed_kb", "max_upstream_conn"] : ["enable_content_trust"];
  return without(only(metadata as Row, metadataKeys), ...dropped);
}

function checkLimit(storage: unknown): void {
  if (storage === -1 || (Number(storage) > 0 && Number(storage) <= 1024 * 2 ** 40)) return;
  throw badRequest(`invalid value for quota limit, value=${String(storage)}`);
}

function found(objects: Tables, query: Record<string, string>, account?: Account): Row[] {
  const projects = objects.projects.filter((project) => knows(objects, account, project));
  const { name: exact = "" } = conditions(query.q);
  const fuzzy = exact.startsWith("~") ? exact.slice(1) : undefined;
  const rows = like(like(projects, "name", query.name), "name", fuzzy);
  return exact === "" || fuzzy !== undefined ? rows : rows.filter((row) => row.name === exact);
}

function change(row: Row, body: Row): Result {
  merge(row.metadata, metadataOf(body, row.registry_id), metadataKeys); // `storage_limit` is ignored here
  return updated(row, body, ["cve_allowlist"]);
}

function remove(objects: Tables, row: Row): Result {
  if (row.repo_count > 0) throw new Refusal(412, "PRECONDITION", "the project contains repositories");
  keep(objects.projects, (other) => other !== row);
  keep(objects.quotas, (quota) => quota.ref.id !== row.project_id);
  keep(objects.retentions, (policy) => policy.scope.ref !== row.project_id);
  for (const table of [objects.members, objects.robots, objects.immutables, objects.webhooks, objects.projectBlobs]) {
    keep(table, (other) => other.project_id !== row.project_id);
  }
  return done();
}

const quotas = (objects: Tables, { reference_id }: Record<string, string>): Row[] =>
  objects.quotas
    .filter((row) => reference_id === undefined || `${row.ref.id}` === reference_id)
    .map((row) => withUse(objects, row));

const withUse = (objects: Tables, row: Row): Row => ({ ...row, used: { storage: objects.used(row.ref.id) } });
