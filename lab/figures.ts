import { Docker } from "./docker";
import { say, step } from "./progress";
import { network } from "./settings";
import { outputs, stateFigures, timeEmptyPreview, timeNoOpPreview } from "./stack";
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

/** Docker's own figures, from the machine's engine. */
async function containerMemory(world: World): Promise<string[]> {
  const machine = `${network.name}-160`;
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
