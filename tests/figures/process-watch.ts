import { readdirSync, readFileSync } from "node:fs";

/** The processes of a Pulumi run that are worth a figure. */
export type Part = "engine" | "program" | "provider host";

/** What a process and all it started used. */
export interface Usage {
  /** Bytes, the most that each part had at any time. Of several processes of a part, the biggest. */
  readonly peaks: Partial<Record<Part, number>>;
  /** Seconds of processor time, which other work of the computer does not change much. */
  readonly processorSeconds: number;
}

const ticksPerSecond = 100;

/** Watches a process and what it starts, from `/proc`. Linux alone. */
export class ProcessWatch {
  private readonly peaks: Partial<Record<Part, number>> = {};
  /** Processor time of each process, as it was last seen. */
  private readonly ticks = new Map<number, number>();
  private timer?: NodeJS.Timeout;

  start(pid: number): void {
    this.timer = setInterval(() => this.look(pid), 100);
  }

  stop(): Usage {
    clearInterval(this.timer);
    const ticks = [...this.ticks.values()].reduce((sum, each) => sum + each, 0);
    return { peaks: this.peaks, processorSeconds: ticks / ticksPerSecond };
  }

  private look(root: number): void {
    for (const pid of family(root)) {
      const part = partOf(read(pid, "cmdline"));
      // The kernel keeps the highest value itself, so that one look late in a life is enough.
      const [, kibibytes = "0"] = /^VmHWM:\s+(\d+)/m.exec(read(pid, "status")) ?? [];
      if (part) this.peaks[part] = Math.max(this.peaks[part] ?? 0, Number(kibibytes) * 1024);
      // After the name in brackets: state, parent and ten more, then time as a program and time in the kernel.
      const [, user, system] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(read(pid, "stat")) ?? [];
      if (user !== undefined) this.ticks.set(pid, Number(user) + Number(system));
    }
  }
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
  if (command.endsWith("pulumi")) return "engine";
  if (cmdline.includes("cmd/dynamic-provider")) return "provider host";
  return cmdline.includes("cmd/run") ? "program" : undefined;
}
