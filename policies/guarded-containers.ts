import { mountedFolders, placedFiles, trustFolder, type Workload } from "../components/host/workload";
import { toMiB } from "../config/size";
import { containerName } from "./features";
import { at, isOff, items, readVariable, unknown, type Resource, type Value } from "./resource";
import { isPrivate } from "./subnets";
import { knownWorkloads, type KnownWorkload, type WorkloadSources } from "./workloads";

/** What runs in a container, as whom and where, and where it finds its files. */
interface Guarded extends Workload {
  /** Everything that it mounts, in the words of {@link mount}. */
  readonly mounts: readonly string[];
  readonly networks: readonly string[];
}

const mount = (hostPath: Value, containerPath: Value, readOnly: boolean): string =>
  `${String(hostPath)} at ${String(containerPath)}${readOnly ? "" : " to write to"}`;

const toGuarded = ({ networks, workload, filesRoot, foldersRoot }: KnownWorkload): Guarded => ({
  ...workload,
  networks,
  mounts: [
    ...placedFiles(filesRoot, workload).map(({ hostPath, containerPath }) => mount(hostPath, containerPath, true)),
    ...(workload.trustsRoot ? [mount(`${filesRoot}/roots`, trustFolder, true)] : []),
    ...mountedFolders(workload).map(({ containerPath, folder, readOnly }) => {
      return mount(`${foldersRoot}/${folder}`, containerPath, readOnly);
    }),
  ],
});

/**
 * What is wrong with a container of the project's own, in a stack of a domain: with other files or words, the same program does
 * something else, and without a folder of the machine it keeps nothing.
 */
export function containerProblems(container: Resource, sources: WorkloadSources): string[] {
  const { inputs } = container;
  const known = knownWorkloads(sources).find(({ name }) => name === containerName(container));
  if (!known) return [];
  const wanted = toGuarded(known);
  return [
    ...runs("entrypoints", at(inputs, "entrypoints"), wanted.entrypoint),
    ...runs("command", at(inputs, "command"), wanted.command),
    ...runs("healthcheck.tests", at(inputs, "healthcheck", "tests"), wanted.healthcheck),
    ...Object.entries({ user: wanted.user, memory: toMiB(wanted.memory), readOnly: true, wait: true }).flatMap(
      ([property, value]) => {
        const given = at(inputs, property);
        return given === value || given === unknown
          ? []
          : [`its \`${property}\` is ${String(given)}; set it to ${String(value)}, as its component does`];
      },
    ),
    ...names("tmpfs", Object.keys(at(inputs, "tmpfs") ?? {}), ["/tmp", ...Object.keys(wanted.scratch ?? {})]),
    ...names(
      "networksAdvanced",
      items(at(inputs, "networksAdvanced")).map((each) => at(each, "name")),
      wanted.networks,
    ),
    ...(wanted.ports ? names("ports", items(at(inputs, "ports")).map(openPort), wanted.ports.map(String)) : []),
    ...labelProblems(at(inputs, "labels")),
    ...environmentProblems(at(inputs, "envs"), wanted.environment),
    ...(isOff(at(inputs, "mounts")) ? [] : ["it sets `mounts`, where its component has `volumes`; remove it"]),
    ...mountProblems(at(inputs, "volumes"), wanted.mounts),
  ];
}

/** Labels that change when a container has to be made again: with its files, and with its machine. */
function labelProblems(labels: Value): string[] {
  const given = items(labels).map((each) => at(each, "label"));
  return ["arpa.home.configuration", "arpa.home.machine"]
    .filter((label) => !given.includes(label) && labels !== unknown)
    .map((label) => `it has no label ${label}, without which it isn't made again in time; add it`);
}

function runs(property: string, value: Value, wanted: readonly string[] = []): string[] {
  const words = items(value);
  if (words.includes(unknown) || JSON.stringify(words) === JSON.stringify(wanted)) return [];
  return [`its \`${property}\` is ${JSON.stringify(words)}; set it to ${JSON.stringify(wanted)}`];
}

/** What has to be there and nothing else, in any order. */
function names(property: string, given: readonly Value[], wanted: readonly string[]): string[] {
  const others = given.filter((each) => each !== unknown && !wanted.includes(String(each)));
  const missing = given.includes(unknown) ? [] : wanted.filter((each) => !given.includes(each));
  if (others.length + missing.length === 0) return [];
  return [
    `its \`${property}\` are ${given.map(String).join(", ")}; set them to ${wanted.join(", ")}, as its component does`,
  ];
}

/** A port that is the same inside and outside, for TCP and not on loopback alone; the rest judges `address-plan`. */
function openPort(port: Value): Value {
  const [inside, outside, ip, protocol] = ["internal", "external", "ip", "protocol"].map((each) => at(port, each));
  const isOpen = inside === outside && !String(ip).startsWith("127.") && (protocol ?? "tcp") === "tcp";
  return isOpen && outside !== unknown ? String(outside) : `${String(outside)} to ${String(inside)} at ${String(ip)}`;
}

function environmentProblems(envs: Value, wanted: Guarded["environment"] = {}): string[] {
  const entries = items(envs);
  const given = new Map(entries.flatMap((each) => (typeof each === "string" ? [readVariable(each)] : [])));
  const wrong = [...given].filter(([name, value]) => !isWanted(name, value, wanted));
  const missing = entries.includes(unknown) ? [] : Object.keys(wanted).filter((name) => !given.has(name));
  return [
    ...wrong.map(([name]) => `its \`envs\` have another ${name} than its component sets; take it from there`),
    ...missing.map((name) => `its \`envs\` have no ${name}, which its component sets; take it from there`),
  ];
}

/** What is made from another resource, the subnets of a network, is judged by its form. */
function isWanted(name: string, value: string, wanted: Readonly<Record<string, unknown>>): boolean {
  if (!Object.hasOwn(wanted, name)) return false;
  const own = wanted[name];
  return typeof own === "string" ? value === own : value.split(",").every((each) => each === "" || isPrivate(each));
}

function mountProblems(volumes: Value, wanted: readonly string[]): string[] {
  const all = items(volumes);
  const known = all.filter(
    (each) => !["hostPath", "containerPath", "readOnly"].some((key) => at(each, key) === unknown),
  );
  const given = known.map((each) =>
    mount(at(each, "hostPath") ?? at(each, "volumeName"), at(each, "containerPath"), at(each, "readOnly") === true),
  );
  const missing = known.length < all.length ? [] : wanted.filter((each) => !given.includes(each));
  return [
    ...given
      .filter((each) => !wanted.includes(each))
      .map((each) => `it mounts ${each}, which its component doesn't; remove it`),
    ...missing.map((each) => `it doesn't mount ${each}, as its component does; add it`),
  ];
}
