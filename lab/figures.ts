import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { stringify } from "yaml";

import { pack as packFile } from "../tools/judged-run";
import type { RunOptions } from "../tools/run";
import { Docker } from "./docker";
import { toolingVm } from "./homelab";
import { say, step } from "./progress";
import { registryThroughput } from "./registry-figures";
import { labHome, network, projectRoot } from "./settings";
import { captured, outputs, prepare, stateFigures, withStack } from "./stack";
import type { World } from "./world";

const rounds = 5;

/** Measures the lab that is up and prints what was found. Nothing here passes or fails. */
export async function printFigures(world: World): Promise<void> {
  const [empty = NaN, full = NaN, judged = NaN] = await step(`Time ${rounds} previews each`, () =>
    inTurns([() => timeEmptyPreview(world), () => timeNoOpPreview(world, []), () => timeNoOpPreview(world, pack)]),
  );
  const [large = NaN, largeJudged = NaN] = await step("Time 3 previews each of 1,000 resources", () =>
    inTurns([() => timeSyntheticPreview(world, []), () => timeSyntheticPreview(world, pack)], 3),
  );
  const state = await stateFigures(world);
  const memory = await containerMemory(world);
  const throughput = await step("Measure the registry's throughput", () => registryThroughput(world));
  const issued = (await outputs(world)).services.map(({ issuedInMilliseconds }) => issuedInMilliseconds);
  say(`no-op preview       ${seconds(full)} (an empty program: ${seconds(empty)}; ratio ${(full / empty).toFixed(2)})`);
  say(`  with the policies ${seconds(judged)} (${added(full, judged)})`);
  say(
    `1,000 resources     ${seconds(large)}, with the policies ${seconds(largeJudged)} (${added(large, largeJudged)})`,
  );
  say(`certificates        ${issued.map(seconds).join(", ")}`);
  for (const [what, { edge, straight }] of Object.entries(throughput)) {
    const ratio = (edge / straight).toFixed(2);
    say(`${what.padEnd(19)} ${rate(edge)} through the edge, ${rate(straight)} straight (ratio ${ratio})`);
  }
  say(`state               ${state.resources} resources, ${Math.round(state.bytes / 1024)} KiB`);
  for (const line of memory) say(`memory at rest      ${line}`);
}

const pack = ["--policy-pack", packFile];

/** The median of each measure, taken in turns, so that all meet the same load of the computer. */
async function inTurns(measures: readonly (() => Promise<number>)[], times = rounds): Promise<number[]> {
  const taken: number[][] = measures.map(() => []);
  for (let round = 0; round < times; round += 1) {
    for (const [index, measure] of measures.entries()) taken[index]?.push(await measure());
  }
  return taken.map(median);
}

/** Milliseconds of a preview that finds no change. */
async function timeNoOpPreview(world: World, policies: readonly string[]): Promise<number> {
  const { command, env } = await prepare(world);
  return timed(command, withStack(["preview", "--expect-no-changes", ...policies]), { cwd: projectRoot, env });
}

/** Milliseconds of a preview of a program that does nothing: what Pulumi itself takes on this computer. */
function timeEmptyPreview(world: World): Promise<number> {
  return timeProgram(world, "empty", `require("@pulumi/pulumi");`, []);
}

function timeSyntheticPreview(world: World, policies: readonly string[]): Promise<number> {
  return timeProgram(world, "synthetic", `require(${JSON.stringify(join(__dirname, "synthetic.js"))});`, policies);
}

/** Milliseconds of a preview of a program of its own. */
async function timeProgram(world: World, name: string, source: string, policies: readonly string[]): Promise<number> {
  const { command, env } = await prepare(world);
  const folder = join(labHome, `${name}-program`);
  const options = { cwd: folder, env: { ...env, PULUMI_BACKEND_URL: `file://${folder}` } };
  if (!existsSync(folder)) {
    mkdirSync(folder);
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      stringify({ name, runtime: { name: "nodejs", options: { typescript: false } } }),
    );
    writeFileSync(join(folder, "index.js"), `${source}\n`);
    writeFileSync(join(folder, "package.json"), "{}\n");
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    await captured(command, ["stack", "init", name], options);
  }
  return timed(command, ["preview", "--stack", name, ...policies], options);
}

async function timed(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  const begun = performance.now();
  await captured(command, args, options);
  return performance.now() - begun;
}

/** Docker's own figures, from the machine's engine. */
async function containerMemory(world: World): Promise<string[]> {
  const machine = `${network.name}-${toolingVm}`;
  const stats = ["docker", "stats", "--no-stream", "--format", "{{.Name}}  {{.MemUsage}}"];
  const printed = await new Docker(world.dockerHost).run(["exec", machine, ...stats]);
  return printed.split("\n").filter(Boolean);
}

const rate = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB/s`;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function added(without: number, having: number): string {
  return `${having >= without ? "+" : ""}${Math.round((having / without - 1) * 100)} %`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
