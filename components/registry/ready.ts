import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { commandOptions, Machine } from "../host/machine";
import { shellQuote } from "../../providers/host/shell";
import type { HarborContainers } from "./containers";

/** Arguments of {@link HarborReady}. */
export interface HarborReadyArgs {
  /** Where its containers run; it is asked from there. */
  machine: Machine;
  /** What is waited for, again when a container is another one. */
  harbor: HarborContainers;
}

/** Waits until Harbor, asked through the edge, says that all its parts are healthy. What uses its API depends on this. */
export class HarborReady extends pulumi.ComponentResource {
  constructor(name: string, args: HarborReadyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:registry:Ready", name, {}, opts);
    const { machine, harbor } = args;
    new command.remote.Command(
      name,
      {
        connection: machine.connection,
        create: readyCommand({
          address: machine.address,
          host: harbor.service.host,
          rootFile: harbor.rootFile,
          prefix: harbor.name,
        }),
        // Another container is waited for again.
        triggers: [machine.id, harbor.containerIds],
      },
      { parent: this, ...commandOptions(machine.resource) },
    );
    this.registerOutputs({});
  }
}

/** Asks every other second for two minutes, and says what it waits for when that changes. */
export function readyCommand(args: { address: string; host: string; rootFile: string; prefix: string }): string {
  const { address, host, rootFile, prefix } = args;
  const remedy = "Harbor is not healthy after two minutes. See what its parts say, then run the update again:";
  return `set -u
tries=0
said=
while [ "$tries" -lt 60 ]; do
  health=$(curl --silent --max-time 10 --cacert ${shellQuote(rootFile)} --resolve ${host}:443:${address} https://${host}/api/v2.0/health)
  waiting=$(printf '%s' "$health" | tr '{' '\\n' | grep '"unhealthy"' | sed -n 's/.*"name":"\\([a-z]*\\)".*/\\1/p' | tr '\\n' ' ')
  case $health in
    *'"unhealthy"'*) ;;
    *'"status":"healthy"'*) exit 0 ;;
    *) waiting='core ' ;;
  esac
  [ "$waiting" = "$said" ] || echo "Waiting for Harbor: $waiting"
  said=$waiting
  tries=$((tries + 1))
  sleep 2
done
echo ${shellQuote(remedy)} >&2
for part in $waiting; do
  [ "$part" = redis ] && part=valkey
  echo "  sudo docker logs --tail 50 ${prefix}-$part" >&2
done
exit 1`;
}
