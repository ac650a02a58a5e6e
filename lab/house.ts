import { Resolver } from "node:dns/promises";
import { existsSync, readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";

import type { Transport } from "./openid/transport";
import { network, ports, rootFile } from "./settings";

const nameServer = `${network.gateway}:${ports.dns}`;

/**
 * How a machine of the house reaches the others, on which somebody has installed the stack's root: it trusts that once
 * `npm start` has written it, and asks the house's DNS.
 */
export const house: Transport = {
  roots: () => rootsWith(rootFile),
  lookup: lookupAt(nameServer),
};

/** Where the house's DNS sends a name. */
export async function addressOf(name: string): Promise<string> {
  const [address = ""] = await resolverAt(nameServer).resolve4(name);
  return address;
}

/** The public authorities and, where there is such a file, one more. */
export function rootsWith(file: string): string[] {
  return [...rootCertificates, ...(existsSync(file) ? [readFileSync(file, "utf8")] : [])];
}

/** Names by a name server, `<address>:<port>`, in place of the computer's own. */
export function lookupAt(nameServer: string): LookupFunction {
  const resolver = resolverAt(nameServer);
  return (name, { all }, answer) => {
    resolver.resolve4(name).then(
      ([address = ""]) => (all ? answer(null, [{ address, family: 4 }]) : answer(null, address, 4)),
      (error: NodeJS.ErrnoException) => answer(error, ""),
    );
  };
}

function resolverAt(nameServer: string): Resolver {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([nameServer]);
  return resolver;
}
