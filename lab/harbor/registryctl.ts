import { readFileSync } from "node:fs";

import { required, runProgram } from "../kit/program";
import { configText, valueOf } from "./common/config-file";
import { RegistryControl } from "./storage/server";

async function main(): Promise<void> {
  const config = configText("/etc/registryctl/config.yml");
  const registry = readFileSync(valueOf(config, "registry_config") ?? "/etc/registry/config.yml", "utf8");
  const root = valueOf(registry, "rootdirectory", "filesystem");
  if (root === undefined) throw new Error("the registry's configuration names no rootdirectory");
  await new RegistryControl(root, required("JOBSERVICE_SECRET")).listen(Number(valueOf(config, "port") ?? 8080));
  console.info("registryctl listens");
}

runProgram(main);
