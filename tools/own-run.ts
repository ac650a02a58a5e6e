import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { loading } from "./node-options";
import type { Report } from "./run";
import { projectRoot } from "./versions";

/** Marks everything that a run of ours starts, in its environment: which run it was, and of which checkout. */
export const runVariable = "HOMELAB_RUN";

/** Pulumi's environment such that what it starts ends with it, and bears this run's mark. */
export function ofThisRun(env: NodeJS.ProcessEnv, root = projectRoot): NodeJS.ProcessEnv {
  const own = statOf(process.pid);
  return {
    ...env,
    ...loading("end-with-engine.cjs", env),
    ...(own && { [runVariable]: [namespace(), process.pid, own.started, own.group, root].join(" ") }),
  };
}

/**
 * Ends what earlier runs of this checkout left: processes with the mark of a run that is over. Asked to end first, and
 * killed after `grace` milliseconds. Does nothing on a system without `/proc`.
 */
export async function endLeftovers(report: Report, root = projectRoot, grace = 5_000): Promise<void> {
  const left = leftovers(root);
  if (left.length === 0) return;
  for (const each of left) signal(each, "SIGTERM");
  const deadline = Date.now() + grace;
  while (left.some(isRunning) && Date.now() < deadline) await pause(50);
  for (const each of left) signal(each, "SIGKILL");
  report(`Ended what an earlier run left when it was killed: process ${left.map(({ pid }) => pid).join(", ")}`);
}

/** A process, told from a later one that has its id. */
interface Process {
  readonly pid: number;
  /** In ticks since the computer started. */
  readonly started: string;
  readonly group: string;
}

interface Marked extends Process {
  readonly mark: string;
  /** The command of ours that began the run. */
  readonly wrapper: Process;
}

/** A run goes on as long as our command or the engine does; Pulumi puts all that it starts in groups of their own. */
function leftovers(root: string): Marked[] {
  const marked = processes().flatMap((each) => withMark(each, root));
  const going = new Set(
    marked.filter(({ wrapper, group }) => isRunning(wrapper) || group === wrapper.group).map(({ mark }) => mark),
  );
  return marked.filter(({ mark }) => !going.has(mark));
}

function withMark(process: Process, root: string): Marked[] {
  const variables = unlessGone(() => readFileSync(`/proc/${String(process.pid)}/environ`, "utf8")) ?? "";
  const mark = variables.split("\0").find((each) => each.startsWith(`${runVariable}=`));
  const [place, pid, started, group, ...rest] = mark?.slice(runVariable.length + 1).split(" ") ?? [];
  if (!mark || !started || !group || place !== namespace() || rest.join(" ") !== root) return [];
  return [{ ...process, mark, wrapper: { pid: Number(pid), started, group } }];
}

function processes(): Process[] {
  const pids = unlessGone(() => readdirSync("/proc").filter((name) => /^\d+$/.test(name))) ?? [];
  return pids.flatMap((pid) => statOf(Number(pid)) ?? []);
}

/** Nothing for a process that ended, though its parent may not have asked after it yet. */
function statOf(pid: number): Process | undefined {
  const stat = unlessGone(() => readFileSync(`/proc/${String(pid)}/stat`, "utf8")) ?? "";
  // What follows the name in parentheses: the state, the parent, the group; the start is the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, , group, started] = [...fields.slice(0, 3), fields[19]];
  return group && started && state !== "Z" ? { pid, started, group } : undefined;
}

/** In another namespace, such as a container's, the ids are those of other processes. */
const namespace = (): string => unlessGone(() => readlinkSync("/proc/self/ns/pid")) ?? "";

const isRunning = ({ pid, started }: Process): boolean => statOf(pid)?.started === started;

function signal(each: Process, name: NodeJS.Signals): void {
  if (isRunning(each)) unlessGone(() => process.kill(each.pid, name));
}

/** Nothing where there is no `/proc`, where the process has ended by now, or where it is somebody else's. */
function unlessGone<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
