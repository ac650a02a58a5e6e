import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer, type AddressInfo, type Server as SocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Core } from "../../../lab/harbor/core/server";
import type { Settings } from "../../../lab/harbor/core/settings";
import { JobService } from "../../../lab/harbor/jobs/server";
import { ScannerAdapter } from "../../../lab/harbor/scan/server";
import { RegistryControl } from "../../../lab/harbor/storage/server";
import { listen, portOf, send } from "../../../lab/kit/http";
import { MemoryStore } from "../../../lab/kit/store";
import { LabClient } from "./lab-harbor-client";
import { canRun, isOnPath } from "./programs";

export const hasRegistry = canRun("docker-registry", isOnPath("docker-registry"));

export const adminPassword = "Admin-Password-1";
const registryPassword = "Registry-Secret-1";
/** The line of `htpasswd` for that password. */
const passwd = "harbor_registry_user:$2y$05$abcdefghijklmnopqrstuus7.yJgLrH0hh5oZaapRlFIGQ3rOsTky";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

/** The real registry with Harbor's configuration, and in this process everything that stands in for Harbor around it. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "homelab-harbor-"));
  readonly store = new MemoryStore();
  /** What Redis was told, word by word. */
  readonly redisCommands: string[][] = [];
  core!: Core;
  private settings!: Settings;
  private registry?: ChildProcess;
  private readonly servers: Record<string, Server | SocketServer> = {};

  static async start(gcWindowHours = 0): Promise<World> {
    const world = new World();
    const [registryPort, corePort] = [await freePort(), await freePort()];
    await world.startRegistry(registryPort);
    const { servers, folder } = world;
    const url = (server: Server): string => `http://127.0.0.1:${portOf(server)}`;
    const registryctl = await new RegistryControl(join(folder, "storage"), "jobs-secret").listen(0);
    const surroundings = { jobserviceSecret: "jobs-secret", logFolder: join(folder, "jobs") };
    const jobs = new JobService({ ...surroundings, registryctlUrl: url(registryctl) }, "core-secret");
    const [jobservice, scanner] = [await jobs.listen(0), await new ScannerAdapter().listen(0)];
    const portal = await listen(0, (_, response) => send(response, 200, "<html>"));
    const redisUrl = `redis://127.0.0.1:${await world.startRedis()}`;
    Object.assign(servers, { registryctl, jobservice, scanner, portal });
    world.settings = {
      externalUrl: "http://registry.home.arpa",
      coreUrl: `http://127.0.0.1:${corePort}`,
      portalUrl: url(portal),
      registryUrl: `http://127.0.0.1:${registryPort}`,
      registryLogin: `harbor_registry_user:${registryPassword}`,
      registryctlUrl: url(registryctl),
      jobserviceUrl: url(jobservice),
      scannerUrl: url(scanner),
      redisUrl: `${redisUrl}/0?idle_timeout_seconds=30`,
      registryRedisUrl: `${redisUrl}/1?idle_timeout_seconds=30`,
      coreSecret: "core-secret",
      imageStore: folder,
      gcWindowHours,
      rootFolders: [],
      tokenKey: privateKey,
    };
    await world.startCore(adminPassword);
    return world;
  }

  /** Ends core and starts it anew, as a replaced container. */
  async restartCore(password: string, changes: Partial<Settings> = {}): Promise<void> {
    Object.assign(this.settings, changes);
    await this.end("core");
    await this.startCore(password);
    await sleep(50); // until connections that were kept are seen to be closed
  }

  /** Where core is. */
  get url(): string {
    return this.settings.coreUrl;
  }

  client(login?: string): LabClient {
    return new LabClient(this.settings.coreUrl, login);
  }

  get admin(): LabClient {
    return this.client(`admin:${adminPassword}`);
  }

  /** What the program `core` needs besides its database to be part of this. */
  environment(): Record<string, string> {
    const key = join(this.folder, "private_key.pem");
    writeFileSync(key, privateKey);
    const { settings } = this;
    return {
      EXT_ENDPOINT: settings.externalUrl,
      CORE_URL: settings.coreUrl,
      PORTAL_URL: settings.portalUrl,
      REGISTRY_URL: settings.registryUrl,
      REGISTRY_CREDENTIAL_USERNAME: "harbor_registry_user",
      REGISTRY_CREDENTIAL_PASSWORD: registryPassword,
      REGISTRY_CONTROLLER_URL: settings.registryctlUrl,
      JOBSERVICE_URL: settings.jobserviceUrl,
      TRIVY_ADAPTER_URL: settings.scannerUrl,
      _REDIS_URL_CORE: settings.redisUrl,
      _REDIS_URL_REG: settings.registryRedisUrl,
      CORE_SECRET: settings.coreSecret,
      JOBSERVICE_SECRET: "jobs-secret",
      IMAGE_STORE_PATH: this.folder,
      TOKEN_PRIVATE_KEY_PATH: key,
      HARBOR_ADMIN_PASSWORD: adminPassword,
    };
  }

  /** Ends one of the servers. */
  async end(name: string): Promise<void> {
    const server = this.servers[name];
    if (server && "closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    delete this.servers[name];
  }

  async stop(): Promise<void> {
    for (const name of Object.keys(this.servers)) await this.end(name);
    this.registry?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startCore(password: string): Promise<void> {
    this.core = await Core.start(this.settings, this.store, password);
    this.servers.core = await this.core.listen(Number(new URL(this.settings.coreUrl).port));
  }

  private async startRegistry(port: number): Promise<void> {
    const config = join(this.folder, "config.yml");
    mkdirSync(join(this.folder, "storage"));
    writeFileSync(join(this.folder, "passwd"), `${passwd}\n`);
    writeFileSync(config, registryConfig(this.folder, port));
    this.registry = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(100);
    }
    throw new Error("docker-registry does not start");
  }

  /** Understands as much as a garbage collection and a health check say. */
  private async startRedis(): Promise<number> {
    const server = createServer((socket) => {
      socket.on("data", (data) => {
        for (const command of data.toString().split(/(?=\*\d+\r\n)/)) {
          const words = command.split("\r\n").filter((word, index) => index > 0 && index % 2 === 0 && word !== "");
          this.redisCommands.push(words);
          socket.write(words[0] === "SCAN" ? "*2\r\n$1\r\n0\r\n*1\r\n$9\r\nblobs::x1\r\n" : "+OK\r\n");
        }
      });
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.servers.redis = server;
    return (server.address() as AddressInfo).port;
  }
}

/** As Harbor's installer writes it, without the cache in Redis. */
const registryConfig = (folder: string, port: number): string => `version: 0.1
log: { level: error, fields: { service: registry } }
storage:
  filesystem:
    rootdirectory: ${folder}/storage
  maintenance: { uploadpurging: { enabled: true, age: 168h, interval: 24h, dryrun: false } }
  delete: { enabled: true }
  redirect: { disable: true }
http: { addr: "127.0.0.1:${port}", secret: placeholder, relativeurls: false }
auth: { htpasswd: { realm: harbor-registry-basic-realm, path: ${folder}/passwd } }
validation: { disabled: true }
`;

export async function freePort(): Promise<number> {
  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
