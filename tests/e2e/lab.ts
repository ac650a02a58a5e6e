import { spawn } from "node:child_process";
import { connect, DetailedPeerCertificate } from "node:tls";

import { network, projectRoot } from "../../lab/settings";

/** What a command printed, both streams in order, and how it ended. */
export interface Result {
  code: number;
  output: string;
}

/** Runs a command in the checkout. Its output is also shown, so that a long run can be followed. */
export function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        process.stderr.write(chunk);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** `npm start`. */
export const start = (env?: NodeJS.ProcessEnv): Promise<Result> => run("npm", ["start"], env);

/** The Pulumi command line on the stack `lab`. */
export const pulumi = (args: string[], env?: NodeJS.ProcessEnv): Promise<Result> =>
  run("npm", ["run", "--silent", "lab:pulumi", "--", ...args], env);

/** A command on the tooling VM, by the lab's own `ssh`. */
export const onMachine = (command: string): Promise<Result> =>
  run("npm", ["run", "--silent", "lab:ssh", "--", command]);

/** The certificate the edge serves for a name. Fails unless the root vouches for it. */
export function servedCertificate(host: string, root: string): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: network.toolingVm, port: 443, servername: host, ca: root, timeout: 10_000 }, () => {
      const certificate = socket.getPeerCertificate(true);
      socket.end();
      resolve(certificate);
    });
    socket.on("timeout", () => socket.destroy(new Error(`no answer from ${network.toolingVm}:443 within 10 s`)));
    socket.on("error", reject);
  });
}
