import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

import { projectRoot } from "../../../lab/settings";
import { runVariable } from "../../../tools/own-run";
import type { Result } from "./lab";

/** What is done to a process group in the middle of `npm start`. */
export type Interrupt = (group: number) => void;

/** How `npm start` ended, and whether it got as far as the moment of its interruption. */
export interface Interrupted extends Result {
  reached: boolean;
}

/**
 * `npm start` as a person starts it: in a process group of its own, which `interrupt` gets when the output has come to the
 * moment, and what is waited for from then on is there.
 */
export function interrupted(
  isMoment: (output: string) => boolean,
  interrupt: Interrupt,
  { env = {}, wait = () => Promise.resolve() }: { env?: NodeJS.ProcessEnv; wait?: () => Promise<void> } = {},
): Promise<Interrupted> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["start"], {
      cwd: projectRoot,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let reached = false;
    const read = async (chunk: Buffer): Promise<void> => {
      output += chunk.toString();
      process.stderr.write(chunk);
      if (reached || !isMoment(output) || child.pid === undefined) return;
      reached = true;
      await wait();
      if (child.exitCode === null) interrupt(child.pid);
    };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void read(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output, reached }));
  });
}

/** Ctrl-C: the terminal sends SIGINT to every process of the foreground group. */
export const ctrlC: Interrupt = (group) => void process.kill(-group, "SIGINT");

/** What kills a process in a terminal's session at once kills our commands and the engine, not what the engine started. */
export const killTree: Interrupt = (group) => membersOf(group).forEach(kill);

/** As the kernel does it where memory is short. */
export const killEngine: Interrupt = (group) => membersOf(group).filter(isEngine).forEach(kill);

const kill = (pid: number): void => void process.kill(pid, "SIGKILL");

function membersOf(group: number): number[] {
  return pids().filter((pid) => {
    const stat = textOf(pid, "stat");
    // After the name in parentheses: state, parent, group.
    const [, , member] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return member === String(group);
  });
}

function isEngine(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith("/pulumi");
  } catch {
    return false; // it has ended
  }
}

/** Processes that an update of this checkout started and that are still there. */
export const leftProcesses = (): number[] =>
  pids().filter((pid) => {
    const mark = textOf(pid, "environ")
      .split("\0")
      .find((each) => each.startsWith(`${runVariable}=`));
    return mark?.endsWith(` ${projectRoot}`) ?? false;
  });

const pids = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function textOf(pid: number, file: string): string {
  try {
    return existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/${file}`, "utf8") : "";
  } catch {
    return ""; // it has ended, or is somebody else's
  }
}
