import { filesRoot as edgeRoot, paths, traefikRuns } from "../components/edge/static-config";
import { filesRoot as pkiRoot, stepCaRuns, stepPath } from "../components/pki/ca-config";
import { containerName } from "./features";
import { at, isOff, items, unknown, type Resource, type Value } from "./resource";

/** What runs in a container, and where it finds its files. */
interface Guarded {
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  /** Where a path of the machine is in the container. */
  readonly place: (path: string) => string | undefined;
  /** The one folder that it writes to. */
  readonly written: string;
}

const places = new Map<string, string>([
  [`${edgeRoot}/traefik.yml`, paths.staticConfig],
  [`${edgeRoot}/root_ca.crt`, paths.root],
  [`${edgeRoot}/routes`, paths.routes],
  [`${edgeRoot}/acme`, paths.acme],
]);

const guarded = new Map<string, Guarded>([
  ["edge-traefik", { ...traefikRuns, place: (path) => places.get(path), written: `${edgeRoot}/acme` }],
  [
    "pki-step-ca",
    {
      ...stepCaRuns,
      place: (path) => (path.startsWith(`${pkiRoot}/`) ? path.replace(pkiRoot, stepPath) : undefined),
      written: `${pkiRoot}/db`,
    },
  ],
]);

/** What is wrong with step-ca's or Traefik's container: with other files or words, the same program does something else. */
export function containerProblems(container: Resource): string[] {
  const { inputs } = container;
  const wanted = guarded.get(containerName(container));
  if (!wanted) return [];
  const others = ["entrypoints", "envs", "mounts"].filter((property) => !isOff(at(inputs, property)));
  return [
    ...runs("command", at(inputs, "command"), wanted.command),
    ...runs("healthcheck.tests", at(inputs, "healthcheck", "tests"), wanted.healthcheck),
    ...others.map((property) => `it sets \`${property}\`, which tells it what its files don't; remove it`),
    ...items(at(inputs, "volumes")).flatMap((volume) => misplaced(volume, wanted)),
  ];
}

function runs(property: string, value: Value, wanted: readonly string[]): string[] {
  const words = items(value);
  if (words.includes(unknown) || JSON.stringify(words) === JSON.stringify(wanted)) return [];
  return [`its \`${property}\` is ${JSON.stringify(words)}; set it to ${JSON.stringify(wanted)}`];
}

function misplaced(volume: Value, { place, written }: Guarded): string[] {
  const path = at(volume, "hostPath");
  const target = at(volume, "containerPath");
  if (path === unknown || target === unknown) return [];
  if (isOff(path) || place(String(path)) !== target) {
    return [
      `it mounts ${isOff(path) ? "a volume" : String(path)} at ${String(target)}, where its component doesn't; remove it`,
    ];
  }
  if (path === written || at(volume, "readOnly") === true || at(volume, "readOnly") === unknown) return [];
  return [`it may write to ${String(path)}, which tells it what to do; set \`readOnly\` to true`];
}
