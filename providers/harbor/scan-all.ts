import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import type { Inputs } from "./connection";
import { scheduleKind, type ScheduleValues } from "./schedule";

/** Arguments of {@link ScanAll}. */
export type ScanAllArgs = Inputs<ScheduleValues>;

/** Scans every image again, for what became known since. Harbor has one such schedule; deleting this switches it off. */
export class ScanAll extends DynamicResource {
  constructor(name: string, args: ScanAllArgs, opts?: pulumi.CustomResourceOptions) {
    super(scanAll, name, args, opts);
  }
}

export const scanAll = scheduleKind<ScheduleValues>({
  token: "harbor:ScanAll",
  noun: "scan of all images",
  path: "scanAll",
});
