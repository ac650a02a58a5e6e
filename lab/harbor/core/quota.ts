import type { Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";
import { Refusal } from "../rows";

/** Refuses blobs that the project's quota has no room for. What the project has already costs nothing. */
export function checkQuota(
  objects: HarborObjects,
  { project_id }: Row,
  blobs: { digest: string; size: number }[],
): void {
  const hard = Number(objects.quotas.find((row) => row.ref.id === project_id)?.hard.storage ?? -1);
  if (hard < 0 || objects.configuration.quota_per_project_enable === false) return;
  const adding = blobs
    .filter(({ digest }) => !has(objects, project_id, digest))
    .reduce((sum, { size }) => sum + size, 0);
  const used = objects.used(project_id);
  if (adding === 0 || used + adding <= hard) return;
  const [more, now, limit] = [adding, used, hard].map(inWords);
  const text = `adding ${more} of storage resource, which when updated to current usage of ${now} will exceed the configured upper limit of ${limit}.`;
  throw new Refusal(403, "DENIED", text);
}

/** Notes that the storage has a blob and that it counts for the project. */
export function addBlob(objects: HarborObjects, { project_id }: Row, digest: string, size: number): void {
  objects.blobs[digest] = { size, time: Date.now() };
  if (!has(objects, project_id, digest)) objects.projectBlobs.push({ project_id, digest });
}

const has = ({ projectBlobs }: HarborObjects, projectId: number, digest: string): boolean =>
  projectBlobs.some((row) => row.project_id === projectId && row.digest === digest);

function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4);
  return `${(bytes / 1024 ** power).toFixed(1)} ${["", "KiB", "MiB", "GiB", "TiB"][power]}`;
}
