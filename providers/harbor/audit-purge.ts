import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic/resource";
import { sortedSet } from "../dynamic/values";
import type { Inputs } from "./connection";
import { scheduleKind, type ScheduleValues } from "./schedule";

/** When and what Harbor removes from its audit log. */
export interface AuditPurgeValues extends ScheduleValues {
  /** How long events are kept: `90 days` or `36 hours`, at most 10000 days. **Older ones are deleted.** */
  readonly keep: string;
  /** Which events are removed: `pull_artifact`, `create_artifact`... All that exist: `GET /api/v2.0/auditlog-exts/events`. */
  readonly events: string[];
  /** Whether it only says what it would delete. Default `false`. */
  readonly dryRun?: boolean;
}

/** Arguments of {@link AuditPurge}. */
export type AuditPurgeArgs = Inputs<AuditPurgeValues>;

/** Keeps the audit log from growing for ever. Harbor has one such schedule; deleting this switches it off. */
export class AuditPurge extends DynamicResource {
  constructor(name: string, args: AuditPurgeArgs, opts?: pulumi.CustomResourceOptions) {
    super(auditPurge, name, args, opts);
  }
}

export const auditPurge = scheduleKind<AuditPurgeValues>({
  token: "harbor:AuditPurge",
  noun: "purge of the audit log",
  path: "purgeaudit",
  defaults: { dryRun: false },
  check(args, problems) {
    const isTime = (words: string): boolean => (hours(words) ?? Infinity) <= longest;
    problems.expect("keep", args.keep, isTime, '{value} is no time up to 10000 days; write "90 days" or "36 hours"');
    const areEvents = (events: string[]): boolean =>
      events.length > 0 && events.every((name) => /^[a-z_]+$/.test(name));
    problems.expect("events", args.events, areEvents, '{value} must be names of events such as "pull_artifact"');
  },
  normalise: (args) => ({
    ...args,
    ...(args.keep !== undefined && { keep: inWords(hours(args.keep) ?? 0) }),
    ...(args.events && { events: sortedSet(args.events) }),
  }),
  toParameters: ({ keep, events, dryRun }) => ({
    audit_retention_hour: hours(keep),
    include_event_types: events.join(","),
    dry_run: dryRun === true,
  }),
  removal: { audit_retention_hour: 24, include_event_types: "", dry_run: false },
  fromParameters: (parameters) => ({
    keep: inWords(Number(parameters.audit_retention_hour)),
    events: sortedSet(
      String(parameters.include_event_types ?? "")
        .split(",")
        .filter(Boolean),
    ),
    dryRun: parameters.dry_run === true,
  }),
});

/** Hours. Source: `MaxAuditRetentionHour` in `src/common/const.go` of goharbor/harbor 2.15. */
const longest = 240_000;

function hours(words: string): number | undefined {
  const match = /^([1-9]\d*) (hour|day)s?$/.exec(words);
  return match ? Number(match[1]) * (match[2] === "day" ? 24 : 1) : undefined;
}

function inWords(count: number): string {
  const [number, unit] = count % 24 === 0 ? [count / 24, "day"] : [count, "hour"];
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
