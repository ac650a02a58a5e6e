import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Docker } from "./docker";
import { administration, guests, node, tokenId } from "./homelab";
import { house } from "./house";
import { keys } from "./keys";
import { containerMachines } from "./machine";
import { startProxmox } from "./proxmox/server";
import { serveFiles, serveGrafana, serveUpstream, startChildren, stopLeftChildren, type Running } from "./services";
import { labHome, network, ports, projectRoot } from "./settings";

/**
 * The lab's background process: Proxmox API and the node's SSH, DNS, image registry, cloud image, an upstream and Grafana.
 * Started by `daemon-control.ts` as `node daemon.js <engine> <fingerprint> <ready file>`.
 */
async function main(dockerHost: string, fingerprint: string, readyFile: string): Promise<void> {
  const running: Running[] = [];
  const end = async (code: number): Promise<never> => {
    await Promise.allSettled(running.map((each) => each.close()));
    process.exit(code);
  };
  const fail = (error: Error): void => {
    process.stderr.write(`${new Date().toISOString()} ${error.stack ?? error.message}\n`);
    void end(1);
  };
  process.on("SIGTERM", () => void end(0));
  process.on("SIGINT", () => void end(0));
  try {
    await stopLeftChildren();
    running.push(await startChildren(fail));
    running.push(await serveFiles(cloudImage()));
    running.push(await serveUpstream());
    running.push(await serveGrafana());
    running.push(await proxmox(new Docker(dockerHost)));
    writeFileSync(readyFile, fingerprint);
  } catch (error) {
    fail(error as Error);
  }
}

function cloudImage(): Record<string, Buffer> {
  const manifest = readFileSync(join(projectRoot, "lab", "image", "debian-13-lab-amd64.json"));
  return { "/debian-13-lab-amd64.qcow2": manifest };
}

function proxmox(docker: Docker): Promise<Running> {
  const home = join(labHome, "proxmox");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const text = (file: string): string => readFileSync(file, "utf8");
  return startProxmox({
    listen: { address: network.gateway, port: ports.proxmoxApi },
    tls: { key: text(keys.tlsKey), cert: text(keys.tlsCert) },
    ssh: {
      address: network.gateway,
      port: ports.proxmoxSsh,
      hostKey: text(keys.sshHost),
      authorizedKeys: [text(`${keys.ssh}.pub`).trim()],
    },
    stateFile: join(home, "state.json"),
    storageRoot: join(home, "local"),
    nodes: [node],
    guests,
    tokens: [{ id: tokenId, secret: text(keys.apiToken) }],
    administration,
    machines: containerMachines(docker, keys.ca),
    transport: house,
  });
}

const [dockerHost, fingerprint, readyFile] = process.argv.slice(2);
if (!dockerHost || !fingerprint || !readyFile) throw new Error("usage: daemon.js <engine> <fingerprint> <ready file>");
void main(dockerHost, fingerprint, readyFile);
