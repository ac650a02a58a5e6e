import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { transformSync } from "@swc/core";

import { projectRoot } from "../../../tools/versions";

const password = "Database-Password-1";

/** Where Debian has PostgreSQL's programs; nothing where they are not installed. */
export function findPostgres(): string | undefined {
  try {
    const base = "/usr/lib/postgresql";
    const [version] = readdirSync(base).sort().reverse();
    return readdirSync(join(base, version ?? "", "bin")).includes("postgres")
      ? join(base, version ?? "", "bin")
      : undefined;
  } catch {
    return undefined;
  }
}

/** The programs of `lab/harbor`, compiled into a folder of their own, and a PostgreSQL for them. */
export class Programs {
  readonly folder = mkdtempSync(join(tmpdir(), "homelab-harbor-programs-"));
  private readonly children: ChildProcess[] = [];

  constructor() {
    const source = join(projectRoot, "lab");
    const files = ["harbor", "kit", "openid"].flatMap((part) =>
      readdirSync(join(source, part), { recursive: true, encoding: "utf8" }).map((file) => join(part, file)),
    );
    for (const file of files.filter((each) => each.endsWith(".ts"))) {
      const parser = { syntax: "typescript" as const };
      const options = { jsc: { target: "es2022" as const, parser }, module: { type: "commonjs" as const } };
      const { code } = transformSync(readFileSync(join(source, file), "utf8"), options);
      this.write(file.replace(/\.ts$/, ".js"), code);
    }
  }

  write(file: string, text: string): string {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Starts a database `registry`, as another user where this one is projectRoot, which PostgreSQL refuses. */
  async startDatabase(bin: string, port: number): Promise<Record<string, string>> {
    const data = join(this.folder, "database");
    mkdirSync(data);
    chmodSync(this.folder, 0o755);
    const isRoot = process.getuid?.() === 0;
    const idOf = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
    const user = isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : {};
    const passwordFile = this.write("password", password);
    if (isRoot) chownSync(data, idOf("-u"), idOf("-g"));
    const init = ["-D", data, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
    execFileSync(join(bin, "initdb"), init, { ...user, cwd: "/", stdio: "ignore" });
    const options = ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-c", "unix_socket_directories="];
    this.children.push(spawn(join(bin, "postgres"), options, { ...user, cwd: "/", stdio: "ignore" }));
    const login = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres"];
    const env = { ...process.env, PGPASSWORD: password };
    await until(() => execFileSync("psql", [...login, "-c", "CREATE DATABASE registry"], { env, stdio: "ignore" }));
    return { HOST: "127.0.0.1", PORT: String(port), USERNAME: "postgres", PASSWORD: password };
  }

  /** Starts a program, and waits until the address answers. */
  async start(name: string, env: Record<string, string>, url: string, ...args: string[]): Promise<ChildProcess> {
    const program = join(this.folder, "harbor", `${name}.js`);
    const options = { env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", "ignore", "inherit"] as const };
    const child = spawn(process.execPath, [program, ...args], { ...options, stdio: [...options.stdio] });
    this.children.push(child);
    await until(async () => {
      if (!(await fetch(url)).ok) throw new Error(`${name} is not ready`);
    });
    return child;
  }

  /** The status that a program ends with by itself. */
  async statusOf(name: string, env: Record<string, string>, ...args: string[]): Promise<number | null> {
    const program = join(this.folder, "harbor", `${name}.js`);
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: "ignore",
    });
    this.children.push(child);
    return new Promise((done) => child.once("exit", done));
  }

  async stop(): Promise<void> {
    for (const child of this.children.reverse()) await end(child, "SIGINT");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ends a process, and says how it went. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<{ code: number | null; ms: number }> {
  const started = Date.now();
  if (child.exitCode !== null || child.signalCode !== null) return { code: child.exitCode, ms: 0 };
  const closed = new Promise<number | null>((done) => child.once("exit", done));
  child.kill(signal);
  return { code: await closed, ms: Date.now() - started };
}

async function until(attempt: () => unknown): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(100);
    }
  }
}
