/** Tells what a long step does: a line that is redrawn on a terminal, otherwise lines at the start, every 15 seconds and at the end. */

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const heartbeatMs = 15_000;

/** Handed to the work of a step: says what it is busy with now. */
export type Report = (detail: string) => void;

interface RunningStep {
  title: string;
  started: number;
  detail: string;
}

const running: RunningStep[] = [];
let timer: NodeJS.Timeout | undefined;
let frame = 0;

/** Runs `work` and shows how long it has been going on. Steps may run side by side. */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const own: RunningStep = { title, started: Date.now(), detail: "" };
  running.push(own);
  if (!process.stdout.isTTY) process.stdout.write(`… ${title}\n`);
  startTimer();
  try {
    const result = await work((detail) => (own.detail = detail));
    finish(own, "✓");
    return result;
  } catch (error) {
    finish(own, "✗");
    throw error;
  }
}

/** A line of its own that does not disturb a running step. */
export function say(line: string): void {
  clearLine();
  process.stdout.write(`${line}\n`);
}

function finish(own: RunningStep, mark: string): void {
  running.splice(running.indexOf(own), 1);
  if (running.length === 0 && timer) {
    clearInterval(timer);
    timer = undefined;
  }
  say(`${mark} ${own.title} (${elapsed(own)})`);
}

function startTimer(): void {
  if (timer) return;
  timer = process.stdout.isTTY ? setInterval(redraw, 100) : setInterval(heartbeat, heartbeatMs);
  timer.unref();
}

function redraw(): void {
  clearLine();
  frame = (frame + 1) % frames.length;
  const line = running.map((each) => `${each.title} ${elapsed(each)}${suffix(each)}`).join(" | ");
  process.stdout.write(`${frames[frame]} ${line}`.slice(0, (process.stdout.columns || 80) - 1));
}

function heartbeat(): void {
  for (const each of running) process.stdout.write(`  … ${each.title}: ${elapsed(each)}${suffix(each)}\n`);
}

function clearLine(): void {
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
}

function suffix(each: RunningStep): string {
  return each.detail ? ` (${each.detail})` : "";
}

function elapsed(each: RunningStep): string {
  const seconds = Math.round((Date.now() - each.started) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
