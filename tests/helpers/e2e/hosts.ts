import { network } from "../../../lab/settings";
import { changedConfig, lab, onMachine, type Result } from "./lab";

/** The lab with its registry on the nas. */
export const withNas = changedConfig((config) => {
  const hosts = [{ name: "nas", address: network.nas, user: "ops", memory: "3 GiB" }];
  Object.assign(config, { "homelab:hosts": hosts });
  config["homelab:registry"] = { ...config["homelab:registry"], host: "nas" };
});

/** A command on a machine. */
export type On = (command: string, shown?: boolean) => Promise<Result>;

/** A command on the nas. */
export const onNas: On = (command, shown = true) => lab(["nas", command], {}, shown);

/** Names of the containers that run on a machine. */
export async function containers(on: On): Promise<string[]> {
  const { output } = await on("sudo docker ps --format '{{.Names}}'");
  return output.trim().split("\n").sort();
}

/** A container's address on a Docker network of the tooling VM's. */
export async function addressOnVm(container: string): Promise<string> {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}\n{{end}}";
  const { output } = await onMachine(`sudo docker inspect -f '${format}' ${container}`);
  return output.trim().split("\n")[0] ?? "";
}

/** The status that a machine gets for a URL within five seconds; 0 where nothing answers. Without a root it trusts anybody. */
export async function status(on: On, url: string, root?: string): Promise<number> {
  const trust = root === undefined ? "--insecure" : `--cacert <(echo '${root}')`;
  const { output } = await on(
    `curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' ${trust} ${url}`,
  );
  return Number(output.trim().split("\n").at(-1));
}

/** Those of these ports of an address that a machine can connect to. */
export async function openPorts(on: On, address: string, ports: readonly number[]): Promise<number[]> {
  const { output } = await on(`for port in ${ports.join(" ")}; do nc -z -w 2 ${address} $port 2>/dev/null && echo $port; done`);
  return output.split(/\s+/).filter(Boolean).map(Number);
}
