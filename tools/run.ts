import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Writable } from "node:stream";

/** Tells the person at the terminal one line about progress. */
export type Report = (line: string) => void;

/** How a command ended, and what it wrote. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where and with what a command runs. */
export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What it reads on standard input; nothing, or what comes from our terminal, where it is left out. */
  input?: string;
}

/** Runs a command to its end without a terminal. Rejects only when it cannot be started. */
export function capture(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((done, failed) => {
    const { input, ...rest } = options;
    const child = spawn(command, args, { ...rest, stdio: "pipe" });
    write(child.stdin, input);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", failed);
    child.on("close", (code, signal) => {
      done({ code: exitCode(code, signal), stdout, stderr });
    });
  });
}

/**
 * Runs a command on our own terminal, its output to where `output` says, and gives its exit code. It decides itself what an
 * interruption does, and is asked to end where we are, or where the terminal is closed: what is cleaned up after it, is.
 */
export function attach(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
  output: "stdout" | "stderr" = "stdout",
): Promise<number> {
  return new Promise((done, failed) => {
    const { input, ...rest } = options;
    const stdin = input === undefined ? "inherit" : "pipe";
    const child = spawn(command, args, { ...rest, stdio: [stdin, output === "stdout" ? 1 : 2, 2] });
    write(child.stdin, input);
    const terminate = (): void => void child.kill("SIGTERM");
    process.on("SIGINT", leaveToChild).on("SIGTERM", terminate).on("SIGHUP", terminate);
    const stopListening = (): void =>
      void process.off("SIGINT", leaveToChild).off("SIGTERM", terminate).off("SIGHUP", terminate);
    child.on("error", (error) => {
      stopListening();
      failed(error);
    });
    child.on("close", (code, signal) => {
      stopListening();
      done(exitCode(code, signal));
    });
  });
}

/** A command that ends before it has read everything tells why by its exit code. */
function write(stdin: Writable | null, input = ""): void {
  stdin?.on("error", () => undefined).end(input);
}

/** A terminal sends Ctrl-C to the child too. */
function leaveToChild(): void {
  // Being here keeps Node from ending before the child has.
}

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Reports that `what` has begun, that it still goes on, and how long it took. */
export async function timed<T>(what: string, report: Report, work: () => Promise<T>, every = 20_000): Promise<T> {
  const begun = Date.now();
  report(`${what} ...`);
  const ticker = setInterval(() => {
    report(`${what} ... ${elapsed(begun)}`);
  }, every);
  try {
    const result = await work();
    report(`${what}: done in ${elapsed(begun)}`);
    return result;
  } finally {
    clearInterval(ticker);
  }
}

/** The time since `begun`, as "8 s" or "3 min 20 s". */
export function elapsed(begun: number, now = Date.now()): string {
  const seconds = Math.round((now - begun) / 1000);
  return seconds < 60 ? `${String(seconds)} s` : `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}

/** Runs a program on its command line: its exit code, or 1 and the error where it gives none. */
export function runProgram(main: (line: readonly string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`error: ${messageOf(error)}\n`);
      process.exitCode = 1;
    },
  );
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
