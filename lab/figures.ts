import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { stringify } from "yaml";

import type { RunOptions } from "../tools/run";
import { Docker } from "./docker";
import { toolingVm } from "./homelab";
import { say, step } from "./progress";
import { labHome, network, projectRoot } from "./settings";
import { captured, outputs, prepare, stateFigures, withStack } from "./stack";
import type { World } from "./world";

const rounds = 5;

/** Measures the lab that is up and prints what was found. Nothing here passes or fails. */
export async function printFigures(world: World): Promise<void> {
  const [empty, full] = await step(`Time ${rounds} previews each`, async () => {
    const empty: number[] = [];
    const full: number[] = [];
    // In turns, so that both meet the same load of the computer.
    for (let round = 0; round < rounds; round += 1) {
      empty.push(await timeEmptyPreview(world));
      full.push(await timeNoOpPreview(world));
    }
    return [median(empty), median(full)];
  });
  const state = await stateFigures(world);
  const memory = await containerMemory(world);
  const issued = (await outputs(world)).services.map(({ issuedInMilliseconds }) => issuedInMilliseconds);
  say(`no-op preview       ${seconds(full)} (an empty program: ${seconds(empty)}; ratio ${(full / empty).toFixed(2)})`);
  say(`certificates        ${issued.map(seconds).join(", ")}`);
  say(`state               ${state.resources} resources, ${Math.round(state.bytes / 1024)} KiB`);
  for (const line of memory) say(`memory at rest      ${line}`);
}

/** Milliseconds of a preview that finds no change. */
async function timeNoOpPreview(world: World): Promise<number> {
  const { command, env } = await prepare(world);
  return timed(command, withStack(["preview", "--expect-no-changes"]), { cwd: projectRoot, env });
}

/** Milliseconds of a preview of a program that does nothing: what Pulumi itself takes on this computer. */
async function timeEmptyPreview(world: World): Promise<number> {
  const { command, env } = await prepare(world);
  const folder = join(labHome, "empty-program");
  const options = { cwd: folder, env: { ...env, PULUMI_BACKEND_URL: `file://${folder}` } };
  if (!existsSync(folder)) {
    mkdirSync(folder);
    const program = { name: "empty", runtime: { name: "nodejs", options: { typescript: false } } };
    writeFileSync(join(folder, "Pulumi.yaml"), stringify(program));
    writeFileSync(join(folder, "index.js"), `require("@pulumi/pulumi");\n`);
    writeFileSync(join(folder, "package.json"), "{}\n");
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    await captured(command, ["stack", "init", "empty"], options);
  }
  return timed(command, ["preview", "--stack", "empty"], options);
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
