import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type * as pulumi from "@pulumi/pulumi";

import { changed, secretKeys } from "./config-fixture";

type Mocks = typeof import("./pulumi-mocks");

/** The stack's outputs. */
export type Outputs = Record<
  | "registryAdmin"
  | "registryClient"
  | "registryPush"
  | "rootCertificate"
  | "rootFingerprint"
  | "ssoAdmin"
  | "ssoClients"
  | "ssoLinks",
  pulumi.Output<unknown>
> & { services: pulumi.Output<{ url: string }[]>; rootUrl: string };

/** What a run of the program made. */
export type Deployed = import("./pulumi-mocks").Deployment<Outputs>;

/** The text of the operator's private key in a run. */
export const operatorKey = "text of the operator's private key";

/** Runs `index.ts` with the config of the house and some changes of it: a fresh copy each time, as each run of Pulumi has. */
export async function runProgram(
  options: { preview: boolean },
  changes: Record<string, unknown> = {},
): Promise<Deployed> {
  const home = mkdtempSync(join(tmpdir(), "homelab-program-"));
  writeFileSync(join(home, "id"), operatorKey, { mode: 0o600 });
  writeFileSync(join(home, "id.pub"), "ssh-ed25519 AAAA operator\n");
  const settings = Object.entries(changed({ operatorKeyFile: join(home, "id"), ...changes }));
  const config = settings.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  let deployed: Deployed | undefined;
  await jest.isolateModulesAsync(async () => {
    const { runtime } = await import("@pulumi/pulumi");
    const mocks: Mocks = await import("./pulumi-mocks");
    deployed = await mocks.deploy(async () => {
      runtime.setAllConfig(Object.fromEntries(config) as Record<string, string>, secretKeys);
      return (await import("../../..")).default as unknown as Outputs;
    }, options);
  });
  rmSync(home, { recursive: true });
  if (!deployed) throw new Error("the program did not run");
  return deployed;
}
