import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { labHome, projectRoot } from "../../../lab/settings";
import type { World } from "../../../lab/world";

/** The blocks of a stack's config, by key. */
export type Settings = Record<string, Record<string, unknown>>;

/** What a command printed, both streams in order, and how it ended. */
export interface Result {
  code: number;
  output: string;
}

/** Runs a command in the checkout. Its output is also shown, so that a long run can be followed, unless it is data. */
export function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}, shown = true): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        if (shown) process.stderr.write(chunk);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** `npm start`. */
export const start = (env?: NodeJS.ProcessEnv): Promise<Result> => run("npm", ["start"], env);

/** What `npm run lab:…` runs, without npm's own half second: there are hundreds of these. */
export const lab = (args: string[], env?: NodeJS.ProcessEnv, shown = true): Promise<Result> =>
  run(process.execPath, ["dist/lab/cli.js", ...args], env, shown);

/** The Pulumi command line on the stack `lab`. */
export const pulumi = (args: string[], env?: NodeJS.ProcessEnv, shown = true): Promise<Result> =>
  lab(["pulumi", ...args], env, shown);

/** The stack's state, as JSON. */
export const exportedState = async (): Promise<string> => (await pulumi(["stack", "export"], {}, false)).output;

/** A command on the tooling VM, by the lab's own `ssh`. */
export const onMachine = (command: string): Promise<Result> => lab(["ssh", command]);

export const world = (): World => JSON.parse(readFileSync(join(labHome, "world.json"), "utf8")) as World;

/** A command on the tooling VM as its console would run it: without the network. */
export const onConsole = (...command: string[]): Promise<Result> =>
  run("docker", ["-H", world().dockerHost, "exec", "homelab-lab-160", ...command], {}, false);

/** The committed `Pulumi.lab.yaml`, changed, as a file of its own. */
export function changedConfig(change: (config: Settings) => void): NodeJS.ProcessEnv {
  const document = parse(readFileSync(join(projectRoot, "Pulumi.lab.yaml"), "utf8")) as { config: Settings };
  change(document.config);
  const file = join(mkdtempSync(join(tmpdir(), "homelab-e2e-")), "Pulumi.lab.yaml");
  writeFileSync(file, stringify(document));
  return { HOMELAB_LAB_CONFIG: file };
}

/** The catalogue of a config. */
export const services = (config: Settings): Record<string, unknown>[] =>
  config["homelab:services"] as unknown as Record<string, unknown>[];

export const addDocs = (config: Settings): void =>
  void services(config).push({ name: "docs", upstream: "http://198.18.60.1:3000", auth: "none" });

/** The lab with one more entry in its catalogue. */
export const withDocs = changedConfig(addDocs);
