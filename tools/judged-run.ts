import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { reportVariable, type PolicyReport } from "../policies/report";
import { readStackSettings } from "../policies/stack-settings";
import { uncomparedVariable } from "../providers/dynamic/uncompared";
import { readEvents } from "./preview/events";
import { comment, summary } from "./preview/markdown";
import { previews, updates, type PulumiArguments } from "./pulumi-arguments";
import { attach, type RunOptions } from "./run";
import { projectRoot } from "./versions";

/** The pack, as Pulumi starts it: a program, except on Windows, which knows no scripts that are programs. */
export const pack = join(projectRoot, "policies", process.platform === "win32" ? "." : "run");

/** Whether the policies judge what this command line does. */
export function isJudged({ command, helps }: PulumiArguments): boolean {
  return !helps && (previews(command) || updates(command));
}

/** Pulumi, with where and with what it runs. */
export interface Invocation extends RunOptions {
  pulumi: string;
}

/**
 * Runs a preview or an update with the policy pack, and then tells what the pack reported besides violations. With
 * `--markdown` the result goes to standard output as a comment, and everything else to standard error. Resolves to
 * Pulumi's exit code.
 */
export async function judgedRun(
  { pulumi, env, cwd }: Invocation,
  read: PulumiArguments & { stack: string },
): Promise<number> {
  if (read.command === "watch") throw new Error(`watch ${withoutPreview}; run \`up\` after each change`);
  if (read.skipsPreview && updates(read.command)) throw new Error(`--skip-preview ${withoutPreview}; ${leaveOut}`);
  const { levels, packConfig } = readStackSettings(projectRoot, read.stack);
  return inTemporaryFolder(async (folder) => {
    const [config, report] = ["config.json", "report.json"].map((name) => join(folder, name)) as [string, string];
    writeFileSync(config, JSON.stringify(packConfig));
    // Said, the environment's PULUMI_OPTION_SKIP_PREVIEW counts for nothing.
    const preview = updates(read.command) ? ["--skip-preview=false"] : [];
    const args = [...read.args, ...preview, "--policy-pack", pack, "--policy-pack-config", config];
    const withReport = { ...env, [reportVariable]: report };
    const { code, events } = await recordedRun({ pulumi, env: withReport, cwd }, args, folder, read.markdown);
    const told = readReport(report, levels);
    if (read.markdown) say(comment({ stack: read.stack, result: readEvents(events), report: told }));
    else if (told) say(summary(told));
    return code;
  });
}

/**
 * Compares the state with the real resources and changes nothing. Exit code 7 where they differ, and 1 where no difference was
 * found but a machine or service did not answer, or another had its address: what is on that was not compared.
 */
export async function driftRun(
  invocation: Invocation,
  { args, stack, markdown }: PulumiArguments & { stack: string },
): Promise<number> {
  const refresh = args.flatMap((each) =>
    each === "drift" ? ["refresh", "--preview-only", "--expect-no-changes"] : each,
  );
  return inTemporaryFolder(async (folder) => {
    const note = join(folder, "uncompared");
    const env = { ...invocation.env, [uncomparedVariable]: note };
    const { code, events } = await recordedRun({ ...invocation, env }, refresh, folder, markdown);
    const uncompared = existsSync(note) ? [...new Set(readFileSync(note, "utf8").trim().split("\n"))] : [];
    if (markdown) say(comment({ stack, kind: "drift", result: readEvents(events), uncompared }));
    for (const product of uncompared)
      process.stderr.write(`error: ${product} was not compared with the state; a warning above says why\n`);
    return uncompared.length > 0 ? code || 1 : code;
  });
}

const withoutPreview = "would make resources before the policies of the whole stack have judged them";
const leaveOut = "leave it out (--yes does not ask, and still previews)";

async function recordedRun(
  { pulumi, env, cwd }: Invocation,
  args: readonly string[],
  folder: string,
  quiet: boolean,
): Promise<{ code: number; events: string }> {
  // The log holds secrets in clear: its folder is ours alone, and gone when the run ends.
  const log = join(folder, "events.json");
  const code = await attach(
    pulumi,
    [...args, "--event-log", log],
    // Pulumi hides the option for its event log unless it is told that this is for experts.
    { cwd, env: { ...env, PULUMI_DEBUG_COMMANDS: "true" } },
    quiet ? "stderr" : "stdout",
  );
  return { code, events: existsSync(log) ? readFileSync(log, "utf8") : "" };
}

/** Nothing where the pack did not get as far as the stack. */
function readReport(file: string, levels: PolicyReport["levels"]): PolicyReport | undefined {
  if (!existsSync(file)) return undefined;
  return { ...(JSON.parse(readFileSync(file, "utf8")) as Omit<PolicyReport, "levels">), levels };
}

function say(text: string): void {
  if (text !== "") process.stdout.write(`${text.trimEnd()}\n`);
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "homelab-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
