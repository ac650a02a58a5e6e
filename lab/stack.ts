import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { expectDocker } from "../tools/docker-answers";
import { forgetOperatorKey } from "../tools/forget-key";
import { clearInterrupted } from "../tools/interrupted";
import { driftRun, isJudged, judgedRun } from "../tools/judged-run";
import { forDebugging } from "../tools/node-options";
import { serveOperatorKey } from "../tools/operator-agent";
import { endLeftovers } from "../tools/own-run";
import { readArguments } from "../tools/pulumi-arguments";
import { refreshVm } from "../tools/refresh-vm";
import { attach, capture, type RunOptions } from "../tools/run";
import type { SsoStack } from "../tools/sso-stack";
import { knownState, type Pulumi } from "../tools/stack";
import { ensureToolchain } from "../tools/toolchain";
import { isDeployed, noteDeployed } from "./deployed";
import { hostKeyOf, startHosts } from "./hosts";
import { leadNames } from "./name-server";
import { say, step } from "./progress";
import { ownHome } from "./pulumi-home";
import { labHome, projectRoot } from "./settings";
import { committedSettings, completed, namesIn, type Settings, type StackFile } from "./stack-config";
import { restoreState } from "./state-file";
import type { World } from "./world";

/** The lab's own Pulumi: state in a file backend, encrypted with a passphrase made for this lab. */
const stack = "lab";
const state = join(labHome, "state");
const passphraseFile = join(labHome, "passphrase");
const project = join(labHome, "project");
const configFile = join(project, `Pulumi.${stack}.yaml`);
const files = {
  config: configFile,
  state: join(state, ".pulumi", "stacks", "homelab", `${stack}.json`),
  record: join(labHome, "deployed"),
};

/** Commands that read the stack's configuration. */
const configured = new Set(["up", "preview", "refresh", "drift", "destroy", "config", "import"]);

/** What the stack exports (see `index.ts`). */
export interface Outputs {
  services: { name: string; url: string; issuedInMilliseconds: number }[];
  rootCertificate: string;
  rootFingerprint: string;
  rootUrl: string;
}

/** How Pulumi is run on this lab. */
interface Prepared {
  command: string;
  env: NodeJS.ProcessEnv;
}

/** Runs the project's Pulumi on the stack `lab` with the terminal's input and output; resolves to its exit code. */
export async function pulumi(world: World, args: readonly string[]): Promise<number> {
  if (args[0] === "up") await prepareHouse(world);
  return runPulumi(world, args);
}

async function runPulumi(world: World, args: readonly string[]): Promise<number> {
  const { command, env } = await prepare(world);
  const read = { ...readArguments(withStack(args)), stack };
  const invocation = { pulumi: command, cwd: projectRoot, env: forDebugging(env, read) };
  await expectDocker(await onStack(world), read);
  if (read.command === "drift") return driftRun(invocation, read);
  return isJudged(read) ? judgedRun(invocation, read) : attach(command, read.args, invocation);
}

/**
 * Brings the stack `lab` up to date. A machine that vanished is noticed first, so that it is made again. What was deployed
 * like this already is only previewed.
 */
export async function deploy(world: World): Promise<void> {
  if (restoreState(files.state))
    say("The last update was killed while it wrote its state; it goes on from the one before.");
  await releaseDeadLocks(world);
  const isSame = isDeployed(files);
  await prepareHouse(world);
  const inStack = await onStack(world);
  const before = await knownState(inStack);
  await step("Compare the VM with Proxmox", () => refreshVm(inStack, before, () => undefined));
  await clearInterrupted(inStack, before, say);
  await forgetOperatorKey(inStack, before, say);
  const isWhole = isSame && (await knownState(inStack)).resources.length === before.resources.length;
  const foundNothing = isWhole && (await runPulumi(world, ["preview", "--expect-no-changes"])) === 0;
  if (!foundNothing && (await runPulumi(world, ["up", "--yes"])) !== 0) {
    throw new Error("The deployment failed; the lines above tell why. `npm start` goes on from where it stopped.");
  }
  noteDeployed(files);
  if (foundNothing || (await changedNothing(world))) say("Everything was as described: no changes.");
}

/** What somebody does before an update: the machines that the config names are up, and the DNS leads to what will be on them. */
async function prepareHouse(world: World): Promise<void> {
  const settings = committedSettings();
  await startHosts(world, settings);
  leadNames(namesIn(settings));
}

/** An update that was killed leaves its lock. One whose process is gone holds nothing any more. */
async function releaseDeadLocks(world: World): Promise<void> {
  const folder = join(state, ".pulumi", "locks", "organization", "homelab", stack);
  const locks = existsSync(folder) ? readdirSync(folder) : [];
  const holders = locks.map((name) => (JSON.parse(readFileSync(join(folder, name), "utf8")) as { pid: number }).pid);
  if (holders.length === 0) return;
  const alive = holders.find(runsPulumi);
  if (alive !== undefined)
    throw new Error(`Another update of the stack is at work (process ${alive}). Wait for its end.`);
  await quietly(world, ["cancel", "--yes"]);
}

/** The id may belong to another process by now; one that ended and waits for its parent has no command line any more. */
function runsPulumi(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("pulumi");
  } catch {
    return false; // no such process
  }
}

async function changedNothing(world: World): Promise<boolean> {
  const history = await quietly(world, ["stack", "history", "--json", "--page-size", "1"]);
  const [last] = JSON.parse(history) as { resourceChanges?: Record<string, number> }[];
  return Object.keys(last?.resourceChanges ?? {}).every((change) => change === "same");
}

/** Removes what the stack made. Protection guards against a mistake; taking the lab down is none. */
export async function undeploy(world: World): Promise<number> {
  await quietly(world, ["state", "unprotect", "--all", "--yes"]);
  return pulumi(world, ["destroy", "--yes", "--skip-preview"]);
}

/** What the stack exports. */
export async function outputs(world: World): Promise<Outputs> {
  return JSON.parse(await quietly(world, ["stack", "output", "--json"])) as Outputs;
}

/** One output of the stack, in clear. */
export async function secretOutput(world: World, name: string): Promise<unknown> {
  return JSON.parse(await quietly(world, ["stack", "output", name, "--json", "--show-secrets"]));
}

/** What the stack's state looks like: how many resources, how many bytes. */
export async function stateFigures(world: World): Promise<{ resources: number; bytes: number }> {
  const exported = await quietly(world, ["stack", "export"]);
  const { deployment } = JSON.parse(exported) as { deployment: { resources?: unknown[] } };
  return { resources: deployment.resources?.length ?? 0, bytes: exported.length };
}

/** The stack, for the commands of `npm run sso`. */
export async function ssoStack(world: World): Promise<SsoStack> {
  return {
    pulumi: await onStack(world),
    up: (args) => pulumi(world, ["up", ...args]),
    commands: { sso: "npm run lab:sso --", up: "npm run lab:pulumi -- up" },
  };
}

/** Pulumi on the stack `lab`, without a terminal. */
async function onStack(world: World): Promise<Pulumi> {
  const { command, env } = await prepare(world);
  return (args, input) => capture(command, withStack(args), { cwd: projectRoot, env, input });
}

async function quietly(world: World, args: readonly string[]): Promise<string> {
  const { command, env } = await prepare(world);
  return captured(command, withStack(args), { cwd: projectRoot, env });
}

/** What a Pulumi command printed; an error with all of it when the command fails. */
export async function captured(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await capture(command, args, options);
  if (code !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Arguments for the stack `lab`, with its config where the command reads one. */
export function withStack(args: readonly string[]): string[] {
  return [...args, "--stack", stack, ...(configured.has(args[0] ?? "") ? ["--config-file", configFile] : [])];
}

let prepared: Promise<Prepared> | undefined;

/** Done once in a process, however many commands follow. */
export function prepare(world: World): Promise<Prepared> {
  prepared ??= makeReady(world);
  return prepared;
}

async function makeReady(world: World): Promise<Prepared> {
  const toolchain = await ensureToolchain(() => undefined);
  await endLeftovers((text) => void process.stderr.write(`${text}\n`));
  const home = join(labHome, "home");
  for (const folder of [state, project, home]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(passphraseFile)) {
    // A new one would not open the state that is there.
    if (existsSync(configFile))
      throw new Error(
        `${passphraseFile} is missing. It encrypts the lab's state: put it back, or begin anew with ` +
          "`npm run lab:down` and `npm start`.",
      );
    writeFileSync(passphraseFile, randomBytes(32).toString("base64url"), { mode: 0o600 });
  }
  const env = {
    ...toolchain.env,
    ...ownHome(toolchain),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    // The Proxmox provider notes the node's host key under HOME, and trusts what the system trusts.
    HOME: home,
    SSL_CERT_FILE: world.trustBundle,
    NODE_EXTRA_CA_CERTS: world.trustBundle,
    SSH_AUTH_SOCK: await serveOperatorKey(() => Promise.resolve(world.sshKeyFile), say),
  };
  const ready = { command: toolchain.pulumi, env };
  await configure(world, ready);
  return ready;
}

/** The stack's secrets, as this lab has them. */
const secretsOf = (world: World, settings: Settings): Record<string, string> => ({
  "homelab:grafanaPassword": world.grafanaPassword,
  // A stack that makes no VM asks no Proxmox.
  ...("homelab:proxmox" in settings && { "homelab:proxmoxApiToken": world.proxmox.apiToken }),
});

/**
 * Writes the stack's config: the committed one plus what only this lab knows. The salt and the encrypted secrets stay as
 * they are, so that nothing changes from run to run.
 */
async function configure(world: World, { command, env }: Prepared): Promise<void> {
  if (!existsSync(configFile)) await createStack(command, env);
  const previous = parse(readFileSync(configFile, "utf8")) as StackFile;
  const settings = committedSettings();
  const secrets = Object.entries(secretsOf(world, settings));
  const known = secrets.flatMap(([key]) => (previous.config?.[key] === undefined ? [] : [[key, previous.config[key]]]));
  const config = {
    ...completed(settings, { upstreamCa: readFileSync(world.caFile, "utf8"), hostKeyOf }),
    "homelab:operatorKeyFile": world.sshKeyFile,
    ...(Object.keys(world.images).length > 0 && { "homelab:images": world.images }),
    ...(Object.fromEntries(known) as Record<string, unknown>),
  };
  writeFileSync(configFile, stringify({ encryptionsalt: previous.encryptionsalt, config }), { mode: 0o600 });
  for (const [key, input] of secrets) {
    if (previous.config?.[key] !== undefined) continue;
    // On standard input, where no other process of the computer can read it.
    await captured(command, withStack(["config", "set", "--secret", key]), { cwd: projectRoot, env, input });
  }
}

async function createStack(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  copyFileSync(join(projectRoot, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  const inProject = { cwd: project, env };
  // An earlier run may have ended between making the stack and noting its salt. Only an empty stack is removed.
  await capture(command, ["stack", "rm", stack, "--yes"], inProject);
  await captured(command, ["stack", "init", stack], inProject);
}
