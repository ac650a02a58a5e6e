import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Row } from "../../../lab/kit/rows";
import { type Answer, type Image, type LabClient } from "./lab-harbor-client";
import type { World } from "./lab-harbor-world";

/** An image with a layer that no other has. */
export const image = (text: string, size = 1000): Image => ({ layers: [Buffer.alloc(size, text)] });

/** Rights as `repository:pull`, in the form of the API. */
export const accessOf = (pairs: readonly string[]): object[] =>
  pairs.map((pair) => ({ resource: pair.split(":")[0], action: pair.split(":")[1] }));

/** A new robot of the project `media`. */
export async function robot(world: World, name: string, ...access: string[]): Promise<LabClient> {
  const permissions = [{ kind: "project", namespace: "media", access: accessOf(access) }];
  const answer = await world.admin.api("POST", "/robots", { name, level: "project", duration: 1, permissions });
  return world.client(`${answer.body.name}:${answer.body.secret}`);
}

/** The error that an answer is. */
export const errorOf = ({ text }: Answer): Row => (JSON.parse(text) as { errors: Row[] }).errors[0] ?? {};

/** The file of a blob in the storage. */
export function blobFile(world: World, digest: string): string {
  const hex = digest.replace("sha256:", "");
  return join(world.folder, "storage/docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error("it did not come about");
}

/** Starts a garbage collection and waits for its end. */
export async function collectGarbage(world: World, parameters: object = {}): Promise<Row> {
  const started = await world.admin.api("POST", "/system/gc/schedule", { schedule: { type: "Manual" }, parameters });
  expect(started.status).toBe(201);
  const path = (started.headers.get("location") ?? "").replace("/api/v2.0", "");
  await until(async () => (await world.admin.api("GET", path)).body.job_status !== "Running");
  return (await world.admin.api("GET", path)).body;
}
