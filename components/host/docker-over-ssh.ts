import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** Where and as whom Docker is reached. */
export interface DockerLogin {
  /** IPv4 address. */
  readonly address: string;
  /** Default 22. */
  readonly port?: number;
  readonly user: string;
  /** The machine's public key, in OpenSSH form. */
  readonly hostKey: pulumi.Output<string>;
  /** Absolute path of the operator's private key. */
  readonly keyFile: string;
}

/**
 * Docker on a machine. What it makes waits for the machine by its id; the provider itself has to be known before that:
 * one that isn't makes a preview fail when a machine is made again, as Pulumi then compares resources that depend on it.
 */
export function dockerOverSsh(name: string, login: DockerLogin, parent: pulumi.Resource): docker.Provider {
  const { user, address, port = 22, hostKey } = login;
  return new docker.Provider(
    `${name}-docker`,
    {
      host: `ssh://${user}@${address}${port === 22 ? "" : `:${port}`}`,
      // The machine need not be there for a preview.
      disableDockerDaemonCheck: true,
      sshOpts: hostKey.apply((key) => sshOptions(login, key.trim())),
    },
    { parent },
  );
}

/** Options of the `ssh` program that Docker runs: one key, one known host, no prompts, no user settings. */
function sshOptions({ address, port = 22, keyFile }: DockerLogin, hostKey: string): string[] {
  const known = port === 22 ? address : `[${address}]:${port}`;
  const options = [
    "IdentitiesOnly=yes",
    "BatchMode=yes",
    "ConnectTimeout=10",
    "StrictHostKeyChecking=yes",
    "UserKnownHostsFile=/dev/null",
    "GlobalKnownHostsFile=/dev/null",
    `KnownHostsCommand=/bin/echo ${known} ${hostKey}`,
  ];
  return ["-F", "/dev/null", "-i", keyFile, ...options.flatMap((option) => ["-o", option])];
}
