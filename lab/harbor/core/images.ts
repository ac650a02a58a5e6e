import { createHash } from "node:crypto";

import type { Row } from "../../kit/rows";
import type { HarborObjects } from "../objects";
import { findArtifact, immutable, tag } from "../objects/artifacts";
import { isImmutable } from "../objects/immutable";
import { badRequest, now } from "../rows";
import { addBlob, checkQuota } from "./quota";

interface Descriptor {
  mediaType?: string;
  digest: string;
  size: number;
  platform?: { os?: string; architecture?: string };
}

/** A manifest as far as Harbor reads it. */
export interface Manifest {
  mediaType: string;
  digest: string;
  size: number;
  config?: Descriptor;
  layers: Descriptor[];
  /** Of an index, the manifests it lists. */
  manifests: Descriptor[];
}

export function readManifest(body: Buffer, mediaType: string | undefined): Manifest {
  let parsed: Partial<Manifest>;
  try {
    parsed = JSON.parse(body.toString()) as Partial<Manifest>;
  } catch {
    throw badRequest("the manifest is no JSON");
  }
  return {
    mediaType: mediaType ?? parsed.mediaType ?? "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${createHash("sha256").update(body).digest("hex")}`,
    size: body.length,
    config: parsed.config,
    layers: parsed.layers ?? [],
    manifests: parsed.manifests ?? [],
  };
}

/** Everything that the project has once it has the image. */
const blobsOf = ({ digest, size, config, layers }: Manifest): { digest: string; size: number }[] => [
  { digest, size },
  ...(config ? [config] : []),
  ...layers,
];

/** Refuses a manifest that the project has no room for or whose tag a rule protects. */
export function checkPush(
  objects: HarborObjects,
  project: Row,
  name: string,
  reference: string,
  manifest: Manifest,
): void {
  const before = findArtifact(objects, name, reference);
  const moves = before !== undefined && before.digest !== manifest.digest;
  if (moves && isImmutable(objects, before, reference)) throw immutable(reference);
  checkQuota(objects, project, blobsOf(manifest));
}

/** Notes an image that the registry has taken. Returns it where it was not there before. */
export function recordPush(
  objects: HarborObjects,
  project: Row,
  name: string,
  reference: string,
  manifest: Manifest,
): Row | undefined {
  for (const { digest, size } of blobsOf(manifest)) addBlob(objects, project, digest, size);
  const repository = repositoryOf(objects, project, name);
  const known = findArtifact(objects, name, manifest.digest);
  const row = known ?? newArtifact(objects, project, repository, manifest);
  row.push_time = now();
  if (!reference.startsWith("sha256:")) tag(objects, row, reference);
  repository.update_time = now();
  return known ? undefined : row;
}

function repositoryOf(objects: HarborObjects, project: Row, name: string): Row {
  const known = objects.repositories.find((row) => row.name === name);
  if (known) return known;
  const times = { creation_time: now(), update_time: now() };
  const row = {
    id: ++objects.lastId,
    project_id: project.project_id,
    name,
    artifact_count: 0,
    pull_count: 0,
    ...times,
  };
  objects.repositories.push(row);
  project.repo_count++;
  return row;
}

function newArtifact(objects: HarborObjects, project: Row, repository: Row, manifest: Manifest): Row {
  const id = ++objects.lastId;
  const children = manifest.manifests.map(({ digest }) => findArtifact(objects, repository.name, digest));
  const row = {
    id,
    type: "IMAGE",
    media_type: manifest.config?.mediaType ?? manifest.mediaType,
    manifest_media_type: manifest.mediaType,
    artifact_type: manifest.config?.mediaType ?? "",
    project_id: project.project_id,
    repository_id: repository.id,
    repository_name: repository.name,
    digest: manifest.digest,
    size: sum([...blobsOf(manifest), ...children.map((child) => ({ size: Number(child?.size ?? 0) }))]),
    push_time: now(),
    references: manifest.manifests.map(({ digest, platform }, index) => ({
      parent_id: id,
      child_id: Number(children[index]?.id ?? 0),
      child_digest: digest,
      platform: { os: platform?.os ?? "", architecture: platform?.architecture ?? "" },
    })),
    tags: [],
    blobs: blobsOf(manifest).map(({ digest }) => digest),
  };
  objects.artifacts.push(row);
  repository.artifact_count++;
  return row;
}

const sum = (rows: { size: number }[]): number => rows.reduce((total, { size }) => total + size, 0);

/** Notes a pull. */
export function recordPull(objects: HarborObjects, row: Row, reference: string): void {
  row.pull_time = now();
  for (const each of row.tags as Row[]) if (each.name === reference) each.pull_time = row.pull_time;
  const repository = objects.repositories.find(({ id }) => id === row.repository_id);
  if (repository) repository.pull_count++;
}
