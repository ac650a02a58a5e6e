import { sample } from "../../kit/metrics";
import type { Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";

/** What core's `/health` says, and what the objects are, as Harbor's exporter tells it. */
export function exporterLines(health: Row, objects: HarborObjects): string[] {
  const components = (health.components ?? []) as { name: string; status: string }[];
  const value = (status: string): number => (status === "healthy" ? 1 : 0);
  return [
    sample("harbor_health", {}, value(health.status)),
    ...components.map(({ name, status }) => sample("harbor_up", { component: name }, value(status))),
    ...objects.projects.flatMap((project) => projectLines(project, objects)),
    ...["true", "false"].map((open) =>
      sample("harbor_project_total", { public: open }, objects.projects.filter(isOpen(open)).length),
    ),
    sample("harbor_statistics_total_project_amount", {}, objects.projects.length),
    sample("harbor_statistics_total_repo_amount", {}, objects.repositories.length),
    sample("harbor_statistics_total_storage_consumption", {}, consumption(objects)),
  ];
}

const isOpen =
  (open: string) =>
  ({ metadata }: Row): boolean =>
    (metadata.public === "true") === (open === "true");

function projectLines(project: Row, objects: HarborObjects): string[] {
  const { project_id, name } = project;
  const hard = Number(objects.quotas.find((row) => row.ref.id === project_id)?.hard.storage ?? -1);
  const own = (rows: Row[]): Row[] => rows.filter((row) => row.project_id === project_id);
  const pulls = own(objects.repositories).reduce((sum, { pull_count }) => sum + Number(pull_count), 0);
  const kind = { project_name: name, public: String(project.metadata.public === "true") };
  return [
    sample("harbor_project_quota_usage_byte", { project_name: name }, objects.used(project_id)),
    sample("harbor_project_quota_byte", { project_name: name }, hard),
    sample("harbor_project_repo_total", kind, own(objects.repositories).length),
    sample("harbor_project_artifact_total", { ...kind, artifact_type: "IMAGE" }, own(objects.artifacts).length),
    sample("harbor_project_member_total", { project_name: name }, own(objects.members).length),
    sample("harbor_artifact_pulled", { project_name: name }, pulls),
  ];
}

function consumption({ projectBlobs, blobs }: HarborObjects): number {
  const digests = new Set(projectBlobs.map(({ digest }) => digest));
  return [...digests].reduce((sum, digest) => sum + (blobs[digest]?.size ?? 0), 0);
}
