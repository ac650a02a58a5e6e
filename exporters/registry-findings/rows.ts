/** Rows of Harbor's lists, in the fields that count here, and what is made of them. */
import { report } from "./harbor";

export interface Project {
  readonly id: number;
  readonly name: string;
}

export const project = (row: unknown): Project => {
  const { project_id, name } = row as { project_id: number; name: string };
  return { id: project_id, name };
};

export type ScanState = "scanned" | "unscanned" | "failed";

/** An artifact and its last scan. */
export interface Artifact {
  /** With the project's name in front. */
  readonly repository: string;
  readonly digest: string;
  readonly pushed: number;
  /** `undefined` for what no scanner looks at: a chart, say. */
  readonly state?: ScanState;
  /** Which report it is. Changes with every scan. */
  readonly scan: string;
  readonly scanned: number;
  /** How many findings the report has, where that is known. */
  readonly total?: number;
}

interface ArtifactRow {
  type: string;
  repository_name: string;
  digest: string;
  push_time: string;
  scan_overview?: Record<string, ScanOverview | undefined>;
}

interface ScanOverview {
  report_id?: string;
  scan_status?: string;
  end_time?: string;
  summary?: { total?: number };
}

export function artifact(row: unknown): Artifact {
  const { type, repository_name: repository, digest, push_time, scan_overview } = row as ArtifactRow;
  const overview = scan_overview?.[report];
  return {
    repository,
    digest,
    pushed: Date.parse(push_time),
    state: overview || type === "IMAGE" ? stateOf(overview?.scan_status) : undefined,
    scan: `${digest} ${overview?.report_id} ${overview?.end_time}`,
    scanned: Date.parse(overview?.end_time ?? ""),
    total: overview?.summary?.total,
  };
}

function stateOf(status: string | undefined): ScanState {
  if (status === "Success") return "scanned";
  return status === "Error" || status === "Stopped" ? "failed" : "unscanned";
}

/** One row of a report. */
export interface Vulnerability {
  readonly id: string;
  readonly package: string;
  readonly severity: string;
}

/** Without its text and links, which are most of a report. */
export const vulnerability = (row: unknown): Vulnerability => {
  const { id, package: name, severity } = row as Vulnerability;
  return { id, package: name, severity };
};

export interface GarbageCollection {
  readonly status: string;
  readonly started: number;
  readonly ended: number;
}

export const collection = (row: unknown): GarbageCollection => {
  const { job_status, creation_time, update_time } = row as Record<string, string>;
  return { status: job_status ?? "", started: Date.parse(creation_time ?? ""), ended: Date.parse(update_time ?? "") };
};

export interface Volume {
  readonly free: number;
  readonly total: number;
}

export const volume = (row: unknown): Volume => {
  const { free, total } = row as { free: number; total: number };
  return { free, total };
};

export interface Quota {
  readonly project: string;
  readonly used: number;
  readonly limit: number;
}

export const quota = (row: unknown): Quota => {
  const { ref, used, hard } = row as { ref?: { name?: string } } & Record<"used" | "hard", { storage?: number }>;
  return { project: ref?.name ?? "", used: used.storage ?? 0, limit: orNone(hard.storage) };
};

export interface Robot {
  readonly name: string;
  readonly disabled: boolean;
  /** In seconds. */
  readonly expires: number;
  /** Whether it may read the findings of every project. */
  readonly readsAll: boolean;
}

interface RobotRow {
  name: string;
  disable?: boolean;
  expires_at?: number;
  permissions?: { kind: string; namespace: string; access: { resource: string; action: string }[] }[];
}

export const robot = (row: unknown): Robot => {
  const { name, disable, expires_at, permissions = [] } = row as RobotRow;
  const everywhere = permissions.filter(({ kind, namespace }) => kind === "project" && namespace === "*");
  const pairs = everywhere.flatMap(({ access }) => access.map(({ resource, action }) => `${resource}:${action}`));
  const readsAll = ["artifact:list", "artifact-addition:read"].every((pair) => pairs.includes(pair));
  return { name, disabled: disable ?? false, expires: orNone(expires_at), readsAll };
};

/** Harbor writes -1 for no limit. */
const orNone = (limit: number | undefined): number => (limit === undefined || limit < 0 ? Infinity : limit);
