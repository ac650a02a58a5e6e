import { join } from "node:path";

import { attach, type Report, runProgram } from "./run";
import { commandList, readCommand } from "./sso-commands";
import type { SsoStack } from "./sso-stack";
import { quietly } from "./stack";
import { ensureToolchain } from "./toolchain";

const usage = `Usage: npm run sso -- [--stack homelab] <command>
${commandList}`;

/** A stack as Pulumi's command line reaches it from here. */
async function stackNamed(name: string, report: Report): Promise<SsoStack> {
  const toolchain = await ensureToolchain(report);
  const scope = ["--stack", name];
  return {
    pulumi: quietly(toolchain, scope),
    up: (args) => attach(process.execPath, [join(__dirname, "pulumi.js"), "up", ...scope, ...args]),
    commands: { sso: `npm run sso -- --stack ${name}`, up: `npm run up -- --stack ${name}` },
  };
}

async function main(line: readonly string[]): Promise<number> {
  const report = (text: string): void => void process.stderr.write(`${text}\n`);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const command = readCommand(line);
  if (!command) {
    report(usage);
    return 2;
  }
  return command.run({ stack: await stackNamed(command.stack, report), report, print, stdin: process.stdin });
}

runProgram(main);
