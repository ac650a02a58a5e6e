import { setTimeout as pause } from "node:timers/promises";

import type { Subject } from "../dynamic/http";

/** Milliseconds: in which further mends are waited for, between two looks, and in which a container has to get healthy. */
export const restarting = { collect: 500, look: 1000, longest: 300_000 };

/** What was set right on a machine, of which a container that runs may still have what was there before. */
export interface Mend {
  /** A file that has another inode now: a container that mounts it has the old one. */
  readonly path?: string;
  /** Since when it was not what it should be, in seconds since 1970. Who mounts its folder and started since has read that. */
  readonly since?: number;
  /** The uppermost folder that had to be made: what is mounted of it, or of what is below it, is gone. */
  readonly made?: string;
}

/** A container that runs. */
export interface Running {
  readonly id: string;
  readonly name: string;
  /** `running`, `paused` or, between two starts, `restarting`. */
  readonly status: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** `starting`, `healthy` or `unhealthy`; empty without a health check. */
  readonly health: string;
  /** Paths on the machine. */
  readonly sources: readonly string[];
}

/** Whether the container may run on what was there before. */
export function isStale({ sources, startedAt }: Running, { path, since, made }: Mend): boolean {
  const isIn = (inner: string, outer?: string): boolean => inner === outer || inner.startsWith(`${outer}/`);
  const hasRead = since !== undefined && Date.parse(startedAt) / 1000 >= since;
  return sources.some((source) => source === path || isIn(source, made) || (hasRead && isIn(path ?? "", source)));
}

/** What runs scripts on the machine. */
interface Shell {
  run(script: string, subject: Subject): Promise<Buffer>;
}

/** Starts containers again that run on what somebody changed by hand, and nobody else's. */
export class Restarts {
  private readonly changed = new Set<string>();
  private next?: { readonly mends: Mend[]; readonly done: Promise<void> };
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly host: Shell) {}

  /** The program has changed a file. Whoever mounts it is replaced in this run, and not started with it before. */
  spare(path: string): void {
    this.changed.add(path);
  }

  /**
   * Starts again what runs on what was there before, once for all that is mended together, and waits until it is healthy or
   * says that it is not. A machine without Docker has nothing that runs.
   */
  after(mend: Mend): Promise<void> {
    this.next ??= this.collect();
    this.next.mends.push(mend);
    return this.next.done;
  }

  private collect(): { mends: Mend[]; done: Promise<void> } {
    const mends: Mend[] = [];
    const restart = async (): Promise<void> => {
      for (let count = 0; count < mends.length; await pause(restarting.collect)) count = mends.length;
      this.next = undefined;
      await this.restart(mends);
    };
    const done = this.last.then(restart);
    this.last = done.catch(() => undefined);
    return { mends, done };
  }

  private async restart(mends: readonly Mend[]): Promise<void> {
    const places = mends.flatMap(({ path, made }) => path ?? made ?? []).join(", ");
    const subject = { action: "look for", object: "the containers of", name: places, remedies };
    // The last one first: what others wait for was made before them.
    const stale = (await this.running(subject)).reverse().filter((container) => {
      const isReplaced = container.sources.some((source) => this.changed.has(source));
      return !isReplaced && mends.some((mend) => isStale(container, mend));
    });
    if (stale.length === 0) return;
    console.error(
      `Mended ${places}. Restarting what runs on what was there: ${stale.map(({ name }) => name).join(", ")}.`,
    );
    for (const { id, name } of stale)
      await this.host.run(`docker restart ${id} >/dev/null`, {
        action: "restart",
        object: "container",
        name,
        remedies,
      });
    await this.settled(stale, subject);
  }

  private async settled(restarted: readonly Running[], subject: Subject): Promise<void> {
    const ids = new Set(restarted.map(({ id }) => id));
    const end = Date.now() + restarting.longest;
    for (;;) {
      const now = (await this.running(subject)).filter(({ id }) => ids.has(id));
      const waiting = now.filter(({ status, health }) => status === "restarting" || health === "starting");
      if (waiting.length > 0 && Date.now() < end) {
        await pause(restarting.look);
        continue;
      }
      for (const { name, status, health } of now.filter(
        (each) => each.health === "unhealthy" || waiting.includes(each),
      ))
        console.error(`warning: ${name} is ${health || status} after its restart. See its log: docker logs ${name}`);
      return;
    }
  }

  private async running(subject: Subject): Promise<Running[]> {
    const lines = (await this.host.run(listScript, subject)).toString().split("\n");
    return lines.filter((line) => line !== "").map((line) => described(JSON.parse(line) as Inspected));
  }
}

const remedies = {
  1: "See there why Docker refuses it (systemctl status docker), and restart what mounts it by hand.",
};

/** What `docker inspect` says, as the script below asks it. */
interface Inspected {
  readonly id: string;
  readonly name: string;
  readonly state: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly mounts: readonly { readonly Source?: string }[];
}

const described = ({ id, name, state, mounts }: Inspected): Running => ({
  id,
  name: name.replace(/^\//, ""),
  status: state.Status,
  startedAt: state.StartedAt,
  health: state.Health?.Status ?? "",
  sources: mounts.flatMap(({ Source }) => Source ?? []),
});

const format = '{"id":{{json .Id}},"name":{{json .Name}},"state":{{json .State}},"mounts":{{json .Mounts}}}';

/** One that is removed meanwhile makes `docker inspect` fail after it has told of the others. */
const listScript = [
  "set -eu",
  "command -v docker >/dev/null || exit 0",
  "ids=$(timeout 30 docker ps --quiet --no-trunc)",
  `[ -z "$ids" ] || timeout 30 docker inspect --type container --format '${format}' $ids 2>/dev/null || [ $? = 1 ]`,
].join("\n");
