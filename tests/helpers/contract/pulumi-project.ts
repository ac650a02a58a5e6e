import { spawnSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { transformSync } from "@swc/core";

import { projectRoot } from "../../../tools/versions";
import { keepNoLogs } from "../../../lab/pulumi-home";
import { cacheHome } from "../../../tools/cache";
import { environment } from "../../../tools/toolchain";

/** The folder of the Pulumi command line that `npm start` keeps; a sentence where there is none. */
export function findPulumi(): { folder: string } | { reason: string } {
  const tools = join(cacheHome, "tools");
  const names = existsSync(tools) ? readdirSync(tools).filter((name) => name.startsWith("pulumi-")) : [];
  const folder = names
    .map((name) => join(tools, name, "bin"))
    .filter((bin) => existsSync(join(bin, "pulumi")))
    .sort()
    .at(-1);
  return folder ? { folder } : { reason: "there is no Pulumi in the cache: run `npm start` once, which gets it" };
}

/** What a command printed, and how it ended. */
export interface Run {
  code: number | null;
  output: string;
  seconds: number;
}

/**
 * A project of its own in a temporary folder, laid out like this repository: `homelab-providers` is a link, its code is in
 * `dist`. State in a folder, secrets encrypted with a passphrase.
 */
export class PulumiProject {
  readonly folder: string;
  private readonly env: NodeJS.ProcessEnv;

  /**
   * `programs` are the folders of Pulumi and of plugins. `secrets` are variables of the program's environment, so that they are
   * in no file of the project.
   */
  constructor(name: string, programs: string | readonly string[], secrets: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), `homelab-${name}-`));
    for (const folder of ["state", "home", "node_modules", "providers"]) mkdirSync(join(this.folder, folder));
    this.env = {
      ...environment([programs].flat()),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      ...secrets,
    };
    delete this.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    keepNoLogs(join(this.folder, "home"));
    this.write("package.json", `{ "name": "${name}-program" }`);
    this.write(
      "Pulumi.yaml",
      `name: ${name}\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n`,
    );
    for (const file of ["package.json", "main.cjs"]) {
      cpSync(join(projectRoot, "providers", file), join(this.folder, "providers", file));
    }
    for (const scope of ["@pulumi", "@goauthentik", "ssh2"]) {
      symlinkSync(join(projectRoot, "node_modules", scope), join(this.folder, "node_modules", scope));
    }
    symlinkSync("../providers", join(this.folder, "node_modules", "homelab-providers"));
    for (const folder of ["components", "config", "providers"]) this.compile(join(projectRoot, folder));
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Changes the provider's code: a file below `providers`, wherever it has the text. */
  edit(file: string, from: string, to: string): void {
    const path = join(this.folder, "dist/providers", file);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(from, to));
  }

  /** Runs Pulumi; the program and the stand-in run at the same time, so this must not block. */
  pulumi(...args: string[]): Promise<Run> {
    return this.watched(args, () => undefined);
  }

  /** The same; `started` gets the process's id. */
  async watched(args: readonly string[], started: (pid: number) => void): Promise<Run> {
    const begun = Date.now();
    const child = spawn("pulumi", [...args, "--non-interactive"], { cwd: this.folder, env: this.env });
    started(child.pid ?? 0);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.once("close", done));
    return { code, output, seconds: (Date.now() - begun) / 1000 };
  }

  /** The stack's state as text, with its secrets as they are stored. */
  state(): string {
    const options = { cwd: this.folder, env: this.env, encoding: "utf8" as const, maxBuffer: 2 ** 26 };
    return spawnSync("pulumi", ["stack", "export", "--non-interactive"], options).stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private compile(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) this.compile(path);
      if (!entry.name.endsWith(".ts")) continue;
      const options = {
        jsc: { target: "es2022" as const, parser: { syntax: "typescript" as const } },
        module: { type: "commonjs" as const },
      };
      const { code } = transformSync(readFileSync(path, "utf8"), options);
      this.write(join("dist", relative(projectRoot, path).replace(/\.ts$/, ".js")), code);
    }
  }
}
