import { AuthentikApi } from "../helpers/unit/authentik-api";
import { largeProgram, resourcesOf, type Size } from "../helpers/contract/authentik-program";
import { findPulumi, PulumiProject } from "../helpers/contract/pulumi-project";
import { type Part, ProcessWatch, type Usage } from "./process-watch";

/** `node dist/figures/sso.js 100 1000`: the numbers of users. */
const sizes: readonly Size[] = (process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1000]).map(
  (users) => ({ users, groups: users / 20, applications: users / 10 }),
);

/** What one command took. */
interface Figure extends Usage {
  readonly seconds: number;
  readonly calls: number;
}

interface Figures {
  readonly size: Size;
  readonly steps: Readonly<Record<string, Figure>>;
  readonly stateBytes: number;
}

const steps: Readonly<Record<string, { readonly args: readonly string[]; readonly expected: (size: Size) => RegExp }>> =
  {
    "first up": {
      args: ["up", "--yes", "--skip-preview"],
      expected: (size) => new RegExp(`\\+ ${resourcesOf(size)} created`),
    },
    "no-op preview": { args: ["preview", "--expect-no-changes"], expected: unchanged },
    "no-op refresh": { args: ["refresh", "--yes", "--skip-preview", "--expect-no-changes"], expected: unchanged },
  };

function unchanged(size: Size): RegExp {
  return new RegExp(`${resourcesOf(size)} unchanged`);
}

/** Runs a house of this size through Pulumi's engine, against the lab's stand-in for Authentik in this process. */
async function measure(pulumiFolder: string, size: Size): Promise<Figures> {
  const api = await AuthentikApi.start();
  // As many rows to a page as Authentik gives.
  Object.assign(api.objects.settings, { pagination_default_page_size: 20, pagination_max_page_size: 100 });
  const project = new PulumiProject("authentik", pulumiFolder, { AUTHENTIK_TOKEN: api.connection.token });
  try {
    project.write("index.js", largeProgram(api.connection.endpoint, size));
    await project.pulumi("stack", "init", "figures");
    const measured: Record<string, Figure> = {};
    for (const [name, { args, expected }] of Object.entries(steps)) {
      api.log.splice(0);
      const watch = new ProcessWatch();
      const run = await project.watched(args, (pid) => watch.start(pid));
      const usage = watch.stop();
      if (run.code !== 0 || !expected(size).test(run.output)) throw new Error(`${name}: ${run.output.slice(-2000)}`);
      measured[name] = { seconds: run.seconds, calls: api.log.length, ...usage };
      console.error(`${size.users} users, ${name}: ${run.seconds.toFixed(1)} s, ${api.log.length} API calls`);
    }
    return { size, steps: measured, stateBytes: Buffer.byteLength(project.state()) };
  } finally {
    project.remove();
    await api.stop();
  }
}

const parts: readonly Part[] = ["engine", "program", "provider host"];
const mebibytes = (bytes = NaN): number => bytes / 2 ** 20;

/** A line of the table: its name, its value in each house, a unit and digits. */
type Line = readonly [name: string, value: (figures: Figures) => number, unit: string, digits: number];

const stepLines = (name: string): Line[] => {
  const of = (figures: Figures): Figure | undefined => figures.steps[name];
  return [
    [name, (figures) => of(figures)?.seconds ?? NaN, "s", 1],
    ["  processor time", (figures) => of(figures)?.processorSeconds ?? NaN, "s", 1],
    ["  API calls", (figures) => of(figures)?.calls ?? NaN, "", 0],
    ...parts.map((part): Line => [`  memory, ${part}`, (figures) => mebibytes(of(figures)?.peaks[part]), "MiB", 0]),
  ];
};

const lines: readonly Line[] = [
  ["users", ({ size }) => size.users, "", 0],
  ["groups", ({ size }) => size.groups, "", 0],
  ["applications", ({ size }) => size.applications, "", 0],
  ["resources", ({ size }) => resourcesOf(size), "", 0],
  ["state", ({ stateBytes }) => mebibytes(stateBytes), "MiB", 1],
  ...Object.keys(steps).flatMap(stepLines),
];

/** One row per figure, one column per house, and how many times the first the last is. */
function table(all: readonly Figures[]): string {
  return lines
    .map(([name, value, unit, digits]) => ({ name, values: all.map(value), unit, digits }))
    .filter(({ values }) => values.every(Number.isFinite))
    .map(({ name, values, unit, digits }) => {
      const growth = (values.at(-1) ?? NaN) / (values[0] ?? NaN);
      const shown = values.map((number) => `${number.toFixed(digits)} ${unit}`.trim().padStart(12));
      return name.padEnd(24) + shown.join("") + (Number.isFinite(growth) ? `${growth.toFixed(1)} ×`.padStart(10) : "");
    })
    .join("\n");
}

async function main(): Promise<void> {
  const found = findPulumi();
  if ("reason" in found) throw new Error(found.reason);
  const all: Figures[] = [];
  for (const size of sizes) all.push(await measure(found.folder, size));
  console.log(table(all));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
