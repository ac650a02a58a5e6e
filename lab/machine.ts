import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Docker } from "./docker";
import type { MachineDriver, MachineSpec } from "./proxmox/machines";
import { label, labHome, network, ports } from "./settings";

/** A system container needs most of what a machine may do. It is nearly as powerful as the computer it runs on: for the lab only. */
const machineRights = [
  ...["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE"],
  ...["seccomp", "apparmor", "systempaths"].flatMap((each) => ["--security-opt", `${each}=unconfined`]),
  ...["--tmpfs", "/run", "--tmpfs", "/tmp"],
  ...["--cgroupns", "host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup"],
  // As Debian has it: the engine would leave it on.
  ...["--sysctl", "net.ipv4.ip_forward=0"],
];

interface AgentAnswer {
  return?: { name: string; "ip-addresses"?: { "ip-address": string }[] }[];
}

/** Machines as Debian system containers on the lab's Docker engine. `caFile` is the certificate authority of the lab's image registry. */
export function containerMachines(docker: Docker, caFile: string): MachineDriver {
  const container = (vmid: number): string => `${network.name}-${vmid}`;
  const volume = (vmid: number): string => `${container(vmid)}-docker`;
  const folder = (vmid: number): string => join(labHome, "machines", String(vmid));
  const state = (vmid: number): Promise<string | undefined> =>
    docker.inspect("container", container(vmid), "{{.State.Running}}");

  async function isRunning(vmid: number): Promise<boolean> {
    return (await state(vmid)) === "true";
  }

  async function start(spec: MachineSpec): Promise<void> {
    writeSeed(join(folder(spec.vmid), "seed"), spec);
    const known = await state(spec.vmid);
    if (known === "true") return;
    if (known === undefined) await create(spec);
    else await docker.run(["update", ...limits(spec), container(spec.vmid)]);
    await moveTo(spec);
    await docker.run(["start", container(spec.vmid)]);
  }

  async function create(spec: MachineSpec): Promise<void> {
    const labels = ["--label", label, "--label", `homelab.lab.vmid=${spec.vmid}`];
    await docker.run(["volume", "create", ...labels, volume(spec.vmid)]);
    await docker.run([
      ...["create", "--name", container(spec.vmid), "--hostname", spec.name, ...labels],
      ...["--network", network.name, "--ip", spec.address, "--dns", network.gateway],
      ...["--stop-signal", "SIGRTMIN+3", ...machineRights, ...limits(spec)],
      ...["--volume", `${volume(spec.vmid)}:/var/lib/docker`],
      ...["--mount", readOnly(join(folder(spec.vmid), "seed"), "/var/lib/cloud/seed/nocloud")],
      ...["--mount", readOnly(caFile, `/etc/docker/certs.d/${network.gateway}:${ports.registry}/ca.crt`)],
      ...[spec.image, "/lib/systemd/systemd"],
    ]);
  }

  /** The address may have been changed while the machine was off. */
  async function moveTo(spec: MachineSpec): Promise<void> {
    const format = `{{(index .NetworkSettings.Networks "${network.name}").IPAMConfig.IPv4Address}}`;
    if ((await docker.inspect("container", container(spec.vmid), format)) === spec.address) return;
    await docker.run(["network", "disconnect", network.name, container(spec.vmid)]);
    await docker.run(["network", "connect", "--ip", spec.address, network.name, container(spec.vmid)]);
  }

  async function addresses(vmid: number): Promise<string[]> {
    if (!(await isRunning(vmid))) return [];
    const ask = `echo '{"execute":"guest-network-get-interfaces"}' | timeout 5 nc -U -N /run/qemu-ga.sock`;
    const answer = await docker.run(["exec", container(vmid), "sh", "-c", ask], 10_000).catch(() => "");
    if (!answer) return []; // the agent has not been started yet
    const interfaces = (JSON.parse(answer.split("\n")[0] ?? "{}") as AgentAnswer).return ?? [];
    // Networks of the Docker engine inside the machine are no way to reach it.
    const outward = interfaces.filter((each) => /^(eth|en)/.test(each.name));
    return outward.flatMap((each) => (each["ip-addresses"] ?? []).map((entry) => entry["ip-address"]));
  }

  return {
    start,
    isRunning,
    addresses,
    shutdown: async (vmid, timeoutSeconds) => {
      if (await isRunning(vmid)) await docker.run(["stop", "--time", String(timeoutSeconds), container(vmid)]);
    },
    stop: async (vmid) => {
      if (await isRunning(vmid)) await docker.run(["kill", container(vmid)]);
    },
    reboot: async (vmid) => {
      await docker.run(["restart", "--time", "30", container(vmid)]);
    },
    remove: async (vmid) => {
      await docker.run(["rm", "--force", "--volumes", container(vmid)]).catch(ignoreMissing);
      await docker.run(["volume", "rm", volume(vmid)]).catch(ignoreMissing);
      rmSync(folder(vmid), { recursive: true, force: true });
    },
  };
}

/** An engine refuses more processors than the computer has, so a machine gets at most those. Swap would hide that memory is short. */
function limits(spec: MachineSpec): string[] {
  const memory = `${spec.memoryMiB}m`;
  return ["--cpus", String(Math.min(spec.cores, cpus().length)), "--memory", memory, "--memory-swap", memory];
}

/** cloud-init's NoCloud seed. The user data holds secrets, so it is for the owner alone. */
function writeSeed(folder: string, spec: MachineSpec): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = { "user-data": spec.userData, "meta-data": spec.metaData, "network-config": "config: disabled\n" };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    chmodSync(join(folder, name), 0o600);
  }
}

function readOnly(source: string, target: string): string {
  return `type=bind,source=${source},target=${target},readonly`;
}

function ignoreMissing(error: Error): string {
  if (/no such/i.test(error.message)) return "";
  throw error;
}
