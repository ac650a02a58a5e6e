import { parseArgs } from "node:util";

import { registryClient, type RegistryClient } from "../components/registry/client";
import { prepareClient } from "./registry-client-ssh";
import { runProgram } from "./run";
import { type Pulumi, quietly } from "./stack";
import { ensureToolchain } from "./toolchain";

const usage = `Usage: npm run registry:client -- [--stack homelab] [--user NAME] <ssh target> [-- <ssh options>]
  Lets another machine pull from the registry: its Docker trusts the root, and root is logged in as the robot
  that pulls. With --user, that user is logged in too. Run it again after the root or the robot was replaced.
  Example: npm run registry:client -- --user ops ops@192.168.1.54 -- -i ~/.ssh/homelab_ed25519`;

/** What the stack says a machine needs to pull. */
async function readClient(pulumi: Pulumi, stack: string): Promise<RegistryClient> {
  const args = ["stack", "output", "registryClient", "--json", "--show-secrets", "--non-interactive"];
  const { code, stdout, stderr } = await pulumi(args);
  if (code !== 0) {
    const remedy = `is the stack up to date? npm run up -- --stack ${stack}`;
    throw new Error(`the stack ${stack} does not tell how to pull; ${remedy}\n${stderr.trim()}`);
  }
  const read = registryClient.safeParse(JSON.parse(stdout));
  if (read.success) return read.data;
  const fields = read.error.issues.map(({ path }) => path.join(".")).join(", ");
  const remedy = `bring it up to date: npm run up -- --stack ${stack}`;
  throw new Error(`the output registryClient of ${stack} is not what this program makes (${fields}); ${remedy}`);
}

async function main(line: readonly string[]): Promise<number> {
  const end = line.indexOf("--");
  const [own, ssh] = end < 0 ? [line, []] : [line.slice(0, end), line.slice(end + 1)];
  const { values, positionals } = parseArgs({
    args: [...own],
    options: { stack: { type: "string", default: "homelab" }, user: { type: "string" } },
    allowPositionals: true,
  });
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const report = (text: string): void => void process.stderr.write(`${text}\n`);
  const client = await readClient(quietly(await ensureToolchain(report), ["--stack", values.stack]), values.stack);
  await prepareClient(client, { target, user: values.user, ssh }, report);
  return 0;
}

runProgram(main);
