import { failure } from "../errors";
import { guestOf } from "../guests";
import { startTask, type Call, type Handlers, type Lab } from "../lab";
import type { Guest } from "../state";
import { machineSpec } from "./qemu-boot";

const defaultTimeout = 60;

/** Starting and stopping virtual machines. */
export const qemuPowerHandlers: Handlers = {
  "POST /nodes/{node}/qemu/{vmid}/status/start": async (call) => {
    const guest = await inState(call, false);
    return startTask(call, "qmstart", String(guest.vmid), () => startGuest(call.lab, guest));
  },
  "POST /nodes/{node}/qemu/{vmid}/status/stop": (call) => {
    const { vmid } = guestOf(call);
    return startTask(call, "qmstop", String(vmid), () => call.lab.options.machines.stop(vmid));
  },
  "POST /nodes/{node}/qemu/{vmid}/status/shutdown": (call) => {
    const guest = guestOf(call);
    return startTask(call, "qmshutdown", String(guest.vmid), () => shutdown(call, guest));
  },
  "POST /nodes/{node}/qemu/{vmid}/status/reboot": async (call) => {
    const guest = await inState(call, true);
    return startTask(call, "qmreboot", String(guest.vmid), () => call.lab.options.machines.reboot(guest.vmid));
  },
};

/** Boots a guest with what its configuration says now. */
export async function startGuest(lab: Lab, guest: Guest): Promise<void> {
  if (await lab.options.machines.isRunning(guest.vmid)) throw new Error(`VM ${guest.vmid} already running`);
  await lab.options.machines.start(machineSpec(lab, guest));
}

async function inState(call: Call, running: boolean): Promise<Guest> {
  const guest = guestOf(call);
  if ((await call.lab.options.machines.isRunning(guest.vmid)) === running) return guest;
  throw failure(running ? `VM ${guest.vmid} not running` : `VM ${guest.vmid} already running`);
}

async function shutdown(call: Call, { vmid }: Guest): Promise<void> {
  const { machines } = call.lab.options;
  if (!(await machines.isRunning(vmid))) return;
  try {
    await machines.shutdown(vmid, Number(call.values.find("timeout") ?? defaultTimeout));
  } catch (error) {
    if (!call.values.is("forceStop")) throw error;
    await machines.stop(vmid);
  }
}
