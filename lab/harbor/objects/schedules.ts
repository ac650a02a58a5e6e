import type { HarborObjects } from "../objects";
import { badRequest, type Result, type Route, type Row } from "../rows";

/** The schedules of the system. They are kept, and never fire. */
export const scheduleRoutes = (objects: HarborObjects): Route[] => [
  [/^GET \/system\/(\w+)\/schedule$/, (_, [kind = ""]) => ({ status: 200, body: objects.schedules[kind] })],
  [/^PUT \/system\/(\w+)\/schedule$/, ({ body }, [kind = ""]) => set(objects, kind, body)],
];

function set({ schedules }: HarborObjects, kind: string, body: Row): Result {
  const { type, cron } = body.schedule;
  if (type !== "None" && !/^0(?: \S+){5}$/.test(cron)) throw badRequest("bad cron");
  const schedule = { type, cron, next_scheduled_time: "2026-01-01T00:00:00Z" };
  const row = kind === "scanAll" ? { parameters: {} } : { job_parameters: JSON.stringify(body.parameters ?? {}) };
  schedules[kind] = type === "None" ? undefined : { id: 1, schedule, ...row };
  return { status: 200 };
}
