import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { buildSync } from "esbuild";

import { endLeftovers, ofThisRun } from "../../../tools/own-run";
import { projectRoot } from "../../../tools/versions";

/** A checkout of its own, in which our command starts an engine, and that what Pulumi starts. */
const root = mkdtempSync(join(tmpdir(), "homelab run "));
const tools = join(root, "tools");
const write = (name: string, source: string): void => writeFileSync(join(tools, name), source);

beforeAll(() => {
  mkdirSync(tools);
  copyFileSync(join(projectRoot, "tools/end-with-engine.cjs"), join(tools, "end-with-engine.cjs"));
  buildSync({
    entryPoints: [join(projectRoot, "tools/own-run.ts")],
    outfile: join(tools, "own-run.js"),
    bundle: true,
    platform: "node",
  });
  write(
    "wrapper.js",
    `const env = require("./own-run").ofThisRun(process.env);
     require("node:child_process").spawn(process.execPath, [__dirname + "/engine.js"], { env, stdio: "inherit" });`,
  );
  write(
    "engine.js",
    `const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
       const engine = "127.0.0.1:" + server.address().port;
       const start = (program, ...args) =>
         require("node:child_process").spawn(program, args, { detached: true, stdio: "ignore" }).pid;
       console.log(JSON.stringify({
         engine: process.pid,
         program: start(process.execPath, __dirname + "/program.js", "--monitor", "127.0.0.1:1", "--engine", engine),
         host: start(process.execPath, __dirname + "/program.js", engine),
         plugin: start("sh", "-c", "trap '' TERM; exec sleep 300"),
       }));
     });`,
  );
  write("program.js", "setInterval(() => {}, 1000);");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Part = "wrapper" | "engine" | "program" | "host" | "plugin";
const runs: Record<Part, number>[] = [];
afterEach(() => end(...runs.splice(0).flatMap((run) => Object.values(run).filter(isRunning))));

/** Starts a run as a terminal would: in a process group of its own. */
async function start(): Promise<Record<Part, number>> {
  const wrapper: ChildProcess = spawn(process.execPath, [join(tools, "wrapper.js")], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<Buffer>((done) => wrapper.stdout?.once("data", done));
  const run = { wrapper: wrapper.pid ?? 0, ...(JSON.parse(line.toString()) as Omit<Record<Part, number>, "wrapper">) };
  runs.push(run);
  return run;
}

/** Kills processes, and is done when they are gone, which takes a moment. */
async function end(...pids: number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, "SIGKILL");
  while (pids.some(isRunning)) await pause(5);
}

function isRunning(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  return stat !== "" && !/\) Z /.test(stat);
}

const parts = (run: Record<Part, number>): string[] =>
  Object.entries(run).flatMap(([part, pid]) => (isRunning(pid) ? [part] : []));

/** What is left of a run after `seconds`, or once it is what is expected. */
async function becomes(run: Record<Part, number>, expected: Part[], seconds = 5): Promise<void> {
  for (let waited = 0; waited < seconds * 20 && parts(run).length !== expected.length; waited += 1) await pause(50);
  expect(parts(run)).toEqual(expected);
}

describe("what a run starts", () => {
  const report = jest.fn();
  beforeEach(() => report.mockReset());
  const all: Part[] = ["wrapper", "engine", "program", "host", "plugin"];

  it("A7: the program and the host of dynamic resources end by themselves when the engine was killed", async () => {
    const run = await start();
    await pause(1_500);
    expect(parts(run)).toEqual(all);
    await end(run.wrapper, run.engine);
    await becomes(run, ["plugin"]);
  });

  it("A7: what is left of a run that was killed is ended by the next one, also where it ignores that it is asked", async () => {
    const run = await start();
    await end(run.wrapper, run.engine, run.program);
    await endLeftovers(report, root, 500);
    await becomes(run, []);
    expect(report.mock.calls.flat().join()).toMatch(
      new RegExp(`^Ended what an earlier run left when it was killed: process .*\\b${run.plugin}\\b`),
    );
  });

  it("A7: a run that goes on is left alone, by its command or by its engine, and so is another checkout's", async () => {
    const [going, engineAlone, elsewhere] = await Promise.all([start(), start(), start()]);
    await end(engineAlone.wrapper);
    await endLeftovers(report, root, 500);
    expect(parts(going)).toEqual(all);
    expect(parts(engineAlone)).toEqual(all.slice(1));
    await end(elsewhere.wrapper, elsewhere.engine);
    await endLeftovers(report, `${root}/other`, 500);
    await becomes(elsewhere, ["plugin"]);
    expect(report).not.toHaveBeenCalled();
  });

  it("keeps the options for Node.js that a person has set", () => {
    const env = ofThisRun({ NODE_OPTIONS: "--max-old-space-size=512" });
    expect(env.NODE_OPTIONS).toMatch(/^--max-old-space-size=512 --require ".*end-with-engine\.cjs"$/);
  });
});
