import { failure } from "./errors";
import type { Call } from "./lab";

/** Throws unless the caller may use a volume; `vmid` is the guest it is used for, which may use its own disks. */
export function requireVolume(call: Call, volid: string, vmid?: number): void {
  const { access } = call.lab;
  const [, storage, name] = /^([^:/]+):(.+)$/.exec(volid) ?? [];
  if (storage === undefined || name === undefined) {
    if (call.caller.name !== "root@pam") throw failure("Only root can pass arbitrary filesystem paths.");
    return;
  }
  const path = `/storage/${storage}`;
  if (access.has(call.caller, path, "Datastore.Allocate")) return;
  if (/^(iso|vztmpl|import)\//.test(name))
    return access.requireAny(call.caller, path, "Datastore.AllocateSpace", "Datastore.Audit");
  const owner = /^vm-(\d+)-/.exec(name)?.[1];
  if (owner === undefined) throw failure(`missing privileges to access ${volid}`);
  if (Number(owner) === vmid) return;
  access.require(call.caller, path, "Datastore.Audit");
  access.require(call.caller, `/vms/${owner}`, "VM.Config.Disk");
}

/** Whether the caller may use a volume. */
export function mayUseVolume(call: Call, volid: string): boolean {
  try {
    requireVolume(call, volid);
    return true;
  } catch {
    return false;
  }
}
