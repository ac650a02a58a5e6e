import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { labHome, network } from "./settings";

/** Folder with what the DNS server is told while it runs. */
export const namesFolder = join(labHome, "names");

/**
 * Settings of dnsmasq. It answers every internal name with the tooling VM, as the homelab's own DNS does, but for those
 * that `names` says; other names go to this computer's DNS. It stays the lab's user: as nobody it could not read `names`.
 */
export const nameServerSettings = (at: { address: string; port: number }, names: string): string => `port=${at.port}
listen-address=${at.address}
bind-interfaces
user=${userInfo().username}
no-hosts
pid-file
host-record=pve-mon.home.arpa,${network.gateway}
address=/home.arpa/${network.toolingVm}
local=/home.arpa/
hostsdir=${names}
`;

/** Tells the DNS server which names lead elsewhere, as lines of a hosts file: dnsmasq reads a folder's files when they change. */
export function leadNames(lines: string, names = namesFolder): void {
  mkdirSync(names, { recursive: true, mode: 0o700 });
  const unfinished = join(dirname(names), `${basename(names)}.new`);
  writeFileSync(unfinished, lines, { mode: 0o600 });
  renameSync(unfinished, join(names, "services"));
}
