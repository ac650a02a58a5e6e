import { parseReference } from "../config/image-reference";
import { images } from "../versions";

/** Whether an image is of a repository that `versions.ts` has, or below one of some others: `ghcr.io`, `docker.io/grafana`. */
export function isFromKnownSource(reference: string, others: readonly string[]): boolean {
  const repository = repositoryOf(reference);
  if (Object.values(images).some((each) => repositoryOf(each) === repository)) return true;
  // What a registry is called tells the image that would be called `x` in it.
  return others.some((each) => repository.startsWith(repositoryOf(`${each}/x`).slice(0, -1)));
}

function repositoryOf(reference: string): string {
  const { registry, repository } = parseReference(reference);
  return `${registry}/${repository}`;
}
