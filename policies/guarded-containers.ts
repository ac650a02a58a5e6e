import {
  filesRoot as edgeRoot,
  memory as edgeMemory,
  paths,
  traefikRuns,
  traefikUser,
} from "../components/edge/static-config";
import { filesRoot as pkiRoot, memory as pkiMemory, stepCaRuns, stepPath, stepUser } from "../components/pki/ca-config";
import { trustFolder } from "../components/host/workload";
import { toMiB, type Size } from "../config/size";
import { containerName, firstWord } from "./features";
import { knownParts, type KnownPart } from "./parts";
import { at, isOff, items, readVariable, unknown, type Resource, type Value } from "./resource";
import { isPrivate } from "./subnets";

/** What runs in a container, as whom and where, and where it finds its files. */
interface Guarded {
  /** Numeric `uid:gid`. */
  readonly user: string;
  readonly memory: Size;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly healthcheck: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  /** Everything that it mounts, in the words of {@link mount}. */
  readonly mounts: readonly string[];
  /** Folders in memory besides `/tmp`. */
  readonly scratch?: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  /** Ports on an address of the machine's. */
  readonly ports?: readonly number[];
}

const mount = (hostPath: Value, containerPath: Value, readOnly: boolean): string =>
  `${String(hostPath)} at ${String(containerPath)}${readOnly ? "" : " to write to"}`;

/** On which the edge reaches the others. */
const edgeNetwork = "tooling";

const traefik: Guarded = {
  ...traefikRuns,
  user: traefikUser,
  memory: edgeMemory["edge-traefik"],
  networks: [edgeNetwork, "pki"],
  ports: [80, 443],
  mounts: [
    mount(`${edgeRoot}/traefik.yml`, paths.staticConfig, true),
    mount(`${edgeRoot}/root_ca.crt`, paths.root, true),
    mount(`${edgeRoot}/routes`, paths.routes, true),
    mount(`${edgeRoot}/acme`, paths.acme, false),
  ],
};

const stepCa: Guarded = {
  ...stepCaRuns,
  user: stepUser,
  memory: pkiMemory["pki-step-ca"],
  networks: ["pki"],
  mounts: [
    ...["config/ca.json", "config/defaults.json", "certs/root_ca.crt", "certs/intermediate_ca.crt"],
    "secrets/intermediate_ca_key",
    "db",
  ].map((path) => mount(`${pkiRoot}/${path}`, `${stepPath}/${path}`, path !== "db")),
};

const toGuarded = ({ name, part, filesRoot }: KnownPart): Guarded => ({
  ...part,
  networks: [firstWord(name), ...(part.isServed ? [edgeNetwork] : [])],
  mounts: [
    ...Object.keys(part.files ?? {}).map((path) => mount(`${filesRoot}/${part.name}${path}`, path, true)),
    ...(part.trustsRoot ? [mount(`${filesRoot}/roots`, trustFolder, true)] : []),
    ...Object.entries(part.data ?? {}).map(([path, use]) =>
      typeof use === "string"
        ? mount(`${filesRoot}/data/${use}`, path, false)
        : mount(`${filesRoot}/data/${use.folder}`, path, use.readOnly),
    ),
  ],
});

function guardedOf(name: string, domain: string): Guarded | undefined {
  if (name === "edge-traefik") return traefik;
  if (name === "pki-step-ca") return stepCa;
  const known = knownParts(domain).find((each) => each.name === name);
  return known && toGuarded(known);
}

/**
 * What is wrong with a container of the project's own, in a stack of a domain: with other files or words, the same program does
 * something else, and without a folder of the machine it keeps nothing.
 */
export function containerProblems(container: Resource, domain: string): string[] {
  const { inputs } = container;
  const wanted = guardedOf(containerName(container), domain);
  if (!wanted) return [];
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
