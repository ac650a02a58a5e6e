import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { prepare, stateFigures, withStack } from "../../lab/stack";
import { currentWorld, type World } from "../../lab/world";
import { policies } from "../../policies/pack";
import { enforcementLevel } from "../../policies/policy";
import { readStackSettings } from "../../policies/stack-settings";
import { pack } from "../../tools/judged-run";
import { messageOf } from "../../tools/run";
import { projectRoot } from "../../tools/versions";
import { largeProgram, type Size } from "../helpers/contract/authentik-program";
import { findPulumi, PulumiProject, type Run } from "../helpers/contract/pulumi-project";
import { AuthentikApi } from "../helpers/unit/authentik-api";
import { table, type Group, type Sample } from "./bench-table";
import { ProcessWatch } from "./process-watch";

/** Single sign-on of a house with that many resources. */
const sizes: Readonly<Record<number, Size>> = {
  50: { users: 12, groups: 2, applications: 2 },
  300: { users: 84, groups: 4, applications: 10 },
  3450: { users: 1000, groups: 50, applications: 99 },
};

type Started = (pid: number) => void;

/** One program whose previews are timed. */
interface Case {
  readonly name: string;
  readonly resources: number;
  /** Finds no change. */
  readonly preview: (started: Started) => Promise<Run>;
}

/** Nothing, the floor, a program, that under a policy that judges nothing, and under ours. */
type Cases = readonly [Case, Case, Case, Case, Case];

/** Whatever has to be removed at the end. */
const cleanUps: (() => unknown)[] = [];

/** A program of its own that is deployed. */
class Deployed {
  private constructor(private readonly project: PulumiProject) {}

  static async make(folder: string, source: string, env: NodeJS.ProcessEnv = {}): Promise<Deployed> {
    // Without this Pulumi writes the whole state after each resource, which is most of a first update.
    const project = new PulumiProject("bench", folder, { ...env, PULUMI_SKIP_CHECKPOINTS: "true" });
    cleanUps.push(() => project.remove());
    project.write("index.js", source);
    succeeded("a stack", await project.pulumi("stack", "init", "bench"));
    succeeded("the first update", await project.pulumi("up", "--yes", "--skip-preview"));
    return new Deployed(project);
  }

  case(name: string, resources: number, options: readonly string[] = []): Case {
    return { name, resources, preview: (started) => this.project.watched([...noOp, ...options], started) };
  }

  /** The policies, none of which ends the preview: a house of people alone is none that they let pass. */
  policies(): string[] {
    const config = join(this.project.folder, "policies.json");
    const levels = policies.map((policy) => [policy.name, { enforcementLevel: enforcementLevel(policy, "advisory") }]);
    writeFileSync(config, JSON.stringify(Object.fromEntries(levels)));
    return ["--policy-pack", pack, "--policy-pack-config", config];
  }
}

const noOp = ["preview", "--expect-no-changes"];

function succeeded(what: string, { code, output }: Run): void {
  if (code !== 0) throw new Error(`${what} failed:\n${output.slice(-2000)}`);
}

/** What Pulumi itself takes, with nothing of ours: without a resource, and with that many that have an input and no provider. */
async function floors(resources: number, folder: string): Promise<[Case, Case]> {
  const pulumi = `const pulumi = require("@pulumi/pulumi");`;
  const row = `new pulumi.ComponentResource("bench:index:Row", "row-" + i, { input: "value-" + i });`;
  const rows = `${pulumi}\nfor (let i = 1; i < ${resources}; i++) ${row}`;
  const plain = { NODE_OPTIONS: "" };
  return [
    (await Deployed.make(folder, pulumi, plain)).case("empty program", 1),
    (await Deployed.make(folder, rows, plain)).case("floor", resources),
  ];
}

/** A pack of one policy that judges nothing, started as ours is: what of the policies' time is Pulumi's own. */
function idlePack(folder: string): string {
  const [program, start] = [join(folder, "idle-pack.js"), join(folder, "idle-pack")];
  const sdk = JSON.stringify(join(projectRoot, "node_modules", "@pulumi", "policy"));
  const policy = `{ name: "idle", description: "Judges nothing.", validateResource: () => {} }`;
  writeFileSync(program, `new (require(${sdk}).PolicyPack)("idle", { policies: [${policy}] });\n`);
  const node = `exec node --require ./tools/lean-node.cjs '${program}' "$@"`;
  writeFileSync(start, `#!/bin/sh\ncd '${projectRoot}' && ${node}\n`, { mode: 0o755 });
  return start;
}

/** Single sign-on of a house, as the project's commands run it. */
async function houseOf(resources: number, folder: string): Promise<Cases> {
  const size = sizes[resources];
  if (!size) throw new Error(`${resources} is none of the sizes ${Object.keys(sizes).join(", ")}`);
  const api = await AuthentikApi.start();
  cleanUps.push(() => api.stop());
  // As many rows to a page as Authentik gives.
  Object.assign(api.objects.settings, { pagination_default_page_size: 20, pagination_max_page_size: 100 });
  const program = largeProgram(api.connection.endpoint, size);
  const house = await Deployed.make(folder, program, { AUTHENTIK_TOKEN: api.connection.token });
  return [
    ...(await floors(resources, folder)),
    house.case("single sign-on", resources),
    house.case("  with an idle policy", resources, ["--policy-pack", idlePack(folder)]),
    house.case("  with the policies", resources, house.policies()),
  ];
}

/** The lab's own stack, where the lab is up, and the floor of as many resources. */
async function labStack(folder: string): Promise<Cases | undefined> {
  const world = upOrNot();
  if (!world) return undefined;
  const { command, env } = await prepare(world);
  const { resources } = await stateFigures(world);
  const preview =
    (options: readonly string[] = []): Case["preview"] =>
    (started) =>
      run(command, withStack([...noOp, ...options]), env, started);
  const settings = mkdtempSync(join(tmpdir(), "homelab-bench-"));
  cleanUps.push(() => rmSync(settings, { recursive: true }));
  const config = join(settings, "policies.json");
  writeFileSync(config, JSON.stringify(readStackSettings(projectRoot, "lab").packConfig));
  const judged = preview(["--policy-pack", pack, "--policy-pack-config", config]);
  return [
    ...(await floors(resources, folder)),
    { name: "the lab's stack", resources, preview: preview() },
    { name: "  with an idle policy", resources, preview: preview(["--policy-pack", idlePack(settings)]) },
    { name: "  with the policies", resources, preview: judged },
  ];
}

function upOrNot(): World | undefined {
  try {
    return currentWorld();
  } catch {
    return undefined;
  }
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, started: Started): Promise<Run> {
  const begun = Date.now();
  const child = spawn(command, [...args, "--non-interactive"], { cwd: projectRoot, env });
  started(child.pid ?? 0);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done) =>
    child.once("close", (code) => done({ code, output, seconds: (Date.now() - begun) / 1000 })),
  );
}

/** Runs the cases in turns, so that all meet the same load of the computer. */
async function measure(cases: Cases): Promise<Group> {
  const rounds = cases[1].resources > 1000 ? 3 : 5;
  const taken = cases.map(({ name, resources }) => ({ name, resources, samples: [] as Sample[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { name, resources, preview }] of cases.entries()) {
      const watch = new ProcessWatch();
      const result = await preview((pid) => watch.start(pid));
      const usage = watch.stop();
      succeeded(name, result);
      taken[index]?.samples.push({ seconds: result.seconds, ...usage });
      console.error(`${round}/${rounds} ${resources} resources, ${name.trim()}: ${result.seconds.toFixed(1)} s`);
    }
  }
  return taken as unknown as Group;
}

/** `node dist/figures/bench.js 50 300 3450`: the numbers of resources. */
async function main(numbers: readonly number[]): Promise<void> {
  const found = findPulumi();
  if ("reason" in found) throw new Error(found.reason);
  for (const resources of numbers) console.log(table(await measure(await houseOf(resources, found.folder))));
  const lab = await labStack(found.folder);
  console.log(lab ? table(await measure(lab)) : "The lab is not up: `npm start`, and its stack is measured too.");
}

main(process.argv.length > 2 ? process.argv.slice(2).map(Number) : Object.keys(sizes).map(Number))
  .catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  })
  .finally(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });
