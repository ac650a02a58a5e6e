import type { GuestPlace } from "../access";
import { requireVolume } from "../storage-rights";
import { qemuFormats } from "../endpoints/qemu-options";
import { failure, parameterErrors } from "../errors";
import { datastore } from "../datastores";
import { isDrive } from "../guests";
import type { Call } from "../lab";
import { parseProperties, type Properties } from "../property-string";

/** Which privilege on the guest an option needs; what is missing here only root may set. */
const privileges: Readonly<Record<string, readonly string[]>> = {
  "VM.Config.CPU": ["cores", "cpu", "cpulimit", "cpuunits", "numa", "numa[n]", "smp", "sockets", "vcpus"],
  "VM.Config.Memory": ["memory", "balloon", "shares"],
  "VM.Config.HWType": [
    ...["acpi", "hotplug", "kvm", "machine", "scsihw", "smbios1", "tablet", "vga", "watchdog", "audio0", "rng0"],
  ],
  "VM.Config.Options": [
    ...["agent", "autostart", "bios", "description", "keyboard", "localtime", "migrate_downtime", "migrate_speed"],
    ...["name", "onboot", "ostype", "protection", "reboot", "startdate", "startup", "tdf", "template"],
  ],
  "VM.PowerMgmt": ["freeze"],
  "VM.Config.Disk": ["boot", "bootdisk", "vmstatestorage", "efidisk0", "tpmstate0", "unused[n]"],
  "VM.Config.Network": ["net[n]"],
};
const cloudInit = ["cicustom", "cipassword", "citype", "ciupgrade", "ciuser", "nameserver", "searchdomain", "sshkeys"];

/** Throws unless the caller may set (or unset) these options; new guests need less for their drives than existing ones. */
export function requireOptionRights(
  call: Call,
  place: GuestPlace,
  options: Readonly<Record<string, string>>,
  isNew: boolean,
): void {
  const given = Object.entries(options);
  const isDevice = (option: string): boolean => /^(serial|usb|hostpci|virtiofs)\d+$/.test(option);
  for (const [option, value] of given)
    if (isDrive(option)) requireDrive(call, place, option, parseProperties(value, qemuFormats.drive), isNew);
  if (call.caller.name === "root@pam") return;
  const isPlain = (option: string): boolean => !isDrive(option) && !isDevice(option) && option !== "tags";
  for (const [option] of given) if (isPlain(option)) requireOption(call, place, option);
  for (const [option, value] of given) if (isDevice(option)) requireDevice(call, place, option, value);
  for (const [option, value] of given) if (/^net\d+$/.test(option)) requireBridge(call, value);
  if (!isNew && options["tags"] !== undefined) requireTagRights(call, place.vmid);
}

/**
 * Throws unless the caller may set a guest's tags. A new guest gets them before it is in its pool, so that a right on the pool
 * does not help (qemu-server 9.2.0, `assert_tag_permissions`).
 */
export function requireTagRights({ lab, caller }: Call, vmid: number): void {
  lab.access.requireOnVm(caller, { vmid }, ["VM.Config.Options"]);
}

function requireOption(call: Call, place: GuestPlace, option: string): void {
  const { access } = call.lab;
  if (cloudInit.includes(option) || /^ipconfig\d+$/.test(option))
    return access.requireOnVm(call.caller, place, ["VM.Config.Cloudinit", "VM.Config.Network"], true);
  const family = option.replace(/^(net|numa|unused)\d+$/, "$1[n]");
  const needed = Object.keys(privileges).find((each) => privileges[each]?.includes(family));
  if (needed === undefined) throw failure(`only root can set '${option}' config`);
  access.requireOnVm(call.caller, place, [needed]);
  // It changes what the host does when it starts.
  if (option === "startup") access.require(call.caller, "/", "Sys.Modify");
}

function requireDevice(call: Call, place: GuestPlace, option: string, value: string): void {
  const real = !(value === "socket" || value === "spice" || value === "");
  if (real) throw failure(`only root can set '${option}' config for real devices`);
  call.lab.access.requireOnVm(call.caller, place, ["VM.Config.HWType"]);
}

function requireBridge(call: Call, value: string): void {
  const device = parseProperties(value, qemuFormats.network);
  const bridge = device.get("bridge");
  if (bridge === undefined) return;
  const tag = device.get("tag");
  const path = `/sdn/zones/localnetwork/${bridge}`;
  if (call.lab.access.has(call.caller, path, "SDN.Use")) return;
  call.lab.access.require(call.caller, tag === undefined ? path : `${path}/${tag}`, "SDN.Use");
}

function requireDrive(call: Call, place: GuestPlace, option: string, drive: Properties, isNew: boolean): void {
  const { access } = call.lab;
  const file = drive.get("file") ?? "";
  const isCloudInit = /^[^:]+:(cloudinit|vm-\d+-cloudinit)$/.test(file);
  const isCdrom = drive.get("media") === "cdrom";
  if (!isNew) {
    const needed = isCloudInit
      ? ["VM.Config.Cloudinit", "VM.Config.CDROM"]
      : isCdrom
        ? ["VM.Config.CDROM"]
        : ["VM.Config.Disk"];
    access.requireOnVm(call.caller, place, needed);
  }
  if (file === "" || file === "none" || isCloudInit) return;
  if (isCdrom && file === "cdrom") return access.require(call.caller, "/", "Sys.Console");
  const storage = /^([^:]+):\d+(\.\d+)?$/.exec(file)?.[1];
  if (storage !== undefined && !isCdrom) {
    access.require(call.caller, `/storage/${storage}`, "Datastore.AllocateSpace");
    if (!datastore(storage).content.includes("images"))
      throw parameterErrors({ storage: `storage '${storage}' does not support vm images` });
  } else requireVolume(call, file, place.vmid);
  requireSource(call, place.vmid, option, drive.get("import-from"));
}

function requireSource(call: Call, vmid: number, option: string, source: string | undefined): void {
  if (source === undefined) return;
  const type = /^[^:]+:(iso|snippets|vztmpl|backup)\//.exec(source)?.[1];
  if (type !== undefined)
    throw parameterErrors({ [option]: `${source} has wrong type '${type}' - needs to be 'images' or 'import'` });
  requireVolume(call, source, vmid);
}
