import { type Row, without } from "../../kit/rows";
import { badRequest, done, ok, only, type Result, type Route } from "../rows";
import type { Tables } from "../tables";
import { requireCron } from "./cron";

/** The schedules of the system. They are kept, and never fire. */
export const scheduleRoutes = (objects: Tables): Route[] => [
  [/^GET \/system\/(\w+)\/schedule$/, (_, [kind = ""]) => shown(objects.schedules[kind])],
  [/^PUT \/system\/(\w+)\/schedule$/, ({ body }, [kind = ""]) => set(objects, kind, body)],
];

/** The address of the cache stays inside. */
const shown = (row?: Row): Result => ok(row && without(row, "redis_url_reg"));

function set({ schedules, registryStore }: Tables, kind: string, body: Row): Result {
  const { type, cron } = body.schedule;
  const parameters: Row = body.parameters ?? {};
  if (kind === "purgeaudit") checkPurge(parameters);
  if (type === "None") {
    schedules[kind] = undefined;
    return done();
  }
  if (kind === "gc") checkWorkers(parameters);
  requireCron(cron);
  const schedule = { type, cron, next_scheduled_time: "2026-01-01T00:00:00Z" };
  const row = kind === "scanAll" ? { parameters: {} } : { job_parameters: JSON.stringify(kept(kind, parameters)) };
  schedules[kind] = { id: 1, schedule, ...row, ...(kind === "gc" && { redis_url_reg: registryStore() }) };
  return done();
}

/** Of a garbage collection, whether it is a dry run is not kept where the schedule is read from. */
function kept(kind: string, parameters: Row): Row {
  if (kind !== "gc") return parameters;
  const defaults = { delete_untagged: false, delete_tag: false, workers: 0 };
  return { ...defaults, ...only(parameters, ["delete_untagged", "delete_tag", "workers"]) };
}

/** Also where the schedule is removed. */
function checkPurge(parameters: Row): void {
  if (Object.keys(parameters).length === 0) throw badRequest("schedule parameter cann't be empty");
  const { audit_retention_hour: hours, include_event_types: events } = parameters;
  if (hours === undefined) throw badRequest("audit_retention_hour should provide");
  if (!Number.isInteger(hours)) throw badRequest("audit_retention_hour should be integer format");
  if (hours > 240_000) throw badRequest("audit_retention_hour should be less than 240000");
  if (events === undefined) throw badRequest("include_event_types should provide");
}

function checkWorkers({ workers = 1 }: Row): void {
  if (Number.isInteger(workers) && workers > 0 && workers <= 10) return;
  throw badRequest(
    `Error: Invalid number of workers:${workers}. Workers must be greater than 0 and less than or equal to 10.`,
  );
}
