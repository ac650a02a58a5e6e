import { readArguments } from "./pulumi-arguments";
import { quietly, refreshVm } from "./refresh-vm";
import { attach } from "./run";
import { ensureToolchain } from "./toolchain";

/** `node dist/tools/pulumi.js <arguments>`: Pulumi in this project's versions, on our own terminal. */
async function main(args: readonly string[]): Promise<number> {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const toolchain = await ensureToolchain(report);
  const { scope, updatesWithoutRefresh } = readArguments(args);
  if (updatesWithoutRefresh) await refreshVm(quietly(toolchain), scope, report);
  return attach(toolchain.pulumi, args, { env: toolchain.env });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
