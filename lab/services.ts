import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { startGrafana } from "./grafana/server";
import { house } from "./house";
import { keys } from "./keys";
import { close, listen, type Handler } from "./kit/http";
import { nameServerSettings, namesFolder } from "./name-server";
import { findProgram, stopBackground, waitFor, type Background } from "./process";
import { labHome, network, ports } from "./settings";

/** A running part of the lab. */
export interface Running {
  close(): Promise<void>;
}

/** A program of Debian that serves a part of the lab. */
interface Child {
  program: string;
  debianPackage: string;
  args: string[];
  /** Its settings file, which also tells it from other processes of the same program. */
  settingsFile: string;
  settings: string;
  port: number;
  answers(): Promise<boolean>;
}

const nameServer: Child = {
  program: "dnsmasq",
  debianPackage: "dnsmasq-base",
  args: ["--keep-in-foreground", "--log-facility=-", `--conf-file=${join(labHome, "dnsmasq.conf")}`],
  settingsFile: join(labHome, "dnsmasq.conf"),
  settings: nameServerSettings({ address: network.gateway, port: ports.dns }, namesFolder),
  port: ports.dns,
  answers: async () => {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`${network.gateway}:${ports.dns}`]);
    return resolver.resolve4("ready.home.arpa").then(
      (found) => found.includes(network.toolingVm),
      () => false,
    );
  },
};

const imageRegistry: Child = {
  program: "docker-registry",
  debianPackage: "docker-registry",
  args: ["serve", join(labHome, "registry.yml")],
  settingsFile: join(labHome, "registry.yml"),
  settings: `version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: "${join(labHome, "registry")}" }
http:
  addr: ${network.gateway}:${ports.registry}
  tls: { certificate: "${keys.tlsCert}", key: "${keys.tlsKey}" }
`,
  port: ports.registry,
  answers: () => accepts(network.gateway, ports.registry),
};

/** Starts the DNS server and the image registry. `onEnd` hears of one that ends by itself later. */
export async function startChildren(onEnd: (problem: Error) => void): Promise<Running> {
  const started: Running[] = [];
  try {
    for (const child of [nameServer, imageRegistry]) started.push(await startChild(child, onEnd));
  } catch (error) {
    await Promise.all(started.map((each) => each.close()));
    throw error;
  }
  return { close: async () => void (await Promise.all(started.map((each) => each.close()))) };
}

/** Stops DNS server and registry that a killed daemon left behind. */
export async function stopLeftChildren(): Promise<void> {
  for (const child of [nameServer, imageRegistry]) await stopBackground(record(child), 10);
}

async function startChild(child: Child, onEnd: (problem: Error) => void): Promise<Running> {
  const path = findProgram(child.program);
  if (!path) throw new Error(`"${child.program}" is not installed (Debian package ${child.debianPackage}).`);
  mkdirSync(namesFolder, { recursive: true, mode: 0o700 });
  writeFileSync(child.settingsFile, child.settings, { mode: 0o600 });
  const running = spawn(path, child.args, { stdio: ["ignore", "inherit", "pipe"] });
  writeFileSync(record(child).pidFile, `${running.pid ?? ""}\n`);
  let errors = "";
  running.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
    process.stderr.write(chunk);
  });
  let ready = false;
  let closing = false;
  running.on("error", onEnd);
  running.on(
    "exit",
    (code) => ready && !closing && onEnd(new Error(`${child.program} ended (${code ?? "signal"}): ${errors}`)),
  );
  await waitFor(() => {
    if (ended(running)) throw new Error(cannotStart(child, errors));
    return child.answers();
  }, 20_000);
  ready = true;
  return {
    close: async () => {
      closing = true;
      await stopBackground(record(child), 10);
    },
  };
}

function cannotStart(child: Child, errors: string): string {
  const where = `${network.gateway}:${child.port}`;
  const taken = /address already in use|in use|permission denied/i.test(errors);
  const remedy = taken
    ? ` Something else listens there (\`ss -lnp sport = :${child.port}\`), or the lab may not: run it as root.`
    : "";
  return `${child.program} cannot serve ${where}: ${errors.trim()}.${remedy}`;
}

function record(child: Child): Background {
  return { pidFile: join(labHome, `${child.program}.pid`), marker: child.settingsFile };
}

function ended(running: ChildProcess): boolean {
  return running.exitCode !== null || running.signalCode !== null;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (yes: boolean) => (): void => {
      socket.destroy();
      done(yes);
    };
    socket.once("connect", answer(true)).once("error", answer(false)).once("timeout", answer(false));
  });
}

/** Serves the lab's cloud image where the program downloads it from. */
export function serveFiles(files: Record<string, Buffer>): Promise<Running> {
  return serve(ports.files, (request, response) => {
    const content = files[new URL(request.url ?? "/", "http://lab").pathname];
    if (!content) return void response.writeHead(404).end("not found\n");
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": content.length });
    response.end(request.method === "HEAD" ? undefined : content);
  });
}

/** A service of the homelab to route to: it answers with the request it got. */
export function serveUpstream(): Promise<Running> {
  return serve(ports.upstream, (request, response) => {
    const { method, url, headers } = request;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(`${JSON.stringify({ service: "homelab-lab upstream", method, url, headers }, undefined, 2)}\n`);
  });
}

/** A Grafana that was there before the stack, on a machine that trusts the stack's root and asks the house's DNS. */
export function serveGrafana(): Promise<Running> {
  return startGrafana({
    listen: { address: network.gateway, port: ports.grafana },
    rootUrl: "https://grafana.home.arpa",
    transport: house,
    adminPassword: grafanaPassword(),
    stateFile: join(grafanaHome, "state.json"),
  });
}

const grafanaHome = join(labHome, "grafana");

/** The password of the lab's Grafana's `admin`, made at the first call. */
export function grafanaPassword(): string {
  const file = join(grafanaHome, "admin-password");
  mkdirSync(grafanaHome, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

async function serve(port: number, handler: Handler): Promise<Running> {
  try {
    const server = await listen(port, handler, { address: network.gateway });
    return { close: () => close(server) };
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`${network.gateway}:${port} cannot be served: ${reason}. \`ss -lntp\` shows who listens there.`);
  }
}
