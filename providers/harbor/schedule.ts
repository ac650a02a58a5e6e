import type { Problems } from "../dynamic/problems";
import type { Known, Kind } from "../dynamic/kind";
import type { Token } from "../dynamic/dispatcher";
import type { Harbor } from "./api";
import { checkCron } from "./words";

/** What every schedule of the system has. */
export interface ScheduleValues {
  /** When it runs: six fields, second first and 0, UTC. `0 0 3 * * 0` is Sundays at 03:00. */
  readonly cron: string;
}

interface ScheduleRow {
  schedule?: { type?: string; cron?: string };
  /** The parameters, as text. */
  job_parameters?: string;
}

/** What one schedule has that others do not. */
interface Definition<Args extends ScheduleValues> {
  token: Token;
  noun: string;
  /** Below `/system/`. */
  path: string;
  defaults?: Partial<Args>;
  /** Inputs that the schedule does not show. */
  writeOnly?: readonly (keyof Args & string)[];
  check?(args: Known<Args>, problems: Problems): void;
  normalise?(args: Known<Args>): Known<Args>;
  /** The parameters in Harbor's words, and back. */
  toParameters?(args: Args): object;
  fromParameters?(parameters: Record<string, unknown>): Partial<Args>;
  /** Parameters that Harbor checks even where the schedule is removed. */
  removal?: object;
}

/**
 * A schedule of the system. Harbor has one of each kind, so that making it is changing it and deleting it is switching it
 * off; its id is its type.
 */
export function scheduleKind<Args extends ScheduleValues>(definition: Definition<Args>): Kind<Harbor, Args> {
  const { token, noun, path } = definition;
  const url = `/system/${path}/schedule`;
  const about = (action: string) => ({ action, object: "schedule", name: noun });
  const set = (api: Harbor, args: Args): Promise<void> =>
    api.put(
      url,
      {
        schedule: { type: "Custom", cron: args.cron },
        ...(definition.toParameters && { parameters: definition.toParameters(args) }),
      },
      about("set"),
    );
  return {
    token,
    noun,
    identity: [],
    defaults: definition.defaults,
    writeOnly: definition.writeOnly,
    normalise: definition.normalise,
    check(args, problems) {
      checkCron("cron", args.cron, problems);
      definition.check?.(args, problems);
    },
    create: async (api, args) => {
      await set(api, args);
      return {};
    },
    adopt: async () => undefined,
    sync: async (api, args) => {
      await set(api, args);
      return {};
    },
    read: async (api) => {
      const row = await api.find<ScheduleRow | undefined>(url, about("read"));
      const { type = "None", cron = "" } = row?.schedule ?? {};
      if (type === "None" || type === "") return undefined;
      const parameters = JSON.parse(row?.job_parameters || "{}") as Record<string, unknown>;
      return { args: { cron, ...definition.fromParameters?.(parameters) } as Known<Args>, outs: {} };
    },
    delete: (api) =>
      api.put(url, { schedule: { type: "None" }, parameters: definition.removal ?? {} }, about("delete")),
  };
}
