import { failure } from "../errors";
import { configOf, digest, guestOf, summary, visibleGuests, type GuestSummary } from "../guests";
import { inPath, type Call, type Handlers } from "../lab";
import { guestInterfaces } from "./qemu-interfaces";

/** Reading virtual machines, and asking their guest agent. */
export const qemuReadHandlers: Handlers = {
  "GET /nodes/{node}/qemu": async (call) =>
    (await visibleGuests(call)).filter(({ node }) => node === inPath(call, "node")).map(listEntry),
  "GET /nodes/{node}/qemu/{vmid}/config": (call) => {
    const config = configOf(call);
    return { ...config, digest: digest(config) };
  },
  "GET /nodes/{node}/qemu/{vmid}/pending": (call) =>
    Object.entries(configOf(call)).map(([key, value]) => ({ key, value })),
  "GET /nodes/{node}/qemu/{vmid}/status/current": async (call) => {
    const config = configOf(call);
    const vmid = Number(inPath(call, "vmid"));
    const made = call.lab.store.state.guests[String(vmid)] !== undefined;
    const running = made ? await call.lab.options.machines.isRunning(vmid) : true;
    const entry = listEntry(summary(vmid, inPath(call, "node"), config, running));
    return {
      ...entry,
      qmpstatus: entry.status,
      ha: { managed: 0 },
      ...(hasAgent(config["agent"]) ? { agent: 1 } : {}),
    };
  },
  "POST /nodes/{node}/qemu/{vmid}/agent/ping": async (call) => {
    await agentAddresses(call);
    return { result: {} };
  },
  "GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces": async (call) => ({
    result: guestInterfaces(guestOf(call).config, await agentAddresses(call)),
  }),
};

function listEntry({ vmid, name, running, cores, memory, disk, config }: GuestSummary) {
  return {
    vmid,
    name,
    status: running ? "running" : "stopped",
    cpus: cores,
    cpu: 0,
    maxmem: memory,
    mem: running ? Math.floor(memory / 2) : 0,
    maxdisk: disk,
    disk: 0,
    netin: 0,
    netout: 0,
    uptime: running ? 60 : 0,
    ...(config["tags"] === undefined ? {} : { tags: config["tags"] }),
    ...(config["template"] === undefined ? {} : { template: config["template"] }),
    ...(config["lock"] === undefined ? {} : { lock: config["lock"] }),
  };
}

function hasAgent(agent: string | number | undefined): boolean {
  return /(^|,)(enabled=)?1(,|$)/.test(String(agent ?? ""));
}

async function agentAddresses(call: Call): Promise<string[]> {
  const { vmid, config } = guestOf(call);
  const { machines } = call.lab.options;
  if (!(await machines.isRunning(vmid))) throw failure(`VM ${vmid} is not running`);
  if (!hasAgent(config["agent"])) throw failure("No QEMU guest agent configured");
  const addresses = await machines.addresses(vmid);
  if (addresses.length === 0) throw failure("QEMU guest agent is not running");
  return addresses;
}
