import { readFileSync } from "node:fs";

import { configText, valueOf } from "./common/config-file";
import { endOnSignal, required } from "./common/http";
import { RegistryControl } from "./storage/server";

async function main(): Promise<void> {
  const config = configText("/etc/registryctl/config.yml");
  const registry = readFileSync(valueOf(config, "registry_config") ?? "/etc/registry/config.yml", "utf8");
  const root = valueOf(registry, "rootdirectory", "filesystem");
  if (root === undefined) throw new Error("the registry's configuration names no rootdirectory");
  await new RegistryControl(root, required("JOBSERVICE_SECRET")).listen(Number(valueOf(config, "port") ?? 8080));
  console.info("registryctl listens");
}

endOnSignal();
main().catch((error: unknown) => {
  console.error(String(error));
  process.exit(1);
});
