import { readdirSync, readFileSync } from "node:fs";

/** The processes of a Pulumi run that are worth a figure. */
export type Part = "engine" | "program" | "provider host" | "plugins" | "policies";

/** What a process and all it started used. */
export interface Usage {
  /** Bytes, the most that each part had at any time. Of several processes of a part, the biggest. */
  readonly peaks: Partial<Record<Part, number>>;
  /** Seconds of processor time, which other work of the computer does not change much. */
  readonly processorSeconds: number;
  /** The same by part, as last seen: up to a tenth of a second of each process is missing. */
  readonly partSeconds: Partial<Record<Part, number>>;
}

const ticksPerSecond = 100;

/** What was seen of one process. */
interface Seen {
  readonly part: Part | undefined;
  readonly seconds: number;
}

/** Watches a process and what it starts, from `/proc`. Linux alone. */
export class ProcessWatch {
  private readonly peaks: Partial<Record<Part, number>> = {};
  private readonly seen = new Map<number, Seen>();
  private readonly before = secondsOfEnded();
  private timer?: NodeJS.Timeout;

  start(pid: number): void {
    this.timer = setInterval(() => this.look(pid), 100);
  }

  /** After the process ended. */
  stop(): Usage {
    clearInterval(this.timer);
    const partSeconds: Partial<Record<Part, number>> = {};
    for (const { part, seconds } of this.seen.values())
      if (part) partSeconds[part] = (partSeconds[part] ?? 0) + seconds;
    return { peaks: this.peaks, processorSeconds: secondsOfEnded() - this.before, partSeconds };
  }

  private look(root: number): void {
    for (const pid of family(root)) {
      // One that ended and waits for its parent has no command line any more.
      const part = partOf(read(pid, "cmdline")) ?? this.seen.get(pid)?.part;
      // The kernel keeps the highest value itself, so that one look late in a life is enough.
      const [, kibibytes = "0"] = /^VmHWM:\s+(\d+)/m.exec(read(pid, "status")) ?? [];
      if (part) this.peaks[part] = Math.max(this.peaks[part] ?? 0, Number(kibibytes) * 1024);
      // After the name in brackets: state, parent and ten more, then time as a program and time in the kernel.
      const [, user, system] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(read(pid, "stat")) ?? [];
      if (user !== undefined) this.seen.set(pid, { part, seconds: (Number(user) + Number(system)) / ticksPerSecond });
    }
  }
}

/** What this process has started and seen end, and what that had, as the kernel counts it. */
function secondsOfEnded(): number {
  // After the two of {@link ProcessWatch.look} come those of processes that were waited for.
  const [, user, system] = /\) (?:\S+ ){13}(\d+) (\d+)/.exec(readFileSync("/proc/self/stat", "utf8")) ?? [];
  return (Number(user) + Number(system)) / ticksPerSecond;
}

/** A process and everything below it. */
function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [, parent = "0"] = /\) \S+ (\d+)/.exec(read(Number(name), "stat")) ?? [];
    parents.set(Number(name), Number(parent));
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

/** A file about a process; empty where that has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function partOf(cmdline: string): Part | undefined {
  const [command = ""] = cmdline.split("\0");
  if (/\/?pulumi(-language-nodejs)?$/.test(command)) return "engine";
  if (/(policies\/index|idle-pack)\.js/.test(cmdline)) return "policies";
  if (cmdline.includes("cmd/dynamic-provider")) return "provider host";
  if (command.includes("pulumi-resource-")) return "plugins";
  return cmdline.includes("cmd/run") ? "program" : undefined;
}
