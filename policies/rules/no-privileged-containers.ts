import { list, pattern } from "../../config/fields";
import { whyClosed } from "../host-paths";
import { resourcePolicy } from "../policy";
import { at, items, unknown, type Value } from "../resource";
import { types } from "../types";

export default resourcePolicy({
  name: "no-privileged-containers",
  level: "mandatory",
  summary: "No container has the power of root on its machine.",
  doc: `Whoever breaks into a container shall not own the VM and the other services on it. Refused are \`privileged\`, the
host's network, PID, IPC, user and cgroup namespaces, added capabilities, devices, confinement that is switched off in
\`securityOpts\`, and what belongs to the machine in \`volumes\`, \`mounts\` or a Docker volume: the container runtime's
socket and data, \`/boot\`, \`/dev\`, \`/etc\`, \`/proc\`, \`/root\`, \`/run\` and \`/sys\` with all that lies in them, and
every folder that contains one of these, such as \`/\` or \`/var\`.

What isn't known yet is refused as well, with one exception: a path that only the update will tell, such as that of a
file which has to be written first. It is judged during the update, before the container is made.`,
  requirements: [],
  settings: {
    allowedCapabilities: list(pattern("a capability", "NET_BIND_SERVICE", /^[A-Za-z_]+$/))
      .prefault([])
      .describe("Capabilities that containers may add."),
    allowedPaths: list(pattern("an absolute path", "/etc/localtime", /^\/\S*$/))
      .prefault([])
      .describe("Paths of the machine that containers may mount although they are closed; never the runtime's socket."),
  },
  types: [types.container, types.volume],
  judge({ type, inputs }, { allowedCapabilities, allowedPaths }, violation) {
    for (const path of type === types.volume ? [at(inputs, "driverOpts", "device")] : mountedPaths(inputs)) {
      const reason = typeof path === "string" ? whyClosed(path, allowedPaths) : undefined;
      if (reason) violation(`it mounts ${String(path)}: ${reason}`);
    }
    for (const property of guarded) {
      if (isUnknown(at(inputs, ...property.split(".")))) {
        violation(`its \`${property}\` is not known before the update; give it a value that is known now`);
      }
    }
    if (at(inputs, "privileged") === true) {
      violation("it is privileged: root in it is root on its machine; remove `privileged`");
    }
    for (const [property, what] of Object.entries(walls)) {
      if (at(inputs, property) === "host") violation(`it shares the machine's ${what}; remove \`${property}\``);
    }
    for (const property of devices) {
      if (isGiven(at(inputs, property))) violation(`it reaches devices of its machine; remove \`${property}\``);
    }
    for (const option of items(at(inputs, "securityOpts"))) {
      if (typeof option === "string" && unconfined.test(option)) {
        violation(`it is not confined (${option}); remove that from \`securityOpts\``);
      }
    }
    const allowed = allowedCapabilities.map(bareName);
    for (const capability of items(at(inputs, "capabilities", "adds"))) {
      if (typeof capability !== "string" || allowed.includes(bareName(capability))) continue;
      violation(
        `it adds the capability ${capability}; remove it from \`capabilities.adds\`, ` +
          "or put it into this policy's `allowedCapabilities`",
      );
    }
  },
});

/** Properties that give a container a part of the machine with the value `host`, and which. */
const walls = {
  networkMode: "network",
  pidMode: "processes",
  ipcMode: "shared memory",
  usernsMode: "user IDs",
  cgroupnsMode: "control groups",
} as const;

const devices = ["devices", "deviceRequests", "deviceCgroupRules", "gpus"] as const;

/** What must be known before the update, in a list each element. */
const guarded = [
  ...["privileged", ...Object.keys(walls), ...devices],
  ...["securityOpts", "capabilities.adds", "volumes", "mounts"],
];

/** Options that switch off what confines a process; Docker also reads `:` for `=`. */
const unconfined = /^((seccomp|apparmor|systempaths)[=:]unconfined|label[=:](disable|type:spc_t))$/;

const isUnknown = (value: Value): boolean => value === unknown || (Array.isArray(value) && value.includes(unknown));

function mountedPaths(inputs: Value): Value[] {
  const mounts = items(at(inputs, "mounts"));
  return [
    ...items(at(inputs, "volumes")).map((each) => at(each, "hostPath")),
    ...mounts.map((each) => at(each, "source")),
    ...mounts.map((each) => at(each, "volumeOptions", "driverOptions", "device")),
  ];
}

const isGiven = (value: Value): boolean =>
  Array.isArray(value) ? value.length > 0 : typeof value === "string" && value !== "";

const bareName = (capability: string): string => capability.toUpperCase().replace(/^CAP_/, "");
