import { execFile, spawn, type ChildProcess } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The path of a program, looked up on the PATH and where Debian keeps programs of the administrator. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/bin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end and returns what it printed. Its error output is part of the error. */
export function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((done, failed) => {
    const settings = { cwd: options.cwd, env: options.env, timeout: options.timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(file, [...args], settings, (error, stdout, stderr) => {
      if (!error) return done(stdout);
      failed(new Error(`"${file} ${args.slice(0, 3).join(" ")} …" failed: ${stderr.trim() || error.message}`));
    });
  });
}

/** Runs a program whose output goes to `onLine` as it comes; the last lines are part of the error. */
export function follow(
  file: string,
  args: readonly string[],
  onLine: (line: string) => void,
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  const child = spawn(file, [...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  return exited(child, onLine, `${file} ${args.slice(0, 3).join(" ")} …`);
}

function exited(child: ChildProcess, onLine: (line: string) => void, title: string): Promise<void> {
  const tail: string[] = [];
  const read = (chunk: Buffer): void => {
    for (const line of chunk
      .toString()
      .split("\n")
      .filter((each) => each.trim())) {
      tail.push(line);
      onLine(line.trim());
    }
    tail.splice(0, tail.length - 15);
  };
  child.stdout?.on("data", read);
  child.stderr?.on("data", read);
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      if (code === 0) return done();
      failed(new Error(`"${title}" failed with exit code ${code}:\n${tail.join("\n")}`));
    });
  });
}

/** A program that outlives the command that started it. It is stopped by its recorded id only. */
export interface Background {
  pidFile: string;
  /** Part of the program's command line that no other process has: a recorded id may belong to another process by now. */
  marker: string;
}

/** Starts a program in the background, with its output in `logFile`, and records its process id. */
export function startBackground(
  background: Background,
  file: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv = process.env,
): void {
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(file, [...args], { detached: true, stdio: ["ignore", log, log], env, cwd: dirname(logFile) });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`"${file}" could not be started. Is it installed?`);
  child.unref();
  writeFileSync(background.pidFile, `${child.pid}\n`, { mode: 0o600 });
}

/** The id of a background program that is running, or undefined. */
export function runningPid(background: Background): number | undefined {
  try {
    const pid = Number(readFileSync(background.pidFile, "utf8").trim());
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return commandLine.includes(background.marker) ? pid : undefined;
  } catch {
    return undefined; // no record, or the process is gone
  }
}

/** Asks a background program to end, and ends it when it has not after `graceSeconds`. Nothing happens when it is not running. */
export async function stopBackground(background: Background, graceSeconds = 30): Promise<void> {
  const pid = runningPid(background);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await waitFor(() => runningPid(background) === undefined, graceSeconds * 1000).catch(() =>
      process.kill(pid, "SIGKILL"),
    );
  }
  rmSync(background.pidFile, { force: true });
}

/** Waits until `ready` says so; fails after `timeoutMs`. */
export async function waitFor(ready: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error(`no answer within ${Math.round(timeoutMs / 1000)} seconds`);
    await sleep(200);
  }
}
