import { types } from "../../../policies/types";
import { notYetKnown } from "../harness";
import { adding, setting, type Mutation } from "./mutation";

const policy = "no-privileged-containers";

/** A change of Harbor's core. */
const core = (inputs: Record<string, unknown>, message: string): Mutation => ({
  policy,
  what: written(inputs),
  change: setting(types.container, "harbor-core", inputs),
  message,
});

const written = (inputs: object): string =>
  JSON.stringify(inputs, (_key, value: unknown) => value ?? "nothing").replaceAll(notYetKnown, "not yet known");

const foreign = "not below /srv/harbor/";
const socket = "container runtime's socket";
const mounted = (hostPath: string, message = foreign): Mutation =>
  core({ volumes: [{ hostPath, containerPath: "/x" }] }, message);

/** What opens the machine to a container, in every way that the provider has. */
export const containerMutations: readonly Mutation[] = [
  core({ privileged: true }, "it sets `privileged`, which opens the whole machine to it; remove it"),
  core({ privileged: notYetKnown }, "`privileged` is not known"),
  core({ pidMode: "host" }, "`pidMode`, which opens other processes"),
  core({ pidMode: "container:edge-traefik" }, "`pidMode`"),
  core({ ipcMode: "host" }, "`ipcMode` is host"),
  core({ ipcMode: "shareable" }, "`ipcMode` is shareable"),
  core({ ipcMode: "container:authentik-server" }, "`ipcMode` is container:authentik-server"),
  core({ networkMode: "host" }, "`networkMode` is host"),
  core({ networkMode: "container:pki-step-ca" }, "`networkMode` is container:pki-step-ca"),
  core({ networkMode: "macvlan0" }, "`networkMode` is macvlan0"),
  core({ usernsMode: "host" }, "`usernsMode`, which opens the machine's user IDs"),
  core({ cgroupnsMode: "host" }, "`cgroupnsMode` is host"),
  core({ cgroupParent: "/system.slice" }, "`cgroupParent`, which opens another's limits"),
  core({ runtime: "sysbox-runc" }, "`runtime`, which opens whatever that runtime lets through"),
  core({ runtime: "io.containerd.runc.v2" }, "`runtime`"),
  core({ gpus: "all" }, "`gpus`, which opens the machine's devices"),
  core({ devices: [{ hostPath: "/dev/sda" }] }, "`devices`"),
  core({ deviceRequests: [{ driver: "nvidia" }] }, "`deviceRequests`"),
  core({ deviceCgroupRules: ["a *:* rwm"] }, "`deviceCgroupRules`"),
  core({ deviceReadBps: [{ path: "/dev/sda", rate: 1 }] }, "`deviceReadBps`, which is not on the list"),
  core({ deviceWriteIops: [{ path: "/dev/sda", rate: 1 }] }, "`deviceWriteIops`, which is not on the list"),
  core({ sysctls: { "net.ipv4.ip_forward": "1" } }, "`sysctls`, which opens the kernel's settings"),
  core({ storageOpts: { size: "100G" } }, "`storageOpts`, which is not on the list"),
  core({ groupAdds: ["0"] }, "`groupAdds`, which opens the files of other groups"),
  core({ groupAdds: ["docker"] }, "`groupAdds`"),
  core({ hosts: [{ host: "auth.home.arpa", ip: "203.0.113.9" }] }, "`hosts`, which opens another's name"),
  core({ uploads: [{ file: "/run/key", content: "secret" }] }, "`uploads`, which opens what others read in the state"),
  core({ uploads: [{ file: "/etc/cron.d/x", source: "/root/x" }] }, "`uploads`"),
  core({ somethingNew: true }, "`somethingNew`, which is not on the list"),
  core({ securityOpts: [] }, "may gain privileges"),
  core({ securityOpts: undefined }, "may gain privileges"),
  core({ securityOpts: ["no-new-privileges:false"] }, "no-new-privileges:false, which can lift its confinement"),
  core({ securityOpts: ["no-new-privileges:true", "no-new-privileges=false"] }, "no-new-privileges=false"),
  core({ securityOpts: ["no-new-privileges:true", "seccomp=unconfined"] }, "seccomp=unconfined"),
  core({ securityOpts: ["no-new-privileges:true", 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] }, "seccomp={"),
  core({ securityOpts: ["no-new-privileges:true", "seccomp=/srv/harbor/core/open.json"] }, "seccomp=/srv"),
  core({ securityOpts: ["no-new-privileges:true", "apparmor=unconfined"] }, "apparmor=unconfined"),
  core({ securityOpts: ["no-new-privileges:true", "apparmor=mine"] }, "apparmor=mine"),
  core({ securityOpts: ["no-new-privileges:true", "systempaths=unconfined"] }, "systempaths=unconfined"),
  core({ securityOpts: ["no-new-privileges:true", "label=disable"] }, "label=disable"),
  core({ securityOpts: ["no-new-privileges:true", "writable-cgroups=true"] }, "writable-cgroups=true"),
  core({ securityOpts: notYetKnown }, "`securityOpts` is not known"),
  core({ capabilities: undefined }, 'set `capabilities.drops` to ["ALL"]'),
  core({ capabilities: { drops: ["NET_RAW"] } }, "keeps capabilities of root"),
  core({ capabilities: { drops: ["ALL"], adds: ["SYS_ADMIN"] } }, "adds the capability SYS_ADMIN"),
  core({ capabilities: { drops: ["ALL"], adds: ["CAP_DAC_READ_SEARCH"] } }, "CAP_DAC_READ_SEARCH"),
  core({ capabilities: { drops: ["ALL"], adds: ["ALL"] } }, "adds the capability ALL"),
  core({ capabilities: { drops: ["ALL"], adds: [notYetKnown] } }, "`capabilities.adds` is not known"),
  core({ user: undefined }, "it has no user of its own"),
  core({ user: "root" }, 'its user is "root"'),
  core({ user: "0:0" }, 'its user is "0:0"'),
  core({ user: "10000:0" }, 'its user is "10000:0"'),
  core({ user: "10000" }, 'its user is "10000"'),
  core({ user: "00:1" }, 'its user is "00:1"'),
  core({ user: "harbor:harbor" }, 'its user is "harbor:harbor"'),
  core({ user: notYetKnown }, "`user` is not known"),
  ...[
    "/var/run/docker.sock",
    "/run//docker.sock",
    "//run/docker.sock",
    "/srv/harbor/../../run",
    "/",
    "/run/containerd",
  ].map((path) => mounted(path, socket)),
  ...[
    "/etc",
    "//etc",
    "/srv/harbor/../../etc",
    "/srv/harbor//x",
    "/srv/harbor/",
    "/srv/harbor",
    "/srv",
    "/srv/pki/secrets",
  ].map((path) => mounted(path)),
  ...[
    "/srv/harbor-evil/x",
    "/home/ops/.ssh",
    "/var/lib/docker",
    "/proc",
    "/dev",
    "/mnt",
    "relative",
    "/srv/harbor/./x",
  ].map((path) => mounted(path)),
  core({ volumes: [{ volumeName: "/etc", containerPath: "/x" }] }, "/etc, which is no volume's name"),
  core({ volumes: [{ fromContainer: "pki-step-ca" }] }, "`volumes[].fromContainer`"),
  core({ volumes: [{ hostPath: "/srv/harbor/x", selinuxRelabel: "z" }] }, "`volumes[].selinuxRelabel`"),
  core({ volumes: notYetKnown }, "`volumes` is not known"),
  core({ mounts: [{ type: "bind", source: "/etc", target: "/x" }] }, foreign),
  core({ mounts: [{ type: "bind", source: "/srv/pki/secrets", target: "/x" }] }, foreign),
  core(
    { mounts: [{ type: "bind", source: "/srv/harbor/x", target: "/x", bindOptions: { propagation: "rshared" } }] },
    "`mounts[].bindOptions`",
  ),
  core(
    {
      mounts: [
        { type: "volume", target: "/x", volumeOptions: { driverOptions: { type: "none", o: "bind", device: "/etc" } } },
      ],
    },
    "`mounts[].volumeOptions.driverOptions`",
  ),
  core({ mounts: [{ type: "volume", target: "/x", volumeOptions: { driverName: "rclone" } }] }, "driverName"),
  core({ mounts: [{ type: "npipe", target: "/x" }] }, "the type of its mount"),
  core({ mounts: [{ type: notYetKnown, target: "/x" }] }, "the type of its mount is not known"),
  core({ tmpfs: { "/tmp": "rw,exec,suid" } }, "`tmpfs` /tmp is mounted with exec"),
  core({ tmpfs: { "/tmp": "rw,dev" } }, "mounted with dev"),
  core({ logDriver: "syslog" }, "`logDriver` is syslog"),
  core({ logOpts: { "syslog-address": "tcp://203.0.113.9" } }, "`logOpts.syslog-address`"),
  core({ networksAdvanced: [{ name: "host" }] }, "it joins the network host"),
  core({ networksAdvanced: [{ name: "harbor", driverOpts: ["x=y"] }] }, "`networksAdvanced[].driverOpts`"),
  core({ networksAdvanced: [{ name: "harbor", macAddress: "02:00:00:00:00:01" }] }, "`networksAdvanced[].macAddress`"),
  ...[
    ["macvlan", { driver: "macvlan", options: { parent: "eth0" } }, "`driver` is macvlan; set it to bridge"],
    ["ipvlan", { driver: "ipvlan" }, "`driver` is ipvlan"],
    ["options", { options: { "com.docker.network.bridge.name": "vmbr0" } }, "`options`, which is not on the list"],
    ["ingress", { ingress: true }, "`ingress`, which is not on the list"],
    ["another's settings", { configFrom: "lan" }, "`configFrom`, which is not on the list"],
  ].map(([what, inputs, message]): Mutation => ({
    policy,
    what: `a network with ${String(what)}`,
    change: setting(types.network, "harbor", inputs as Record<string, unknown>),
    message: String(message),
  })),
  ...[
    { driverOpts: { type: "none", o: "bind", device: "/etc" } },
    { driverOpts: { type: "nfs", o: "addr=203.0.113.9", device: ":/" } },
    { driver: "local", driverOpts: notYetKnown },
    { driver: "rclone" },
  ].map((inputs): Mutation => ({
    policy,
    what: `a volume with ${JSON.stringify(inputs)}`,
    change: adding(types.volume, { name: "data", ...inputs }),
    message: "driverOpts" in inputs ? "`driverOpts`" : "`driver` is rclone; set it to local",
  })),
];
