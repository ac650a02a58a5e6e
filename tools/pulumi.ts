import { expectDocker } from "./docker-answers";
import { forgetOperatorKey } from "./forget-key";
import { clearInterrupted } from "./interrupted";
import { driftRun, isJudged, judgedRun } from "./judged-run";
import { serveOperatorKey } from "./operator-agent";
import { endLeftovers } from "./own-run";
import { forDebugging } from "./node-options";
import { readArguments, updates, type PulumiArguments } from "./pulumi-arguments";
import { refreshVm } from "./refresh-vm";
import { attach, type Report, runProgram } from "./run";
import { configured, knownState, quietly, reportShell } from "./stack";
import { ensureToolchain, type Toolchain } from "./toolchain";

/**
 * `node dist/tools/pulumi.js <arguments>`: Pulumi in this project's versions, on our own terminal. Previews and updates
 * are judged by the policy pack; `drift` is this project's own command.
 */
async function main(line: readonly string[]): Promise<number> {
  const report = (text: string): void => void process.stderr.write(`${text}\n`);
  const tools = await ensureToolchain(report);
  await endLeftovers(report);
  const ask = quietly(tools, readArguments(line).scope);
  const agent = await serveOperatorKey(() => configured(ask, "homelab:operatorKeyFile"), report);
  const toolchain = { ...tools, env: { ...tools.env, SSH_AUTH_SOCK: agent } };
  const code = await run(toolchain, line, report);
  if (code !== 0) await reportShell(ask, report);
  return code;
}

async function run({ env, ...rest }: Toolchain, line: readonly string[], report: Report): Promise<number> {
  const read = readArguments(line);
  const toolchain = { ...rest, env: forDebugging(env, read) };
  await expectDocker(quietly(toolchain, read.scope), read);
  const withStack = async () => ({ ...read, stack: read.stack ?? (await selectedStack(toolchain, read)) });
  if (read.command === "drift") return driftRun(toolchain, await withStack());
  if (!isJudged(read)) return attach(toolchain.pulumi, read.args, { env: toolchain.env });
  if (updates(read.command)) {
    const stack = quietly(toolchain, read.scope);
    const state = await knownState(stack);
    if (!read.refreshes) await refreshVm(stack, state, report);
    await clearInterrupted(stack, state, report);
    await forgetOperatorKey(stack, state, report);
  }
  return judgedRun(toolchain, await withStack());
}

async function selectedStack(toolchain: Toolchain, { scope }: PulumiArguments): Promise<string> {
  const shown = await quietly(toolchain, scope)(["stack", "--show-name", "--non-interactive"]);
  if (shown.code !== 0) throw new Error("no stack is selected; name one with --stack, such as --stack homelab");
  return shown.stdout.trim();
}

runProgram(main);
