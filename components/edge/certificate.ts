import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { HostFile } from "../host/file";
import { commandOptions, lastLine, Machine } from "../host/machine";
import { shellQuote } from "../../providers/host/shell";

/** Arguments of {@link ServedCertificate}. */
export interface ServedCertificateArgs {
  /** Whose edge serves the name; it is asked from there. */
  machine: Machine;
  /** Name to ask for, e.g. `grafana.home.arpa`. */
  host: string;
  /** The route that makes Traefik ask for the certificate. */
  route: HostFile;
  /** File on the machine with the root to check against. */
  rootFile: string;
  /** DNS servers that have to know the name, IPv4 addresses: the error tells to check them. */
  dns: string[];
  /** Name of the container that asks for certificates, for its log. */
  container: string;
}

/**
 * Waits until a host is served with a certificate that its name and the root vouch for. A route without a certificate
 * is not a success: where issuing fails, so does the deployment, with the likely reason.
 */
export class ServedCertificate extends pulumi.ComponentResource {
  /** Milliseconds from the route's appearance to the first verified handshake (CS-002). */
  readonly issuedInMilliseconds: pulumi.Output<number>;

  constructor(name: string, args: ServedCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:edge:ServedCertificate", name, args, opts);
    const wait = new command.remote.Command(
      name,
      {
        connection: args.machine.connection,
        create: args.route.path.apply((file) => waitCommand({ ...args, routeFile: file })),
        triggers: [args.machine.id, args.host],
      },
      { parent: this, ...commandOptions(args.machine.resource), dependsOn: [args.route] },
    );
    this.issuedInMilliseconds = wait.stdout.apply((printed) => Number(lastLine(printed)));
    this.registerOutputs({ issuedInMilliseconds: this.issuedInMilliseconds });
  }
}

/** Asks the edge for the host's certificate five times a second, for half a minute. Prints the milliseconds it took. */
export function waitCommand(args: {
  machine: { address: string };
  host: string;
  routeFile: string;
  rootFile: string;
  dns: string[];
  container: string;
}): string {
  const { address } = args.machine;
  const remedy =
    `No certificate for ${args.host} after 30 s. step-ca has to reach the edge under that name: check that the DNS ` +
    `server (${args.dns.join(", ")}) answers ${args.host} with ${address}, then run the update again. Traefik says:`;
  return `set -u
begun=$(date +%s%3N)
started=$(sudo date -r ${shellQuote(args.routeFile)} +%s%3N)
# An old route is only looked at again; its age is not how long a certificate takes.
[ $((begun - started)) -lt 30000 ] || started=$begun
tries=0
while [ "$tries" -lt 150 ]; do
  if openssl s_client -connect ${address}:443 -servername ${args.host} -verify_hostname ${args.host} \\
    -CAfile ${shellQuote(args.rootFile)} -verify_return_error </dev/null >/dev/null 2>&1; then
    echo $(( $(date +%s%3N) - started ))
    exit 0
  fi
  tries=$((tries + 1))
  sleep 0.2
done
echo ${shellQuote(remedy)} >&2
sudo docker logs --tail 50 ${args.container} 2>&1 | grep -F ${shellQuote(args.host)} | tail -n 3 >&2
exit 1`;
}
