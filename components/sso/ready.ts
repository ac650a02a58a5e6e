import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { commandOptions, Machine } from "../host/machine";
import { shellQuote } from "../../providers/host/shell";
import type { AuthentikContainers } from "./containers";

/** Arguments of {@link AuthentikReady}. */
export interface AuthentikReadyArgs {
  /** Where its containers run; it is asked from there. */
  machine: Machine;
  /** What is waited for, again when a container is another one. */
  authentik: AuthentikContainers;
}

/** Waits until Authentik, asked through the edge, says that it is ready. What uses its API depends on this. */
export class AuthentikReady extends pulumi.ComponentResource {
  constructor(name: string, args: AuthentikReadyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:sso:Ready", name, {}, opts);
    const { machine, authentik } = args;
    new command.remote.Command(
      name,
      {
        connection: machine.connection,
        create: readyCommand({
          address: machine.address,
          host: authentik.host,
          rootFile: authentik.rootFile,
          prefix: authentik.name,
        }),
        // Another container is waited for again.
        triggers: [machine.id, authentik.containerIds],
      },
      { parent: this, ...commandOptions(machine.resource) },
    );
    this.registerOutputs({});
  }
}

/** Asks every other second for ten minutes: the first start makes the database. Says when the answer changes. */
export function readyCommand(args: { address: string; host: string; rootFile: string; prefix: string }): string {
  const { address, host, rootFile, prefix } = args;
  const remedy =
    "Authentik is not ready after ten minutes. See what it says, then run the update again:\n" +
    `  sudo docker logs --tail 50 ${prefix}-server\n  sudo docker logs --tail 50 ${prefix}-worker`;
  return `set -u
tries=0
said=
while [ "$tries" -lt 300 ]; do
  status=$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --cacert ${shellQuote(rootFile)} --resolve ${host}:443:${address} https://${host}/-/health/ready/)
  [ "$status" = 200 ] && exit 0
  [ "$status" = "$said" ] || echo "Waiting for Authentik (it answers $status)"
  said=$status
  tries=$((tries + 1))
  sleep 2
done
echo ${shellQuote(remedy)} >&2
exit 1`;
}
