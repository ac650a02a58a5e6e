import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { scheduleKind, type ScheduleValues } from "./schedule";

/** When and how Harbor frees space. */
export interface GarbageCollectionValues extends ScheduleValues {
  /** Whether images without a tag **are deleted** too. Default `false`. */
  readonly deleteUntagged?: boolean;
  /** How many at once, 1 to 10. Default 1. */
  readonly workers?: number;
  /** Whether it only says what it would delete. Default `false`. A change made in Harbor is not noticed: it does not tell. */
  readonly dryRun?: boolean;
  /**
   * Where the registry's cache is, with its login, as core is told: `redis://:password@redis:6379/1`. It is not sent: with a
   * schedule Harbor keeps the address that core has then, each run uses that one, and one whose login is over leaves deleted
   * blobs in the cache (`src/server/v2.0/handler/gc.go`). Another one here sets the schedule anew. A secret. Default: none.
   */
  readonly registryStore?: string;
}

/** Arguments of {@link GarbageCollection}. */
export type GarbageCollectionArgs = Inputs<GarbageCollectionValues>;

/**
 * Frees what no image uses any more. Set it after the retention, which only unlinks. It skips what is younger than two
 * hours, and stops where Harbor is read-only. Harbor has one; deleting this switches it off.
 */
export class GarbageCollection extends DynamicResource {
  constructor(name: string, args: GarbageCollectionArgs, opts?: pulumi.CustomResourceOptions) {
    super({ ...garbageCollection, secrets: ["registryStore"] }, name, args, opts);
  }
}

export const garbageCollection = scheduleKind<GarbageCollectionValues>({
  token: "harbor:GarbageCollection",
  noun: "garbage collection",
  path: "gc",
  defaults: { deleteUntagged: false, workers: 1, dryRun: false },
  writeOnly: ["dryRun", "registryStore"],
  check: (args, problems) => problems.wholeNumber("workers", args.workers, 1, 10),
  toParameters: ({ deleteUntagged, workers, dryRun }) => ({
    delete_untagged: deleteUntagged === true,
    workers,
    dry_run: dryRun === true,
  }),
  fromParameters: (parameters) => ({
    deleteUntagged: parameters.delete_untagged === true,
    workers: Number(parameters.workers ?? 1),
  }),
});
