import { request } from "node:https";

import { lab, pulumi, type Result } from "./lab";

/** The stack's secret outputs about the registry. */
export interface RegistryOutputs {
  rootCertificate: string;
  registryAdmin: { username: string; password: string };
  registryClient: { host: string; address: string; username: string; password: string };
  registryPush: { project: string; username: string; password: string };
}

export const host = "registry.home.arpa";

export async function registryOutputs(): Promise<RegistryOutputs> {
  const { output } = await pulumi(["stack", "output", "--json", "--show-secrets"], {}, false);
  return JSON.parse(output) as RegistryOutputs;
}

/** A command on the client. */
export const onClient = (command: string, shown = true): Promise<Result> => lab(["client", command], {}, shown);

/** What a command on the client printed; fails where it failed. */
export async function clientSays(command: string, shown = true): Promise<string> {
  const { code, output } = await onClient(command, shown);
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  return output.trim();
}

/** Makes an image on the client, of random bytes or of zeros, and tags it. */
export function makeImage(
  { registryPush }: RegistryOutputs,
  name: string,
  megabytes: number,
  source = "/dev/urandom",
  label = "",
): Promise<string> {
  return clientSays(
    `set -e; d=$(mktemp -d /var/tmp/image.XXXXXX); head -c ${megabytes}M ${source} >$d/data; ` +
      `tar -C $d -c data | docker import ${label && `--change 'LABEL ${label}'`} - ${registryPush.project}/${name} >/dev/null; rm -r $d`,
  );
}

/** Pushes an image from the client. */
export const push = ({ registryPush }: RegistryOutputs, name: string): Promise<Result> =>
  onClient(`docker push ${registryPush.project}/${name}`);

/** Logs the user ops of the client in. */
export async function dockerLogin({ username, password }: { username: string; password: string }): Promise<void> {
  const result = await onClient(
    `echo '${password}' | docker login --username '${username}' --password-stdin ${host}`,
    false,
  );
  expect(result).toMatchObject({ code: 0, output: expect.stringContaining("Login Succeeded") });
}

/** Harbor's API as its administrator, through the edge. Answers the body; fails on a status of 400 or more. */
export function api<T = unknown>(outputs: RegistryOutputs, method: string, path: string, body?: unknown): Promise<T> {
  const { username, password } = outputs.registryAdmin;
  const { address } = outputs.registryClient;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: address,
        servername: host,
        method,
        path: `/api/v2.0${path}`,
        ca: outputs.rootCertificate,
        auth: `${username}:${password}`,
        headers: { host, "content-type": "application/json" },
        agent: false,
        timeout: 20_000,
      },
      (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("end", () => {
          const isJson = /json/.test(answer.headers["content-type"] ?? "") && text !== "";
          if ((answer.statusCode ?? 500) < 400) resolve((isJson ? JSON.parse(text) : undefined) as T);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer within 20 s`)));
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The stack, brought in line with other settings of the lab. */
export async function up(settings: NodeJS.ProcessEnv = {}, ...options: string[]): Promise<Result> {
  const result = await pulumi(["up", "--yes", ...options], settings);
  expect({ code: result.code, output: result.code === 0 ? "" : result.output }).toEqual({ code: 0, output: "" });
  return result;
}

/** Asks until the claim holds, for half a minute. */
export async function eventually(claim: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await claim();
      return;
    } catch (error) {
      if (tries === 15) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}
