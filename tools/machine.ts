import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { shellQuote } from "../providers/host/shell";
import { keyPath } from "../config/openssh-key";
import { capture, type Outcome } from "./run";
import { type Pulumi, readState } from "./stack";

/** Runs a command on the tooling VM. */
export type Machine = (command: readonly string[]) => Promise<Outcome>;

/** The name under which the machine's host key is known, whatever its address is. */
const alias = "tooling";

/**
 * The tooling VM, over SSH as the operator. Its host key is taken from the state, so that nobody is asked whether it is
 * the right one.
 */
export function machineOf(pulumi: Pulumi, address: string, program = "ssh"): Machine {
  return async (command) => {
    const [user, keyFile, hostKey] = await Promise.all([
      configured(pulumi, "homelab:toolingVm.user"),
      configured(pulumi, "homelab:operatorKeyFile"),
      hostKeyOf(pulumi),
    ]);
    const folder = mkdtempSync(join(tmpdir(), "homelab-"));
    try {
      const knownHosts = join(folder, "known_hosts");
      writeFileSync(knownHosts, `${alias} ${hostKey}\n`);
      const options = {
        BatchMode: "yes",
        ConnectTimeout: "10",
        GlobalKnownHostsFile: "/dev/null",
        HostKeyAlias: alias,
        IdentitiesOnly: "yes",
        LogLevel: "ERROR",
        StrictHostKeyChecking: "yes",
        UserKnownHostsFile: knownHosts,
      };
      const key = keyPath(keyFile);
      const target = `${user}@${address}`;
      const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
      const outcome = await capture(program, ["-i", key, ...flags, "--", target, command.map(shellQuote).join(" ")]);
      if (outcome.code !== 255) return outcome;
      const remedy = `This has to work first: ssh -i ${keyFile} ${target} true`;
      throw new Error(`cannot log in to ${target}: ${outcome.stderr.trim()}\n${remedy}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** A plain setting of the stack's config. */
export async function configured(pulumi: Pulumi, path: string): Promise<string> {
  const { code, stdout, stderr } = await pulumi(["config", "get", "--path", path, "--non-interactive"]);
  if (code !== 0) throw new Error(`the stack's config has no ${path}: ${stderr.trim()}`);
  return stdout.trim();
}

async function hostKeyOf(pulumi: Pulumi): Promise<string> {
  const resource = (await readState(pulumi)).resources.find(({ urn }) => urn.endsWith("::tooling-host-key"));
  const key = resource?.outputs?.publicKeyOpenssh;
  if (typeof key === "string") return key.trim();
  throw new Error(
    "the state has no host key of the tooling VM; bring the stack up to date first: `npm run up`, in the lab `npm start`",
  );
}
