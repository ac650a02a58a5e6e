import { isOfFeature } from "./features";
import { whyClosed, type Mounting } from "./host-paths";
import { at, isOff, items, unknown, unlisted, type Value } from "./resource";

/** What a container may have that others may not. */
export interface Own extends Mounting {
  readonly allowedCapabilities: readonly string[];
  readonly allowedVolumes: readonly string[];
}

/** What is wrong with a property's value, in sentences that end with the remedy. */
type Check = (value: Value, own: Own) => readonly string[];

/**
 * What may be said of a container, and how: every property that is not here is refused, also one that a later version of
 * the provider brings. Source: `ContainerArgs` of @pulumi/docker 5.2.0.
 */
export const containerProperties: ReadonlyMap<string, Check> = new Map([
  ...[
    ...["attach", "command", "containerReadRefreshTimeoutMilliseconds", "cpuPeriod", "cpuQuota", "cpuSet", "cpuShares"],
    ...["cpus", "destroyGraceSeconds", "dns", "domainname", "entrypoints", "envs"],
    ...["healthcheck", "hostname", "image", "init", "labels", "logs", "maxRetryCount", "memory", "memoryReservation"],
    ...["memorySwap", "mustRun", "name", "platform", "ports", "publishAllPorts", "readOnly", "removeVolumes"],
    ...["restart", "rm", "shmSize", "start", "stdinOpen", "stopSignal", "stopTimeout", "tty", "ulimits", "wait"],
    ...["waitTimeout", "workingDir"],
  ].map((property): [string, Check] => [property, () => []]),
  ["capabilities", capabilities],
  ["cgroupnsMode", oneOf("cgroupnsMode", "private")],
  ["ipcMode", oneOf("ipcMode", "private", "none")],
  ["logDriver", oneOf("logDriver", "json-file", "local")],
  ["logOpts", logOptions],
  ["mounts", listOf("mounts", mount)],
  ["networkMode", oneOf("networkMode", "bridge")],
  ["networksAdvanced", listOf("networksAdvanced", network)],
  ["securityOpts", securityOptions],
  ["tmpfs", inMemory],
  ["user", user],
  ["volumes", listOf("volumes", volume)],
]);

/** What a refused property opens to a container, for its message. */
export const opened: Readonly<Record<string, string>> = {
  cgroupParent: "another's limits",
  deviceCgroupRules: "the machine's devices",
  deviceRequests: "the machine's devices",
  devices: "the machine's devices",
  dnsOpts: "other names",
  dnsSearches: "other names",
  gpus: "the machine's devices",
  groupAdds: "the files of other groups",
  hosts: "another's name",
  pidMode: "other processes",
  privileged: "the whole machine",
  runtime: "whatever that runtime lets through",
  sysctls: "the kernel's settings",
  uploads: "what others read in the state",
  usernsMode: "the machine's user IDs",
};

export const notKnown = (property: string): string =>
  `its \`${property}\` is not known before the update; give it a value that is known now`;

function oneOf(property: string, ...allowed: readonly string[]): Check {
  return (value) => {
    if (isOff(value) || allowed.includes(String(value === unknown ? "" : value))) return [];
    if (value === unknown) return [notKnown(property)];
    return [`its \`${property}\` is ${String(value)}; remove it, or set it to ${allowed.join(" or ")}`];
  };
}

/** Judges each entry of a list, which must be known itself. */
function listOf(property: string, check: Check): Check {
  return (value, own) =>
    items(value).flatMap((entry) => (entry === unknown ? [notKnown(property)] : check(entry, own)));
}

/** Refuses what else an object says. */
function keysOf(property: string, allowed: readonly string[]): Check {
  return (value) => {
    if (value === unknown) return [notKnown(property)];
    return unlisted(value, allowed).map((key) => `it sets \`${property}.${key}\`, which no container needs; remove it`);
  };
}

const logKeys = keysOf("logOpts", ["compress", "max-file", "max-size"]);

/** A log that fills the disk stops everything on the machine. */
function logOptions(value: Value, own: Own): readonly string[] {
  const bounds = { "max-file": /^\d$/, "max-size": /^\d{1,2}m$/ };
  const unbounded = Object.entries(bounds).flatMap(([key, form]) => {
    const given = at(value, key);
    if (isOff(given) || given === unknown || form.test(String(given))) return [];
    return [
      `its \`logOpts.${key}\` is ${String(given)}, with which its log may fill the disk; take max-size 10m, max-file 3`,
    ];
  });
  return [...logKeys(value, own), ...unbounded];
}

const volumeKeys = keysOf("volumes[]", ["containerPath", "hostPath", "readOnly", "volumeName"]);
const mountKeys = keysOf("mounts[]", ["readOnly", "source", "target", "tmpfsOptions", "type", "volumeOptions"]);
const mountOptionKeys = keysOf("mounts[].volumeOptions", ["labels", "noCopy"]);
const networkKeys = keysOf("networksAdvanced[]", ["aliases", "ipv4Address", "ipv6Address", "name"]);

function volume(value: Value, own: Own): readonly string[] {
  return [
    ...volumeKeys(value, own),
    ...hostPath(at(value, "hostPath"), own),
    ...volumeName(at(value, "volumeName"), own),
  ];
}

function mount(value: Value, own: Own): readonly string[] {
  const type = at(value, "type");
  const source = at(value, "source");
  const others = [...mountKeys(value, own), ...mountOptionKeys(at(value, "volumeOptions"), own)];
  if (type === "bind") return [...others, ...hostPath(source, own)];
  if (type === "volume") return [...others, ...volumeName(source, own)];
  if (type === "tmpfs") return others;
  return [...others, `the type of its mount is ${text(type)}; use bind, volume or tmpfs`];
}

/** A path that only the update will tell, such as that of a file which is written first, is judged then. */
function hostPath(path: Value, own: Own): readonly string[] {
  if (path === unknown || isOff(path)) return [];
  const reason = whyClosed(String(path), own);
  return reason === undefined ? [] : [`it mounts ${String(path)}: ${reason}`];
}

function volumeName(name: Value, { feature, allowedVolumes }: Own): readonly string[] {
  if (name === unknown || isOff(name) || allowedVolumes.includes(String(name))) return [];
  if (isOfFeature(String(name), feature) && /^[\w.-]+$/.test(String(name))) return [];
  const remedy = `begin its name with ${feature}-, or put it into this policy's \`allowedVolumes\``;
  return [`it mounts the volume ${String(name)}, which is not ${feature}'s; ${remedy}`];
}

function network(value: Value, own: Own): readonly string[] {
  const name = at(value, "name");
  const foreign = typeof name === "string" && /^(host|container:.*|ns:.*)$/s.test(name);
  return [
    ...networkKeys(value, own),
    ...(foreign ? [`it joins the network ${name}, which is not its own; join a network of this stack`] : []),
  ];
}

function capabilities(value: Value, { allowedCapabilities }: Own): readonly string[] {
  const adds = items(at(value, "adds"));
  const drops = items(at(value, "drops"));
  if (adds.includes(unknown)) return [notKnown("capabilities.adds")];
  if (drops.includes(unknown)) return [notKnown("capabilities.drops")];
  const allowed = allowedCapabilities.map(bareName);
  const added = adds.map(String).filter((capability) => !allowed.includes(bareName(capability)));
  return [
    ...(drops.map((each) => bareName(String(each))).includes("ALL")
      ? []
      : ['it keeps capabilities of root; set `capabilities.drops` to ["ALL"]']),
    ...added.map(
      (capability) =>
        `it adds the capability ${capability}; remove it from \`capabilities.adds\`, ` +
        "or put it into this policy's `allowedCapabilities`",
    ),
  ];
}

const bareName = (capability: string): string => capability.toUpperCase().replace(/^CAP_/, "");

function securityOptions(value: Value): readonly string[] {
  const options = items(value);
  if (options.includes(unknown)) return [notKnown("securityOpts")];
  const [confining, others] = [true, false].map((wanted) =>
    options.map(String).filter((option) => /^no-new-privileges([:=]true)?$/.test(option) === wanted),
  );
  return [
    ...(confining?.length
      ? []
      : ['its processes may gain privileges; set `securityOpts` to ["no-new-privileges:true"]']),
    ...(others ?? []).map((option) => `its \`securityOpts\` have ${option}, which can lift its confinement; remove it`),
  ];
}

function inMemory(value: Value): readonly string[] {
  if (value === unknown) return [notKnown("tmpfs")];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([path, options]) => {
    if (options === unknown) return [notKnown("tmpfs")];
    const lifted = String(options ?? "")
      .split(",")
      .filter((option) => ["exec", "suid", "dev"].includes(option));
    return lifted.map((option) => `its \`tmpfs\` ${path} is mounted with ${option}; remove the option`);
  });
}

function user(value: Value): readonly string[] {
  if (value === unknown) return [notKnown("user")];
  if (/^[1-9]\d*:[1-9]\d*$/.test(String(value))) return [];
  const who = isOff(value) ? "it has no user of its own" : `its user is ${text(value)}`;
  return [`${who}, which can be root; set \`user\` to the numbers of a user and a group, such as 65532:65532`];
}

const text = (value: Value): string => (value === unknown ? "not known" : (JSON.stringify(value) ?? "not given"));
