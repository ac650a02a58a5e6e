import { existsSync } from "node:fs";
import { daemonLog } from "./daemon-control";
import { say, step } from "./progress";
import { cacheHome, labHome, network } from "./settings";
import { registryClient } from "../components/registry/client";
import { prepareClient } from "../tools/registry-client-ssh";
import { attach } from "../tools/run";
import { commandList, readCommand } from "../tools/sso-commands";
import { ensureToolchain } from "../tools/toolchain";
import { client, nas, onComputer, removeComputer, startComputer } from "./computer";
import { printFigures } from "./figures";
import { buildPrograms } from "./images/build";
import { destroyMachine } from "./node";
import { sshArguments, sshOptions, target } from "./ssh";
import { deploy, outputs, pulumi, secretOutput, ssoStack, undeploy } from "./stack";
import { printSummary } from "./summary";
import { bringUp, currentWorld, describeStatus, finishUp, tearDown } from "./world";

const usage = `Usage: node dist/lab/cli.js <command>
  up              bring up the lab and deploy the stack "lab" to it
  pulumi <args>   run the Pulumi command line on the stack "lab"
  ssh [command]   log in to the tooling VM, or run a command there
  nas [command]   log in to the nas that homelab:hosts names, or run a command there
  client [command]
                  bring up a machine with Docker, or run a command there
  client-down     remove that machine
  registry-client let that machine pull from the registry
  sso <command>   what \`npm run sso\` does, on the lab
  destroy         run \`pulumi destroy\` on the stack "lab"; the lab itself stays up
  destroy-vm      delete the tooling VM through the Proxmox API, behind Pulumi's back
  build           build what the lab's images are made of, and get Pulumi and its plugins
  figures         measure the lab that is up, and print the figures
  status          tell what is up
  down [--cache]  take the lab down; --cache also removes what was downloaded and built`;

async function up(): Promise<void> {
  const started = Date.now();
  try {
    const [world] = await Promise.all([bringUp(), step("Pulumi and its plugins", ensureToolchain)]);
    await deploy(world);
    await printSummary(await outputs(world));
  } finally {
    finishUp();
  }
  say(`The lab is up after ${Math.round((Date.now() - started) / 1000)} s. Take it down with: npm run lab:down`);
}

async function down(withCache: boolean): Promise<void> {
  // No `pulumi destroy`: all the stack made is inside the lab, and its state goes with it.
  await tearDown(withCache);
  say("The lab is down.");
  if (existsSync(cacheHome))
    say(`What it downloaded and built is kept in ${cacheHome}; \`npm run lab:down -- --cache\` removes it.`);
}

/** What takes minutes the first time, ahead of it. */
async function build(): Promise<void> {
  await step("Pulumi and its plugins", ensureToolchain);
  await step("Programs of the container images", buildPrograms);
}

async function startClient(): Promise<void> {
  await startComputer(currentWorld(), client);
  say(`A client with Docker is at ${client.address}, and uses the lab's DNS.
  npm run lab:client -- <command>         run a command on it, as the user ops
  npm run lab:client-down                 remove it`);
}

/** As `npm run registry:client` does it in a real homelab. */
async function prepareRegistryClient(): Promise<void> {
  const access = registryClient.parse(await secretOutput(currentWorld(), "registryClient"));
  await prepareClient(access, { target: target(client.address), ssh: sshOptions }, say);
}

/** As `npm run sso` does it in a real homelab. */
async function sso(line: readonly string[]): Promise<number> {
  const report = (text: string): void => void process.stderr.write(`${text}\n`);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const command = readCommand(line);
  if (command) return command.run({ stack: await ssoStack(currentWorld()), report, print, stdin: process.stdin });
  report(`Usage: npm run lab:sso -- <command>\n${commandList}`);
  return 2;
}

async function main(args: readonly string[]): Promise<number> {
  const [command, ...flags] = args;
  if (command === "up" && flags.length === 0) await up();
  else if (command === "pulumi") return pulumi(currentWorld(), flags);
  else if (command === "build" && flags.length === 0) await build();
  else if (command === "figures" && flags.length === 0) await printFigures(currentWorld());
  else if (command === "ssh") return attach("ssh", [...sshArguments(network.toolingVm), ...flags]);
  else if (command === "nas") return onComputer(currentWorld(), nas, flags);
  else if (command === "client" && flags.length === 0) await startClient();
  else if (command === "client") return onComputer(currentWorld(), client, flags);
  else if (command === "client-down" && flags.length === 0) await removeComputer(currentWorld(), client);
  else if (command === "registry-client" && flags.length === 0) await prepareRegistryClient();
  else if (command === "sso") return sso(flags);
  else if (command === "destroy" && flags.length === 0) return undeploy(currentWorld());
  else if (command === "destroy-vm" && flags.length === 0) await destroyMachine(currentWorld());
  else if (command === "status" && flags.length === 0) (await describeStatus()).forEach(say);
  else if (command === "down" && flags.every((flag) => flag === "--cache")) await down(flags.length > 0);
  else {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    process.stderr.write(`\n${error.message}\n`);
    if (existsSync(daemonLog)) process.stderr.write(`Logs are in ${labHome}.\n`);
    process.exitCode = 1;
  },
);
