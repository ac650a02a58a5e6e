import { digestOf } from "../../tools/image-digest";
import { images, type ImageName } from "../../versions";
import { canMakeRoots } from "../image/debian";
import type { Report } from "../progress";
import { stepCaImage, traefikImage } from "./go-images";
import { harborBase } from "./harbor-base";
import { harborImages } from "./harbor-images";
import { binary, step, stepCa, traefik } from "./programs";
import { push, type Image, type Registry } from "./registry";

/** Full references, with digest, of images in place of those in `versions.ts`. */
export type LabImages = Partial<Record<ImageName, string>>;

/**
 * Where Docker Hub can be reached the official images are used; what is to do is to ask for the digests that are not in
 * `versions.ts`. Elsewhere images of the lab's own are made and pushed to its registry.
 */
export async function ensureImages(registry: Registry, report: Report): Promise<LabImages> {
  if (await dockerHubAnswers()) return resolved(report);
  const own: Record<ImageName, Image> = {
    stepCa: await stepCaImage(report),
    traefik: await traefikImage(report),
    ...(await harborImages(images, await harborBase(report))),
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

async function dockerHubAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(3000);
    const { status } = await fetch("https://registry-1.docker.io/v2/", { method: "HEAD", signal });
    return status === 200 || status === 401; // 401: "log in", which an image pull does by itself
  } catch {
    return false;
  }
}
