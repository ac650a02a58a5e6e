import { existsSync } from "node:fs";
import { daemonLog } from "./daemon-control";
import { say, step } from "./progress";
import { cacheHome, labHome, network } from "./settings";
import { attach } from "../tools/run";
import { ensureToolchain } from "../tools/toolchain";
import { printFigures } from "./figures";
import { buildPrograms } from "./images/build";
import { keys } from "./keys";
import { destroyMachine } from "./node";
import { deploy, outputs, pulumi, undeploy } from "./stack";
import { printSummary } from "./summary";
import { bringUp, currentWorld, describeStatus, finishUp, tearDown } from "./world";

const usage = `Usage: node dist/lab/cli.js <command>
  up              bring up the lab and deploy the stack "lab" to it
  pulumi <args>   run the Pulumi command line on the stack "lab"
  ssh [command]   log in to the tooling VM, or run a command there
  destroy         run \`pulumi destroy\` on the stack "lab"; the lab itself stays up
  destroy-vm      delete the tooling VM through the Proxmox API, behind Pulumi's back
  build           build step-ca and Traefik from their Go modules, and get Pulumi and its plugins
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
  await step("step-ca and Traefik", buildPrograms);
}

/** Logs in with the lab's key. The machine is made anew at will, so its host key is not remembered. */
function ssh(command: readonly string[]): Promise<number> {
  const options = ["-F", "/dev/null", "-i", keys.ssh, "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"];
  return attach("ssh", [...options, "-o", "UserKnownHostsFile=/dev/null", `ops@${network.toolingVm}`, ...command]);
}

async function main(args: readonly string[]): Promise<number> {
  const [command, ...flags] = args;
  if (command === "up" && flags.length === 0) await up();
  else if (command === "pulumi") return pulumi(currentWorld(), flags);
  else if (command === "build" && flags.length === 0) await build();
  else if (command === "figures" && flags.length === 0) await printFigures(currentWorld());
  else if (command === "ssh") return ssh(flags);
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
