import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "../../../lab/openid/transport";
import type { Administration } from "../../../lab/proxmox/administration";
import type { MachineDriver, MachineSpec } from "../../../lab/proxmox/machines";
import { startProxmox, type Proxmox, type ProxmoxOptions } from "../../../lab/proxmox/server";

/** Machines that only exist in memory. */
export class FakeMachines implements MachineDriver {
  readonly started: MachineSpec[] = [];
  readonly running = new Set<number>();
  readonly removed: number[] = [];
  /** Waited for before a machine starts. */
  gate: Promise<void> = Promise.resolve();
  /** What the next shutdown fails with. */
  shutdownError: Error | undefined;

  async start(spec: MachineSpec): Promise<void> {
    await this.gate;
    this.started.push(spec);
    this.running.add(spec.vmid);
  }
  async shutdown(vmid: number): Promise<void> {
    if (this.shutdownError) throw this.shutdownError;
    this.running.delete(vmid);
  }
  async stop(vmid: number): Promise<void> {
    this.running.delete(vmid);
  }
  async reboot(): Promise<void> {
    await this.gate;
  }
  async remove(vmid: number): Promise<void> {
    this.removed.push(vmid);
  }
  async isRunning(vmid: number): Promise<boolean> {
    return this.running.has(vmid);
  }
  async addresses(vmid: number): Promise<string[]> {
    return this.started.filter((spec) => spec.vmid === vmid).map((spec) => spec.address);
  }
}

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  /** The reason in the status line. */
  readonly reason: string;
  readonly data: unknown;
  readonly message: string | undefined;
  readonly errors: Readonly<Record<string, string>> | undefined;
}

/** Status, reason and errors of an answer. */
export const refusal = ({ status, reason, errors }: Answer): unknown[] => [status, reason, ...(errors ? [errors] : [])];

/** What {@link refusal} gives for wrong parameters. */
export const verificationFailed = (errors: Record<string, string>): unknown[] => [
  400,
  "Parameter verification failed.",
  errors,
];

export type Parameters = Readonly<Record<string, string | number>>;

const secret = "11111111-2222-3333-4444-555555555555";

/** Tokens of the tests: everything, nothing, and what the program's token has. */
export const tokens = {
  admin: "admin@pve!test",
  nobody: "nobody@pve!test",
  pulumi: "pulumi@pve!homelab",
} as const;

/** A key pair by `ssh-keygen`; about one in 300 that `ssh2` makes itself cannot be read again. */
export function sshKeyPair(): { private: string; public: string } {
  const folder = mkdtempSync(join(tmpdir(), "ssh-key-"));
  const file = join(folder, "key");
  try {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    return { private: readFileSync(file, "utf8"), public: readFileSync(`${file}.pub`, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A stand-in on free ports of this computer, with its files in a temporary folder. */
export class TestNode {
  readonly machines = new FakeMachines();
  readonly folder = mkdtempSync(join(tmpdir(), "proxmox-"));
  readonly clientKey = sshKeyPair();
  private readonly hostKey = sshKeyPair();
  private readonly tls: { key: string; cert: string };
  private readonly files: Server;
  private proxmox: Proxmox | undefined;

  private readonly administration: Administration;

  /** The token `pulumi` has these privileges, by path, or what an administrator gave it. */
  constructor(
    rights: Readonly<Record<string, readonly string[]>> | Administration = {},
    private readonly transport: Transport = {},
  ) {
    const given = isAdministration(rights) ? rights : granted(rights);
    const everything = { token: tokens.admin, path: "/", role: "Administrator" };
    this.administration = { ...given, grants: [...given.grants, everything] };
    const [key, cert] = [join(this.folder, "tls.key"), join(this.folder, "tls.crt")];
    const subject = ["-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1"];
    const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    execFileSync("openssl", [...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    this.tls = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
    this.files = createServer((incoming, response) => {
      const content = incoming.url === "/image.qcow2" ? image : undefined;
      response.writeHead(
        content === undefined ? 404 : 200,
        content === undefined ? {} : { "content-length": content.length },
      );
      response.end(incoming.method === "HEAD" ? undefined : content);
    });
  }

  /** Starts the stand-in and makes VM 160 from the cloud image. */
  async startWithVm(): Promise<void> {
    await this.start();
    const file = { content: "import", filename: "image.qcow2", url: this.url("/image.qcow2") };
    await this.run("POST", "/nodes/pve-mon/storage/local/download-url", file);
    await this.run("POST", "/nodes/pve-mon/qemu", vm160);
  }

  /** Starts the stand-in, or starts it again from what it remembers. */
  async start(): Promise<void> {
    if (!this.files.listening) await new Promise<void>((resolve) => this.files.listen(0, "127.0.0.1", resolve));
    const options: ProxmoxOptions = {
      listen: { address: "127.0.0.1", port: 0 },
      tls: this.tls,
      ssh: {
        address: "127.0.0.1",
        port: 0,
        hostKey: this.hostKey.private,
        authorizedKeys: [this.clientKey.public],
      },
      stateFile: join(this.folder, "state.json"),
      storageRoot: this.storage,
      nodes: [{ name: "pve-mon", memory: 32 * 2 ** 30, cores: 12 }],
      guests: [{ vmid: 101, node: "pve-mon", name: "monitoring", memory: 4 * 2 ** 30, cores: 2 }],
      tokens: Object.values(tokens).map((id) => ({ id, secret })),
      administration: this.administration,
      rootPassword: "secret-of-root",
      transport: this.transport,
      machines: this.machines,
    };
    this.proxmox = await startProxmox(options);
  }

  async stop(): Promise<void> {
    await this.proxmox?.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    await new Promise((resolve) => this.files.close(resolve));
    rmSync(this.folder, { recursive: true });
  }

  /** The folder of the datastore `local`. */
  get storage(): string {
    return join(this.folder, "local");
  }

  /** What Pulumi's provider is told: where the API is, and the token it may use. */
  get connection(): { endpoint: string; apiToken: string } {
    return { endpoint: `https://127.0.0.1:${this.proxmox?.port ?? 0}/`, apiToken: `${tokens.pulumi}=${secret}` };
  }

  /** Runs `work` beside a relay that passes requests on, over plain HTTP: this process doesn't trust the API's certificate. */
  async relayed<T>(work: (endpoint: string) => Promise<T>): Promise<T> {
    const relay = createServer((incoming, response) => {
      const { authorization = "" } = incoming.headers;
      this.raw(incoming.method ?? "", incoming.url ?? "", "", { authorization }).then(
        ({ status, data }) => response.writeHead(status).end(JSON.stringify({ data })),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    try {
      return await work(`http://127.0.0.1:${(relay.address() as AddressInfo).port}`);
    } finally {
      relay.closeAllConnections();
      await new Promise((resolve) => relay.close(resolve));
    }
  }

  /** The file with the API's certificate. */
  get certificateFile(): string {
    return join(this.folder, "tls.crt");
  }

  get sshPort(): number {
    return this.proxmox?.sshPort ?? 0;
  }

  /** Where the cloud image of the tests can be had. */
  url(path: string): string {
    return `http://127.0.0.1:${(this.files.address() as AddressInfo).port}${path}`;
  }

  /** Calls the API with a token. */
  call(method: string, path: string, parameters: Parameters = {}, token: string = tokens.admin): Promise<Answer> {
    return this.send(method, path, parameters, { authorization: `PVEAPIToken=${token}=${secret}` });
  }

  send(method: string, path: string, parameters: Parameters, headers: Record<string, string>): Promise<Answer> {
    const form = new URLSearchParams(
      Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
    ).toString();
    const inBody = method === "POST" || method === "PUT";
    const query = inBody || form === "" ? "" : `?${form}`;
    return this.raw(method, `/api2/json${path}${query}`, inBody ? form : "", {
      "content-type": "application/x-www-form-urlencoded",
      ...headers,
    });
  }

  raw(method: string, path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const target = {
        host: "127.0.0.1",
        port: this.proxmox?.port,
        ca: this.tls.cert,
        method,
        path,
        headers,
        agent: false,
      };
      const outgoing = request(target, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
        response.on("end", () => {
          const answer = JSON.parse(text) as Pick<Answer, "data" | "message" | "errors">;
          resolve({
            status: response.statusCode ?? 0,
            reason: response.statusMessage ?? "",
            data: answer.data,
            message: answer.message,
            errors: answer.errors,
          });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  /** Calls the API and waits for the task it starts; gives the task's exit status. */
  async run(method: string, path: string, parameters: Parameters = {}, token: string = tokens.admin): Promise<string> {
    const { status, reason, errors, data } = await this.call(method, path, parameters, token);
    if (status !== 200) throw new Error(`${status} ${reason} ${JSON.stringify(errors ?? {})}`);
    return this.finished(String(data));
  }

  /** Waits for a task; gives its exit status. */
  async finished(upid: string): Promise<string> {
    for (;;) {
      const { data } = await this.call("GET", `/nodes/pve-mon/tasks/${encodeURIComponent(upid)}/status`);
      const { status, exitstatus } = data as { status: string; exitstatus?: string };
      if (status === "stopped") return exitstatus ?? "";
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function isAdministration(rights: object): rights is Administration {
  return "grants" in rights;
}

/** A role of its own for each path. */
function granted(rights: Readonly<Record<string, readonly string[]>>): Administration {
  const roles = Object.entries(rights).map(([path, privileges]) => ({
    path,
    role: `Test${path.replace(/[^a-z0-9]/g, "-")}`,
    privileges,
  }));
  return {
    pools: [],
    roles: Object.fromEntries(roles.map(({ role, privileges }) => [role, privileges])),
    grants: roles.map(({ path, role }) => ({ token: tokens.pulumi, path, role })),
  };
}

/** The cloud image of the tests. */
export const image = '{"image":"homelab/debian:13"}\n';

/** A machine as the program asks for it. */
export const vm160: Parameters = {
  vmid: 160,
  name: "tooling",
  cores: 4,
  memory: 6144,
  agent: "enabled=1,type=virtio",
  scsi0: "local-lvm:0,import-from=local:import/image.qcow2,discard=on,iothread=1",
  scsi1: "local-lvm:cloudinit",
  net0: "model=virtio,bridge=vmbr0",
  ipconfig0: "gw=198.18.60.1,ip=198.18.60.60/24",
  cicustom: "user=local:snippets/tooling.yaml",
  serial0: "socket",
  boot: "order=scsi0",
  tags: "tooling;pulumi",
};
