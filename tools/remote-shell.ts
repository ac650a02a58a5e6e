import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { shellQuote } from "../providers/host/shell";
import { keyPath } from "../config/openssh-key";
import { hostLogin, type Login, vmAddress } from "./machines";
import { capture, type Outcome } from "./run";
import { configured, type Pulumi, readState } from "./stack";

/** Runs a command on a machine of a stack. */
export type RemoteShell = (command: readonly string[]) => Promise<Outcome>;

/** Gives the shell of the machine at an address. */
export type Reach = (pulumi: Pulumi, address: string) => RemoteShell;

/**
 * A machine of the stack, over SSH as the operator. Its host key is taken from the state, so that nobody is asked whether it is
 * the right one.
 */
export function remoteShell(pulumi: Pulumi, address: string, program = "ssh"): RemoteShell {
  return async (command) => {
    const [{ user, port, hostKey }, keyFile] = await Promise.all([
      loginAt(pulumi, address),
      configured(pulumi, "homelab:operatorKeyFile"),
    ]);
    const folder = mkdtempSync(join(tmpdir(), "homelab-"));
    try {
      const knownHosts = join(folder, "known_hosts");
      writeFileSync(knownHosts, `${address} ${hostKey}\n`);
      const options = {
        BatchMode: "yes",
        ConnectTimeout: "10",
        GlobalKnownHostsFile: "/dev/null",
        // Whatever the port is, and whatever the person's own settings call it.
        HostKeyAlias: address,
        IdentitiesOnly: "yes",
        LogLevel: "ERROR",
        Port: port,
        StrictHostKeyChecking: "yes",
        UserKnownHostsFile: knownHosts,
      };
      const key = keyPath(keyFile);
      const target = `${user}@${address}`;
      const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
      const outcome = await capture(program, ["-i", key, ...flags, "--", target, command.map(shellQuote).join(" ")]);
      if (outcome.code !== 255) return outcome;
      const remedy = `This has to work first: ssh -i ${keyFile}${port === 22 ? "" : ` -p ${port}`} ${target} true`;
      throw new Error(`cannot log in to ${target}: ${outcome.stderr.trim()}\n${remedy}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/**
 * By the state, where Docker's provider has its login from too: a host that the config has no more, or has with another login, is
 * reached as the last update reached it.
 */
async function loginAt(pulumi: Pulumi, address: string): Promise<Login> {
  const { resources } = await readState(pulumi);
  const host = hostLogin(resources, address);
  if (host) return host;
  const hostKey = resources.find(({ urn }) => urn.endsWith("::tooling-host-key"))?.outputs?.publicKeyOpenssh;
  if (typeof hostKey !== "string" || vmAddress(resources) !== address) {
    throw new Error(
      `the state has no machine at ${address}, neither the VM (homelab:toolingVm) nor one of homelab:hosts; ` +
        "bring the stack up to date first: `npm run up`, in the lab `npm start`",
    );
  }
  return { user: await configured(pulumi, "homelab:toolingVm.user"), port: 22, hostKey: hostKey.trim() };
}
