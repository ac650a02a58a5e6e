import { stackPolicy } from "../policy";
import { at, isOff, items, unknown, unlisted, valuesAt, type Resource, type Value } from "../resource";
import { isOneOf, types } from "../types";
import { isUserDataOf, letsOperatorIn } from "../user-data";

export default stackPolicy({
  name: "guest-hardware",
  level: "mandatory",
  summary: "A guest has hardware of its own, and is told what the stack tells it.",
  doc: `A device, a folder or an argument that is passed through to a guest is a way onto the node; a script of the node's runs there as
root. What a VM or a system container may have is listed, property by property, and anything else is refused:

- a VM has disks on datastores, network devices, and serial devices that are sockets: no devices or folders of the node, no
  arguments for its emulator, no hook script;
- the VM of a \`ToolingVm\` is where the config puts it: on its node, its bridge alone and its datastore, in its pool, from its image
  (\`url\`, \`checksum\`); its network device is connected, its memory fixed, and its disk writes what it says that it has written (\`cache\`);
- it is told at its first boot what a snippet of the stack says (\`userDataFileId\`), and nothing besides;
- a system container is unprivileged, its mount points are volumes of a datastore, and of features it has \`nesting\` alone;
- a file on the node is such a snippet: one that a VM of the stack names, readable for root alone (\`fileMode\` 0600), with the
  user data that \`components/tooling-vm\` makes for that machine, letter by letter: its users, their keys and what it runs. The
  key that it lets in is that of \`homelab:operatorKeyFile\`.

What isn't known yet is judged during the update.`,
  requirements: [],
  settings: {},
  judgeStack({ resources }, _settings, tell) {
    const machines = resources.filter(({ type }) => isOneOf(types.virtualMachines, type));
    const uploads = resources.filter(({ type }) => isOneOf(types.uploads, type));
    const judge = (resource: Resource, problems: readonly string[]): void =>
      problems.forEach((problem) => tell.violation(problem, resource));
    for (const machine of machines) judge(machine, machineProblems(machine.inputs, uploads));
    for (const component of resources.filter(({ type }) => type === types.toolingVm)) {
      for (const each of resources.filter(({ parent }) => parent === component.urn))
        judge(each, placeProblems(each, component.inputs));
    }
    for (const upload of uploads) {
      const component = resources.find(({ urn }) => urn === upload.parent);
      judge(upload, uploadProblems(upload.inputs, machines, component?.inputs));
    }
    for (const resource of resources.filter(({ type }) => isOneOf(types.systemContainers, type)))
      judge(resource, containerProblems(resource.inputs));
  },
});

const ofGuests = [
  ...["clone", "cpu", "description", "initialization", "memory", "name", "nodeName", "operatingSystem", "poolId"],
  ...["protection", "started", "startup", "tags", "template", "vmId"],
];

/** Source: `VmLegacyArgs` of @muhlba91/pulumi-proxmoxve 8.6. */
const ofMachines = [
  ...ofGuests,
  ...["acpi", "agent", "bios", "bootOrders", "cdrom", "deleteUnreferencedDisksOnDestroy", "disks", "efiDisk"],
  ...["keyboardLayout", "machine", "migrate", "networkDevices", "onBoot", "purgeOnDestroy", "rebootAfterUpdate"],
  ...["scsiHardware", "serialDevices", "stopOnDestroy", "tabletDevice", "tpmState", "vga", "watchdog"],
];

/** Source: `ContainerLegacyArgs` of the same. */
const ofContainers = [
  ...ofGuests,
  ...["console", "disk", "features", "mountPoints", "networkInterfaces", "startOnBoot", "unprivileged"],
];

function machineProblems(inputs: Value, uploads: readonly Resource[]): readonly string[] {
  const told = at(inputs, "initialization", "userDataFileId");
  const foreign = typeof told === "string" && !uploads.some(({ inputs: upload }) => isNamed(told, upload));
  const devices = valuesAt(inputs, "serialDevices[].device").filter(
    (device) => !["socket", unknown].includes(device as string),
  );
  const paths = valuesAt(inputs, "disks[].pathInDatastore").filter((path) => path !== unknown && !isOff(path));
  return [
    ...onlyThese(inputs, ofMachines),
    ...onlyThese(at(inputs, "initialization"), ofInitialization, "initialization."),
    ...(foreign ? [`it is told ${told} at its first boot, which is no file of this stack; upload it here`] : []),
    ...devices.map((device) => `it has the node's ${String(device)}; set \`serialDevices[].device\` to socket`),
    ...paths.map((path) => `its disk is ${String(path)}, which is there already; let it have one of its own`),
  ];
}

/** Where the component's own arguments put its VM and the image that it begins as. */
const places: readonly [types: readonly string[], property: string, setting: readonly string[]][] = [
  [types.virtualMachines, "nodeName", ["proxmox", "node"]],
  [types.virtualMachines, "poolId", ["proxmox", "pool"]],
  [types.virtualMachines, "networkDevices[].bridge", ["proxmox", "bridge"]],
  [types.virtualMachines, "disks[].datastoreId", ["proxmox", "datastores", "disks"]],
  [types.backupJobs, "storage", ["proxmox", "datastores", "backups"]],
  [types.downloads, "url", ["vm", "image", "url"]],
  [types.downloads, "checksum", ["vm", "image", "checksum", "hex"]],
];

function placeProblems({ type, inputs }: Resource, component: Value): readonly string[] {
  const misplaced = places.flatMap(([wanted, property, setting]) => {
    if (!isOneOf(wanted, type)) return [];
    const own = at(component, ...setting);
    const given = valuesAt(inputs, property);
    const isThere = given.length > 0 && given.every((value) => value === own || value === unknown);
    if (isThere || own === unknown || own === undefined) return [];
    const what = given.length > 0 ? given.map(String).join(", ") : "not given";
    return [`its \`${property}\` is ${what}; set it to ${String(own)}, as the config does`];
  });
  return isOneOf(types.virtualMachines, type) ? [...misplaced, ...unusable(inputs)] : misplaced;
}

/** What keeps a VM from its network or its memory, or lets its disk forget. */
function unusable(inputs: Value): string[] {
  const [device, ...others] = items(at(inputs, "networkDevices"));
  const floating = at(inputs, "memory", "floating");
  const isOnline = isOff(at(device, "disconnected")) && (at(device, "enabled") ?? true) !== false;
  const caches = valuesAt(inputs, "disks[].cache").filter((cache) => !safeCaches.includes(cache));
  return [
    ...(isOnline && others.length === 0
      ? []
      : ["it needs one network device, which is connected; set `networkDevices`"]),
    // The provider fills in 0 for none.
    ...unlisted(device, ofDevices)
      .filter((property) => at(device, property) !== 0)
      .map((property) => `it sets \`networkDevices[].${property}\`, which the house's network doesn't need; remove it`),
    ...(isOff(floating) || floating === 0 || floating === unknown
      ? []
      : ["its memory may shrink, which its containers are not ready for; set `memory.floating` to 0"]),
    ...caches.map(
      (cache) => `its disk forgets what was written when the power goes (${String(cache)}); leave \`cache\` out`,
    ),
  ];
}

const ofDevices = ["bridge", "disconnected", "enabled", "firewall", "macAddress", "model"];

const safeCaches: readonly Value[] = ["", "none", "directsync", "writethrough", "writeback", unknown];

const ofInitialization = ["datastoreId", "dns", "interface", "ipConfigs", "type", "upgrade", "userDataFileId"];

function containerProblems(inputs: Value): readonly string[] {
  const isClosed = at(inputs, "unprivileged");
  const volumes = valuesAt(inputs, "mountPoints[].volume").filter((volume) => String(volume).startsWith("/"));
  return [
    ...onlyThese(inputs, ofContainers),
    ...onlyThese(at(inputs, "features"), ["nesting"], "features."),
    ...(isClosed === true || isClosed === unknown ? [] : ["its root is the node's; set `unprivileged` to true"]),
    ...volumes.map((volume) => `it mounts ${String(volume)} of the node; give it a volume of a datastore`),
  ];
}

/** Source: `FileLegacyArgs` of the same. */
const ofUploads = ["contentType", "datastoreId", "fileMode", "nodeName", "overwrite", "sourceRaw", "uploadMode"];

/** What is wrong with a file, which is made by a component with these inputs. */
function uploadProblems(inputs: Value, machines: readonly Resource[], component: Value): readonly string[] {
  const [type, mode] = [at(inputs, "contentType"), at(inputs, "fileMode")];
  if (type === unknown || at(inputs, "sourceRaw", "fileName") === unknown) return [];
  const isTold = machines.some(({ inputs: machine }) =>
    isNamed(at(machine, "initialization", "userDataFileId"), inputs),
  );
  if (type !== "snippets" || !isTold)
    return ["it puts a file on the node that is no cloud-config which a VM of the stack names; leave it out"];
  const data = at(inputs, "sourceRaw", "data");
  return [
    ...onlyThese(inputs, ofUploads),
    ...(data === unknown || isUserDataOf(component, String(data))
      ? []
      : ["it tells a VM something else than its component does; change it in components/tooling-vm/cloud-init.ts"]),
    ...(letsOperatorIn(component)
      ? []
      : ["it lets in a key that is not the operator's; take both from `homelab:operatorKeyFile`"]),
    ...(mode === "0600" || mode === unknown ? [] : ["others on the node may read it; set `fileMode` to 0600"]),
  ];
}

/** Whether an id of Proxmox's, such as `local:snippets/tooling-user-data.yaml`, is that of an upload. */
function isNamed(id: Value, upload: Value): boolean {
  const [datastore, file] = [at(upload, "datastoreId"), at(upload, "sourceRaw", "fileName")];
  return datastore === unknown || file === unknown || id === `${String(datastore)}:snippets/${String(file)}`;
}

/** Refuses what is not listed, but for waiting times. */
function onlyThese(value: Value, listed: readonly string[], place = ""): readonly string[] {
  return unlisted(value, listed)
    .filter((property) => !/^timeout/.test(property))
    .map((property) => `it sets \`${place}${property}\`, which is not on the list of what a guest may have; remove it`);
}
