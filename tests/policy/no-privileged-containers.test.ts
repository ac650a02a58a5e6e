import { types } from "../../policies/types";
import { messages, notYetKnown } from "./harness";

const policy = "no-privileged-containers";
const judged = (inputs: Record<string, unknown>, settings?: object) =>
  messages(policy, [{ type: types.container, name: "web", inputs }], settings);
const volume = (inputs: Record<string, unknown>) => messages(policy, [{ type: types.volume, name: "data", inputs }]);

const socket = (path: string) =>
  `it mounts ${path}: with the container runtime's socket it is root on its machine; remove the mount`;
const closed = (path: string) =>
  `it mounts ${path}: that belongs to the machine itself; mount a folder of its own, or put the path into this ` +
  "policy's `allowedPaths`";

test("no-privileged-containers: a hardened container passes", async () => {
  const inputs = {
    privileged: false,
    networkMode: "bridge",
    ipcMode: "private",
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true", "seccomp=/srv/web/seccomp.json"],
    devices: [],
    gpus: "",
    volumes: [{ hostPath: "/srv/web", containerPath: "/data" }, { volumeName: notYetKnown }],
    mounts: [
      { type: "volume", source: "etc", target: "/etc" },
      { type: "tmpfs", target: "/tmp" },
    ],
  };
  expect(await judged(inputs)).toEqual([]);
  expect(await judged({})).toEqual([]);
});

test("no-privileged-containers: a privileged container is a violation", async () => {
  expect(await judged({ privileged: true })).toEqual([
    "it is privileged: root in it is root on its machine; remove `privileged`",
  ]);
});

test.each([
  ["networkMode", "network"],
  ["pidMode", "processes"],
  ["ipcMode", "shared memory"],
  ["usernsMode", "user IDs"],
  ["cgroupnsMode", "control groups"],
])("no-privileged-containers: %s of the host is a violation", async (property, what) => {
  expect(await judged({ [property]: "host" })).toEqual([`it shares the machine's ${what}; remove \`${property}\``]);
});

test.each([
  ["devices", [{ hostPath: "/dev/sda" }]],
  ["deviceRequests", [{ driver: "nvidia" }]],
  ["deviceCgroupRules", ["a *:* rwm"]],
  ["gpus", "all"],
])("no-privileged-containers: %s are a violation", async (property, value) => {
  expect(await judged({ [property]: value })).toEqual([`it reaches devices of its machine; remove \`${property}\``]);
});

test.each([
  "seccomp=unconfined",
  "seccomp:unconfined",
  "apparmor=unconfined",
  "systempaths=unconfined",
  "label=disable",
  "label:disable",
  "label=type:spc_t",
])("no-privileged-containers: %s is a violation", async (option) => {
  expect(await judged({ securityOpts: ["no-new-privileges:true", option] })).toEqual([
    `it is not confined (${option}); remove that from \`securityOpts\``,
  ]);
});

test("no-privileged-containers: an added capability is a violation, unless the stack allows it", async () => {
  const adds = { capabilities: { adds: ["CAP_NET_ADMIN", "net_bind_service"] } };
  const violation = (name: string) =>
    `it adds the capability ${name}; remove it from \`capabilities.adds\`, or put it into this policy's ` +
    "`allowedCapabilities`";
  expect(await judged(adds)).toEqual([violation("CAP_NET_ADMIN"), violation("net_bind_service")]);
  expect(await judged(adds, { allowedCapabilities: ["CAP_NET_BIND_SERVICE"] })).toEqual([violation("CAP_NET_ADMIN")]);
  expect(await judged(adds, { allowedCapabilities: ["net_admin", "NET_BIND_SERVICE"] })).toEqual([]);
  expect(await judged({ capabilities: { adds: ["ALL"] } }, { allowedCapabilities: ["NET_ADMIN"] })).toEqual([
    violation("ALL"),
  ]);
});

test.each([
  "/var/run/docker.sock",
  "/run/docker.sock",
  "/run//docker.sock/",
  "/srv/../var/run/docker.sock",
  "/run/containerd/containerd.sock",
  "/run/podman/podman.sock",
  "/run/containerd",
  "/run",
  "/var/run",
  "/var/run/",
  "/",
])("no-privileged-containers: with %s comes the runtime's socket, which no setting allows", async (path) => {
  expect(await judged({ volumes: [{ hostPath: path }] })).toEqual([socket(path)]);
  expect(await judged({ mounts: [{ type: "bind", source: path, readOnly: true }] })).toEqual([socket(path)]);
  expect(await judged({ volumes: [{ hostPath: path }] }, { allowedPaths: [path] })).toEqual([socket(path)]);
});

test.each([
  "/var",
  "/var/lib",
  "/var/lib/docker/volumes",
  "/etc",
  "/etc/ssh",
  "/proc",
  "/sys/",
  "/dev",
  "/root",
  "/boot",
  "/run/udev",
])("no-privileged-containers: %s is the machine's own, unless the stack allows it", async (path) => {
  expect(await judged({ volumes: [{ hostPath: path }] })).toEqual([closed(path)]);
  expect(await judged({ mounts: [{ type: "bind", source: path }] })).toEqual([closed(path)]);
  expect(await judged({ volumes: [{ hostPath: path }] }, { allowedPaths: [path] })).toEqual([]);
});

test.each(["/srv", "/etcetera", "/srv/etc", "/var/lib/dockerised", "/runs", "/home/media"])(
  "no-privileged-containers: %s may be mounted",
  async (path) => {
    expect(await judged({ volumes: [{ hostPath: path }] })).toEqual([]);
  },
);

test("no-privileged-containers: an allowed path opens nothing else", async () => {
  const volumes = [{ hostPath: "/etc/localtime" }, { hostPath: "/etc" }, { hostPath: "/etc/localtime.d" }];
  expect(await judged({ volumes }, { allowedPaths: ["/etc/localtime"] })).toEqual([
    closed("/etc"),
    closed("/etc/localtime.d"),
  ]);
});

test("no-privileged-containers: a volume that stands for a path of the machine is judged like the path", async () => {
  const bind = (device: unknown) => ({ type: "none", o: "bind", device });
  expect(await volume({ driverOpts: bind("/var/run/docker.sock") })).toEqual([socket("/var/run/docker.sock")]);
  expect(await volume({ driverOpts: bind("/etc") })).toEqual([closed("/etc")]);
  expect(await volume({ driverOpts: bind("/srv/data") })).toEqual([]);
  expect(await volume({ driverOpts: { type: "nfs", o: "addr=192.168.1.52", device: ":/etc" } })).toEqual([]);
  expect(await volume({})).toEqual([]);
  const volumeOptions = { driverOptions: bind("/etc") };
  expect(await judged({ mounts: [{ type: "volume", target: "/data", volumeOptions }] })).toEqual([closed("/etc")]);
});

test.each([
  ["privileged", { privileged: notYetKnown }],
  ["networkMode", { networkMode: notYetKnown }],
  ["pidMode", { pidMode: notYetKnown }],
  ["ipcMode", { ipcMode: notYetKnown }],
  ["usernsMode", { usernsMode: notYetKnown }],
  ["cgroupnsMode", { cgroupnsMode: notYetKnown }],
  ["devices", { devices: notYetKnown }],
  ["deviceRequests", { deviceRequests: notYetKnown }],
  ["deviceCgroupRules", { deviceCgroupRules: notYetKnown }],
  ["gpus", { gpus: notYetKnown }],
  ["securityOpts", { securityOpts: notYetKnown }],
  ["securityOpts", { securityOpts: ["no-new-privileges:true", notYetKnown] }],
  ["capabilities.adds", { capabilities: notYetKnown }],
  ["capabilities.adds", { capabilities: { adds: notYetKnown } }],
  ["capabilities.adds", { capabilities: { adds: [notYetKnown] } }],
  ["volumes", { volumes: notYetKnown }],
  ["volumes", { volumes: [notYetKnown] }],
  ["mounts", { mounts: notYetKnown }],
])("no-privileged-containers: %s that isn't known yet is a violation (%j)", async (property, inputs) => {
  expect(await judged(inputs)).toEqual([
    `its \`${property}\` is not known before the update; give it a value that is known now`,
  ]);
});

test("no-privileged-containers: a path that only the update knows is judged then", async () => {
  expect(await judged({ volumes: [{ hostPath: notYetKnown, containerPath: "/data" }] })).toEqual([]);
  expect(await judged({ mounts: [{ type: "bind", source: notYetKnown }] })).toEqual([]);
});
