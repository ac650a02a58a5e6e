import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { projectRoot } from "../../../tools/versions";
import { keepNoLogs } from "../../../lab/pulumi-home";
import { cacheHome } from "../../../tools/cache";
import { environment } from "../../../tools/toolchain";

const modules = resolve(projectRoot, "node_modules/@pulumi");

/** The folders of Pulumi and of the provider plugins that `npm start` keeps; a sentence where one is missing. */
export function findTools(): { folders: string[] } | { reason: string } {
  const folders = [newest("pulumi-", "pulumi"), newest("plugins-", "pulumi-resource-proxmoxve")];
  const known = folders.filter((folder) => folder !== undefined);
  return known.length === folders.length
    ? { folders: known }
    : { reason: "Pulumi or its Proxmox plugin is not in the cache: run `npm start` once, which gets them" };
}

function newest(prefix: string, program: string): string | undefined {
  const tools = join(cacheHome, "tools");
  const names = existsSync(tools) ? readdirSync(tools).filter((name) => name.startsWith(prefix)) : [];
  return names
    .map((name) => join(tools, name, "bin"))
    .filter((folder) => existsSync(join(folder, program)))
    .sort((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)
    .at(-1);
}

/** A Pulumi project in a temporary folder, with its state beside it and its secrets under a passphrase. */
export class ProxmoxProgram {
  private readonly folder = mkdtempSync(join(tmpdir(), "proxmox-program-"));
  private readonly env: NodeJS.ProcessEnv;

  constructor(folders: readonly string[], certificateFile: string, variables: Record<string, string>) {
    for (const folder of ["state", "home", "node_modules"]) mkdirSync(join(this.folder, folder));
    symlinkSync(modules, join(this.folder, "node_modules", "@pulumi"));
    this.env = {
      ...environment(folders),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      SSL_CERT_FILE: certificateFile,
      ...variables,
    };
    delete this.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    keepNoLogs(join(this.folder, "home"));
    this.write("package.json", "{}");
    const runtime = "runtime: { name: nodejs, options: { typescript: false } }";
    this.write("Pulumi.yaml", `name: proxmox\n${runtime}\nmain: index.js\n`);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Makes a deployment the stack's latest, pending operations included, which `stack import` would forget. */
  writeDeployment(stack: string, deployment: object): void {
    const file = join(this.folder, "state", ".pulumi", "stacks", "proxmox", `${stack}.json`);
    const { checkpoint, ...rest } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: object };
    writeFileSync(file, JSON.stringify({ ...rest, checkpoint: { ...checkpoint, latest: deployment } }));
  }

  /** Runs Pulumi; gives what it printed. Fails with that where Pulumi fails. */
  async pulumi(...args: string[]): Promise<string> {
    const child = spawn("pulumi", [...args, "--non-interactive"], { cwd: this.folder, env: this.env });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.once("close", done));
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    return output;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
