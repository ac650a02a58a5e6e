import { qemuOptions } from "../endpoints/qemu-options";
import { Refusal, failure, parameterErrors, permissionDenied } from "../errors";
import { checkDigest, guestOf, nodeUsing } from "../guests";
import { change, inPath, startTask, type Call, type Handlers } from "../lab";
import { setMembers } from "../members";
import type { Entry, Guest } from "../state";
import { applyOptions, removeOptions, resizeDrive } from "./qemu-disks";
import { startGuest } from "./qemu-power";
import { requireOptionRights, requireTagRights } from "./qemu-rights";

const notConfig = [
  ...["vmid", "archive", "background_delay", "bwlimit", "delete", "digest", "force", "import-working-storage"],
  ...["live-restore", "pool", "revert", "skiplock", "start", "storage", "unique"],
];

const text = (options: Entry): Record<string, string> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));

/** Creating, changing, growing and deleting virtual machines. */
export const qemuChangeHandlers: Handlers = {
  "POST /nodes/{node}/qemu": createGuest,
  "POST /nodes/{node}/qemu/{vmid}/config": (call) => {
    const guest = prepareChange(call);
    return startTask(call, "qmconfig", String(guest.vmid), async () => applyChange(call, guest));
  },
  "PUT /nodes/{node}/qemu/{vmid}/config": (call) => {
    const guest = prepareChange(call);
    refuse(() => applyChange(call, guest));
    return null;
  },
  "PUT /nodes/{node}/qemu/{vmid}/resize": resize,
  "PUT /nodes/{node}/qemu/{vmid}/cloudinit": (call) => {
    guestOf(call);
    return null;
  },
  "DELETE /nodes/{node}/qemu/{vmid}": deleteGuest,
};

function createGuest(call: Call): string {
  const { lab, values } = call;
  const vmid = Number(values.text("vmid"));
  const node = inPath(call, "node");
  const pool = values.find("pool");
  if (pool !== undefined && lab.store.collection("pools")[pool] === undefined)
    throw permissionDenied(`pool '${pool}' does not exist`);
  const place = { vmid, pool };
  if (values.is("start")) lab.access.requireOnVm(call.caller, place, ["VM.PowerMgmt"]);
  const allocators = [`/vms/${vmid}`, ...(pool === undefined ? [] : [`/pool/${pool}`])];
  if (!allocators.some((path) => lab.access.has(call.caller, path, "VM.Allocate"))) throw permissionDenied();
  if (values.find("archive") !== undefined)
    throw failure("the lab keeps no backups of machines: create the VM from a cloud image instead of an archive");
  const options = values.record(qemuOptions, ...notConfig);
  requireOptionRights(call, place, text(options), true);
  const prefix = `unable to create VM ${vmid} -`;
  const used = nodeUsing(lab, vmid);
  if (used !== undefined) throw failure(`${prefix} VM ${vmid} already exists on node '${used}'`);
  const guest: Guest = { vmid, node, config: { lock: "create" } };
  change(lab, () => (lab.store.state.guests[String(vmid)] = guest));
  return startTask(call, "qmcreate", String(vmid), async () => {
    try {
      applyOptions(lab, guest, options);
      if (options["tags"] !== undefined) requireTagRights(call, vmid);
      guest.config["meta"] ??= `creation-qemu=10.0.2,ctime=${Math.floor(Date.now() / 1000)}`;
      delete guest.config["lock"];
      if (pool !== undefined) setMembers(lab.store.collection("pools")[pool] ?? {}, "vms", [String(vmid)], true);
      lab.store.save();
    } catch (error) {
      forget(call, vmid);
      throw new Error(`${prefix} ${inTask(error)}`);
    }
    if (values.is("start")) await startGuest(lab, guest);
  });
}

/** An error as a task tells it: a refusal begins with its status. */
function inTask(error: unknown): string {
  if (error instanceof Refusal && error.status !== 500) return `${error.status} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function prepareChange(call: Call): Guest {
  const { values } = call;
  const guest = guestOf(call);
  const options = values.record(qemuOptions, ...notConfig);
  const deleted = values.list("delete");
  const twice = deleted.find((option) => option in options);
  if (twice !== undefined) throw parameterErrors({ delete: `duplicate parameter in use with -delete: ${twice}` });
  const unset = Object.fromEntries(deleted.map((option) => [option, String(guest.config[option] ?? "")]));
  requireOptionRights(call, { vmid: guest.vmid }, { ...text(options), ...unset }, false);
  checkDigest(guest.config, values.find("digest"));
  if (guest.config["protection"] === 1 && deleted.some((option) => /^(ide|sata|scsi|virtio|unused)\d+$/.test(option)))
    throw failure(`can't remove drive '${deleted.join("', '")}' - protection mode enabled`);
  return guest;
}

function applyChange(call: Call, guest: Guest): void {
  change(call.lab, () => {
    removeOptions(call.lab, guest, call.values.list("delete"));
    applyOptions(call.lab, guest, call.values.record(qemuOptions, ...notConfig));
  });
}

function resize(call: Call): string {
  const guest = guestOf(call);
  const disk = call.values.text("disk");
  checkDigest(guest.config, call.values.find("digest"));
  if (guest.config[disk] === undefined) throw failure(`disk '${disk}' does not exist`);
  return startTask(call, "resize", String(guest.vmid), async () =>
    change(call.lab, () => resizeDrive(call.lab, guest, disk, call.values.text("size"))),
  );
}

async function deleteGuest(call: Call): Promise<string> {
  const { lab } = call;
  const { vmid, config } = guestOf(call);
  if (config["protection"] === 1) throw failure(`can't remove VM ${vmid} - protection mode enabled`);
  if (lab.store.collection("haResources")[`vm:${vmid}`] !== undefined && !call.values.is("purge"))
    throw failure(`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`);
  if (await lab.options.machines.isRunning(vmid)) throw failure(`VM ${vmid} is running - destroy failed`);
  return startTask(call, "qmdestroy", String(vmid), async () => {
    await lab.options.machines.remove(vmid);
    forget(call, vmid);
    removeAccess(call, vmid);
    if (call.values.is("purge")) purge(call, vmid);
  });
}

function forget(call: Call, vmid: number): void {
  const { state } = call.lab.store;
  change(call.lab, () => {
    delete state.guests[String(vmid)];
    for (const [volid, volume] of Object.entries(state.volumes)) if (volume.vmid === vmid) delete state.volumes[volid];
  });
}

/** A guest that is destroyed leaves its pool, and takes along what was granted on it (`remove_vm_access`). */
function removeAccess({ lab }: Call, vmid: number): void {
  const { state } = lab.store;
  change(lab, () => {
    for (const pool of Object.values(state.collections.pools)) setMembers(pool, "vms", [String(vmid)], false);
    state.acl = state.acl.filter(({ path }) => path !== `/vms/${vmid}`);
  });
}

function purge(call: Call, vmid: number): void {
  const { backupJobs, haResources } = call.lab.store.state.collections;
  change(call.lab, () => {
    delete haResources[`vm:${vmid}`];
    for (const [id, job] of Object.entries(backupJobs)) {
      // A job that is left without guests goes too.
      const list = job["vmid"] === undefined ? "exclude" : "vmid";
      const left = withoutId(job[list], vmid);
      if (left !== "") job[list] = left;
      else if (list === "vmid") delete backupJobs[id];
      else delete job[list];
    }
  });
}

function withoutId(list: string | number | undefined, vmid: number): string {
  return String(list ?? "")
    .split(",")
    .filter((each) => each !== "" && each !== String(vmid))
    .join(",");
}

function refuse(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw failure(error instanceof Error ? error.message : String(error));
  }
}
