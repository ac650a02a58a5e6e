import { parseReference } from "../../config/image-reference";
import { digestOf } from "../../tools/image-digest";
import { images, type ImageName } from "../../versions";
import { canMakeRoots } from "../image/debian";
import type { Report } from "../progress";
import { authentikImage } from "./authentik-image";
import { stepCaImage, traefikImage } from "./go-images";
import { harborBase } from "./harbor-base";
import { harborImages } from "./harbor-images";
import { postgresImage } from "./postgres-image";
import { binary, step, stepCa, traefik } from "./programs";
import { push, type Image, type Registry } from "./registry";

/** Full references, with digest, of images in place of those in `versions.ts`. */
export type LabImages = Partial<Record<ImageName, string>>;

/**
 * Where every registry of `versions.ts` can be reached the official images are used; what is to do is to ask for the digests
 * that are not there. Elsewhere images of the lab's own are made and pushed to its registry: all of them, for what plays one
 * part of a product does not go with the real other ones. What the lab has no image for stays as it is.
 */
export async function ensureImages(registry: Registry, report: Report): Promise<LabImages> {
  if (await allAnswer(registriesOf(Object.values(images)))) return resolved(report);
  const base = await harborBase(report);
  const own: Partial<Record<ImageName, Image>> = {
    stepCa: await stepCaImage(report),
    traefik: await traefikImage(report),
    ...harborImages(images, base),
    authentikServer: authentikImage(images.authentikServer, base),
    authentikDatabase: postgresImage(images.authentikDatabase, base),
  };
  const pushed: LabImages = {};
  for (const [key, image] of Object.entries(own) as [ImageName, Image][]) {
    report(`push ${image.name}`);
    pushed[key] = await push(registry, image);
  }
  return pushed;
}

/** Builds what goes into the images without making images, so that tests can run it and a later start is quick. */
export async function buildPrograms(report: Report): Promise<void> {
  for (const program of [stepCa, step, traefik]) await binary(program, report);
  if (canMakeRoots()) await harborBase(report);
}

async function resolved(report: Report): Promise<LabImages> {
  const found: LabImages = {};
  for (const [key, reference] of Object.entries(images) as [ImageName, string][]) {
    if (reference.includes("@")) continue;
    report(`digest of ${reference}`);
    found[key] = `${reference}@${await digestOf(reference)}`;
  }
  return found;
}

/** Hosts that serve the images, each once. */
export const registriesOf = (references: readonly string[]): string[] => [
  ...new Set(references.map((reference) => parseReference(reference).registry)),
];

/** Whether each registry speaks the protocol of images here; a proxy in between may answer with something else. */
export async function allAnswer(registries: readonly string[], ask: typeof fetch = fetch): Promise<boolean> {
  const answers = registries.map(async (registry) => {
    const { status } = await ask(`https://${registry}/v2/`, { signal: AbortSignal.timeout(3000) });
    return status === 200 || status === 401; // 401: "log in", which an image pull does by itself
  });
  return Promise.all(answers).then(
    (each) => each.every(Boolean),
    () => false,
  );
}
