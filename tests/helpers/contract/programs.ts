import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { basename, delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { binaryOf, requiredVersion, type Program } from "../../../lab/images/programs";
import { cached } from "../../../tools/cache";
import { buildKey, goBuild } from "../../../tools/go-build";

/**
 * A real program of the lab's: the file that the variable names, or what the lab has built at the pinned version. Where there
 * is none, a sentence that says how to get it.
 */
export function findProgram(program: Program, variable: string): { file: string } | { reason: string } {
  const given = process.env[variable];
  if (given) {
    if (existsSync(given)) return { file: given };
    throw new Error(`${variable}: there is no file ${given}`);
  }
  const { name, file } = binaryOf(program);
  if (existsSync(file)) return { file };
  const version = requiredVersion(program);
  return {
    reason: `there is no ${name} ${version}: run \`npm start\` once, which builds it, or set ${variable} to its path`,
  };
}

/**
 * Whether tests that need this run: they do where the program is there, and in CI, where its absence fails them. Elsewhere
 * they are skipped, and the reason is printed.
 */
export function canRun(program: string, isThere: boolean): boolean {
  if (isThere || process.env.CI === "true") return true;
  console.warn(`Skipped: ${program} is not installed`);
  return false;
}

/** Whether the PATH has a program. */
export const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

/** The program of a module of `tools/go`, built the first time. Needs Go. */
export async function buildProgram(module: string, goPackage: string): Promise<string> {
  const build = { module, packages: [goPackage], variables: {} };
  const name = basename(goPackage);
  const folder = await cached(`${name}-${buildKey([build])}`, (unfinished) => goBuild(build, unfinished));
  return join(folder, name);
}

/** A program that runs until it is stopped, and all it has written so far. */
export interface Running {
  output(): string;
  /** MiB that it has in memory now. */
  memory(): number;
  stop(): Promise<void>;
}

export function start(file: string, args: string[], env: Record<string, string> = {}): Running {
  const child: ChildProcess = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    output: () => output,
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024,
    stop: async () => {
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(killer);
    },
  };
}

/** Tries `attempt` until it succeeds; fails with its last error and the program's output. */
export async function eventually<T>(
  attempt: () => Promise<T>,
  { seconds = 20, program }: { seconds?: number; program?: Running } = {},
) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end)
        throw new Error(`still failing after ${seconds} s: ${String(error)}\n${program?.output() ?? ""}`);
      await pause(50);
    }
  }
}

/** Ports of this computer that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A name server that answers every name, as the house's answers every service with an edge. */
export async function nameServer(
  addressOf: (name: string) => string = () => "127.0.0.1",
): Promise<{ port: number; close(): void }> {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    let end = 12;
    const labels: string[] = [];
    for (let length = query[end]; length; length = query[end]) {
      labels.push(query.toString("latin1", end + 1, end + 1 + length));
      end += length + 1;
    }
    const question = query.subarray(12, end + 5);
    const isAddress = question.readUInt16BE(question.length - 4) === 1;
    const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0]);
    const address = addressOf(labels.join(".").toLowerCase()).split(".").map(Number);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address]);
    socket.send(Buffer.concat(isAddress ? [header, question, answer] : [header, question]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, close: () => void socket.close() };
}

/** Root, intermediate and key as `@pulumi/tls` makes them, in the layout of a step-ca home. */
export function makeAuthority(home: string): void {
  for (const folder of ["certs", "secrets", "config", "db", "root"]) mkdirSync(join(home, folder), { recursive: true });
  const file = (path: string): string => join(home, path);
  writeFileSync(file("root/ca.ext"), caExtensions);
  const openssl = (...args: string[]): void =>
    void execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  const key = (path: string): string[] => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    file(path),
  ];
  const extensions = caExtensions
    .trim()
    .split("\n")
    .flatMap((line) => ["-addext", line]);
  const config = file("root/openssl.cnf");
  writeFileSync(config, "[req]\ndistinguished_name = name\n[name]\n");
  const request = ["req", "-config", config];
  openssl(
    ...request,
    "-x509",
    ...key("root/key"),
    ...extensions,
    "-subj",
    "/O=Homelab/CN=Homelab Root CA",
    "-days",
    "7300",
    "-out",
    file("certs/root_ca.crt"),
  );
  openssl(
    ...request,
    ...key("secrets/intermediate_ca_key"),
    "-subj",
    "/O=Homelab/CN=Homelab Intermediate CA",
    "-out",
    file("root/request"),
  );
  const signer = ["-CA", file("certs/root_ca.crt"), "-CAkey", file("root/key"), "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    file("root/request"),
    ...signer,
    "-extfile",
    file("root/ca.ext"),
    "-days",
    "1825",
    "-out",
    file("certs/intermediate_ca.crt"),
  );
}

/** A certificate that an authority's root signed for a name, and its key; PEM. */
export function issue(home: string, host: string): { key: string; cert: string } {
  const key = join(home, `root/${host}.key`);
  const request = ["req", "-x509", "-config", join(home, "root/openssl.cnf"), "-subj", "/O=Homelab", "-days", "1"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
  const signer = ["-CA", join(home, "certs/root_ca.crt"), "-CAkey", join(home, "root/key")];
  const name = ["-addext", `subjectAltName=DNS:${host}`];
  const cert = execFileSync("openssl", [...request, ...curve, ...signer, ...name], { encoding: "utf8", stdio: "pipe" });
  return { key: readFileSync(key, "utf8"), cert };
}

const caExtensions = `basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectKeyIdentifier = hash
`;
