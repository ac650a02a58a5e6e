import { execFile, type ExecFileException } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { Machine } from "../../../components/host/machine";

/** A machine for components that need one; call it inside a program. */
export function stubMachine(): Machine {
  return {
    name: "tooling",
    address: "192.168.1.60",
    id: pulumi.output("machine-1"),
    connection: {
      host: "192.168.1.60",
      user: "ops",
      hostKey: pulumi.output("ssh-ed25519 AAAA"),
      dialErrorLimit: 8,
      perDialTimeout: 4,
    },
    docker: new docker.Provider("machine-docker", { host: "ssh://ops@192.168.1.60" }),
    resource: new pulumi.ComponentResource("test:index:Machine", "machine"),
  };
}

/** How a shell command ended. */
export interface ShellResult {
  status: number;
  stdout: string;
  stderr: string;
}

/**
 * A temporary directory in which the commands made for a machine run for real, with shims for the programs that only a
 * machine has. `sudo` runs what it is given.
 */
export class Sandbox {
  readonly directory = mkdtempSync(join(tmpdir(), "homelab-shell-"));

  constructor(shims: Record<string, string> = {}) {
    for (const [name, body] of Object.entries({ sudo: 'exec "$@"', ...shims })) {
      writeFileSync(join(this.directory, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(this.directory, name), 0o755);
    }
  }

  /** A path in the directory. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Runs a command as a login shell on the machine would, with `stdin`, and the shims before everything else. */
  run(command: string, { stdin = "", env = {} }: { stdin?: string; env?: Record<string, string> } = {}) {
    return new Promise<ShellResult>((resolve) => {
      const path = `${this.directory}:${process.env.PATH}`;
      const end = (error: ExecFileException | null, stdout: string, stderr: string): void =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
      const child = execFile(
        "sh",
        ["-c", command],
        { env: { ...process.env, ...env, PATH: path }, maxBuffer: 2 ** 23 },
        end,
      );
      // A command need not read what it is sent.
      child.stdin?.on("error", () => undefined).end(stdin);
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
