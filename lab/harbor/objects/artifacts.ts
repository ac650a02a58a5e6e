import { keep, type Row } from "../../kit/rows";
import {
  badRequest,
  conditions,
  conflict,
  created,
  done,
  like,
  notFound,
  now,
  ok,
  only,
  page,
  Refusal,
  type Request,
  type Result,
  type Route,
} from "../rows";
import type { Tables } from "../tables";
import { isImmutable } from "./immutable";

/** The kind of report that Harbor asks a scanner for. */
export const reportType = "application/vnd.security.vulnerability.report; version=1.1";

const repository = String.raw`/projects/([^/]+)/repositories/([^/]+)`;
const route = (method: string, rest: string): RegExp => new RegExp(`^${method} ${repository}${rest}$`);

/** Images: lists of them, their tags and findings, and deleting them. */
export const artifactRoutes = (objects: Tables): Route[] => [
  [
    /^GET \/projects\/([^/]+)\/artifacts$/,
    (request, [id]) => list(objects, request, { project_id: objects.project(request, id).project_id }),
  ],
  [/^GET \/projects\/([^/]+)\/repositories$/, (request, [id]) => repositories(objects, request, id)],
  [route("GET", ""), (request, parts) => ok(findRepository(objects, request, parts))],
  [route("DELETE", ""), (request, parts) => dropRepository(objects, findRepository(objects, request, parts))],
  [
    route("GET", "/artifacts"),
    (request, parts) => list(objects, request, { repository_id: findRepository(objects, request, parts).id }),
  ],
  [
    route("GET", "/artifacts/([^/]+)"),
    (request, parts) => ok(shown(objects, artifact(objects, request, parts), request.query)),
  ],
  [route("DELETE", "/artifacts/([^/]+)"), (request, parts) => remove(objects, artifact(objects, request, parts))],
  [
    route("GET", "/artifacts/([^/]+)/tags"),
    (request, parts) => page(artifact(objects, request, parts).tags, request.query),
  ],
  [route("POST", "/artifacts/([^/]+)/tags"), (request, parts) => addTag(objects, request, parts)],
  [route("DELETE", "/artifacts/([^/]+)/tags/([^/]+)"), (request, parts) => dropTag(objects, request, parts)],
  [
    route("GET", "/artifacts/([^/]+)/additions/vulnerabilities"),
    (request, parts) => {
      const { report } = artifact(objects, request, parts);
      return ok(report ? { [reportType]: report } : {});
    },
  ],
];

/** The image that a request's path names, by digest or tag. Names of repositories come encoded twice. */
export function artifact(objects: Tables, request: Request, parts: string[]): Row {
  const { name } = findRepository(objects, request, parts);
  const row = findArtifact(objects, name, parts[2]);
  if (row) return row;
  throw notFound(`artifact ${name}:${parts[2]}`);
}

/** The image in a repository (with its project) that has the digest or tag. */
export const findArtifact = ({ artifacts }: Tables, name: string, reference = ""): Row | undefined =>
  artifacts.find(
    (row) =>
      row.repository_name === name &&
      (row.digest === reference || (row.tags as Row[]).some((tag) => tag.name === reference)),
  );

function findRepository(objects: Tables, request: Request, [id, encoded = ""]: string[]): Row {
  const name = `${objects.project(request, id).name}/${decodeURIComponent(encoded)}`;
  const row = objects.repositories.find((other) => other.name === name);
  if (row) return row;
  throw notFound(`repository ${name}`);
}

function repositories(objects: Tables, request: Request, id: string | undefined): Result {
  const { project_id } = objects.project(request, id);
  return page(
    objects.repositories.filter((row) => row.project_id === project_id),
    request.query,
  );
}

function list(objects: Tables, { query }: Request, where: Row): Result {
  const [[field, value] = []] = Object.entries(where);
  const { tags } = conditions(query.q);
  const rows = objects.artifacts
    .filter((row) => row[field ?? ""] === value)
    .filter((row) => tags === undefined || hasTag(row, tags))
    .filter((row, _, all) => query.latest_in_repository !== "true" || isLatest(row, all));
  return page(
    rows.reverse().map((row) => shown(objects, row, query)),
    query,
  );
}

function hasTag({ tags }: Row, wanted: string): boolean {
  if (wanted === "nil") return tags.length === 0;
  if (wanted === "*") return tags.length > 0;
  if (wanted.startsWith("~")) return like(tags, "name", wanted.slice(1)).length > 0;
  return (tags as Row[]).some((tag) => tag.name === wanted);
}

const isLatest = (row: Row, all: Row[]): boolean =>
  !all.some((other) => other.repository_id === row.repository_id && other.push_time > row.push_time);

const fields = [
  ..."id type media_type manifest_media_type artifact_type project_id repository_id repository_name".split(" "),
  ..."digest size push_time pull_time references".split(" "),
];

function shown(objects: Tables, row: Row, query: Record<string, string>): Row {
  const withScan = query.with_scan_overview === "true" && row.scan;
  const tags = (row.tags as Row[]).map((tag) =>
    query.with_immutable_status === "true" ? { ...tag, immutable: isImmutable(objects, row, tag.name) } : tag,
  );
  return {
    ...only(row, fields),
    ...(query.with_tag !== "false" && { tags }),
    ...(withScan && { scan_overview: { [reportType]: row.scan } }),
  };
}

function addTag(objects: Tables, request: Request, parts: string[]): Result {
  const row = artifact(objects, request, parts);
  const { name } = request.body;
  if (!/^[\w][\w.-]{0,127}$/.test(name ?? "")) throw badRequest("invalid tag name");
  if (findArtifact(objects, row.repository_name, name)) throw conflict(`tag ${name}`);
  tag(objects, row, name);
  return created(`${request.path}/${name}`);
}

/** Gives an image a tag, and takes it from the one that had it. */
export function tag(objects: Tables, row: Row, name: string): void {
  const before = findArtifact(objects, row.repository_name, name);
  const old = (before?.tags as Row[] | undefined)?.find((other) => other.name === name);
  if (before && old) keep(before.tags, (other) => other !== old);
  const { id: artifact_id, repository_id } = row;
  row.tags.push({ id: old?.id ?? ++objects.lastId, repository_id, artifact_id, name, push_time: now() });
}

function dropTag(objects: Tables, request: Request, parts: string[]): Result {
  const row = artifact(objects, request, parts);
  const name = parts[3] ?? "";
  if (!(row.tags as Row[]).some((other) => other.name === name)) throw notFound(`tag ${name}`);
  if (isImmutable(objects, row, name)) throw immutable(name);
  keep(row.tags, (other) => other.name !== name);
  return done();
}

/** What is said where a tag is to be moved or removed that a rule protects. */
export const immutable = (name: string): Refusal =>
  new Refusal(412, "PRECONDITION", `Failed to process request due to '${name}' configured as immutable.`);

function remove(objects: Tables, row: Row): Result {
  const locked = (row.tags as Row[]).find((other) => isImmutable(objects, row, other.name));
  if (locked) throw immutable(locked.name);
  deleteArtifact(objects, row);
  return done();
}

/**
 * Deletes an image and, of an index, the images in it. Their blobs no longer count for the quota; the storage keeps them
 * until garbage is collected.
 */
export function deleteArtifact(objects: Tables, row: Row): void {
  keep(objects.artifacts, (other) => other !== row);
  objects.trash.push({ repository: row.repository_name, digest: row.digest });
  for (const { child_digest } of (row.references ?? []) as Row[]) {
    const child = findArtifact(objects, row.repository_name, child_digest);
    if (child && child.tags.length === 0 && !isPart(objects, child)) deleteArtifact(objects, child);
  }
  const rest = objects.artifacts.filter((other) => other.project_id === row.project_id);
  const needed = new Set(rest.flatMap((other) => other.blobs as string[]));
  const freed = (row.blobs as string[]).filter((digest) => !needed.has(digest));
  keep(objects.projectBlobs, (blob) => blob.project_id !== row.project_id || !freed.includes(blob.digest));
  for (const digest of freed) Object.assign(objects.blobs[digest] ?? {}, { time: Date.now() });
  const own = objects.repositories.find((other) => other.id === row.repository_id);
  if (own) own.artifact_count--;
}

/** Whether an image, as that for one platform, belongs to an index. */
export const isPart = ({ artifacts }: Tables, { digest, repository_id }: Row): boolean =>
  artifacts.some(
    (row) =>
      row.repository_id === repository_id &&
      ((row.references ?? []) as Row[]).some(({ child_digest }) => child_digest === digest),
  );

function dropRepository(objects: Tables, row: Row): Result {
  const images = objects.artifacts.filter((other) => other.repository_id === row.id);
  for (const image of images) if (objects.artifacts.includes(image)) remove(objects, image);
  keep(objects.repositories, (other) => other !== row);
  objects.project({ byName: false }, `${row.project_id}`).repo_count--;
  return done();
}
