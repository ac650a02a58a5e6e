import type { Docker } from "./docker";
import { label, network } from "./settings";

/** Makes the lab's bridge network; its gateway is this computer. */
export async function ensureNetwork(docker: Docker): Promise<void> {
  const [name, value] = label.split("=") as [string, string];
  const known = await docker.inspect("network", network.name, `{{index .Labels "${name}"}}`);
  if (known === value) return;
  if (known !== undefined) {
    throw new Error(
      `There is a Docker network "${network.name}" that this lab did not make (it has no label ${label}). ` +
        `Remove it with \`docker network rm ${network.name}\` and run \`npm start\` again.`,
    );
  }
  const addresses = ["--subnet", network.subnet, "--gateway", network.gateway];
  const bridge = ["--opt", `com.docker.network.bridge.name=${network.bridge}`];
  await docker.run(["network", "create", ...addresses, ...bridge, "--label", label, network.name]);
}
