import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { types } from "../../../policies/types";
import { changed, secretKeys } from "../unit/config-fixture";
import type { Deployment, Recorded } from "../unit/pulumi-mocks";
import { sshKeyPair } from "../unit/ssh-keys";
import { notYetKnown, secret, urnOf, type TestResource } from "./harness";

type Mocks = typeof import("../unit/pulumi-mocks");

/** The policies read the operator's key, too. */
const home = mkdtempSync(join(tmpdir(), "homelab-policies-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What `index.ts` registers with the config of the house in its second phase and with changes, as the policies see it. */
export async function programStack(changes: Record<string, unknown> = {}): Promise<TestResource[]> {
  const { private: privateKey, public: publicKey } = sshKeyPair();
  writeFileSync(join(home, "id"), privateKey, { mode: 0o600 });
  writeFileSync(join(home, "id.pub"), `${publicKey} operator\n`);
  return asSeen(await run({ operatorKeyFile: join(home, "id"), "sso.phase": 2, ...changes }));
}

async function run(changes: Record<string, unknown>): Promise<Deployment<unknown>> {
  const settings = Object.entries(changed(changes));
  const config = settings.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  let deployed: Deployment<unknown> | undefined;
  await jest.isolateModulesAsync(async () => {
    const { runtime } = await import("@pulumi/pulumi");
    const mocks: Mocks = await import("../unit/pulumi-mocks");
    deployed = await mocks.deploy(async () => {
      runtime.setAllConfig(Object.fromEntries(config) as Record<string, string>, secretKeys);
      return import("../../..");
    });
  });
  if (!deployed) throw new Error("the program did not run");
  return deployed;
}

function asSeen({ resources }: Deployment<unknown>): Promise<TestResource[]> {
  const urns = new Map(resources.map(({ resource, type, name }) => [resource, urnOf(type, name)]));
  const origins = async ({ inputs, sources }: Recorded): Promise<Record<string, string[]>> => {
    const found = Object.keys(inputs).map(
      async (property) => [property, (await sources(property)).flatMap((each) => urns.get(each) ?? [])] as const,
    );
    return Object.fromEntries(await Promise.all(found));
  };
  return Promise.all(
    resources.map(async (recorded): Promise<TestResource> => {
      const { type, name, inputs, secrets, options } = recorded;
      return {
        type,
        name,
        inputs: Object.fromEntries(
          Object.entries(made(type, inputs)).map(([key, value]) => [
            key,
            secrets.includes(key) ? secret(value) : value,
          ]),
        ),
        protect: options.protect === true,
        parent: options.parent && urns.get(options.parent),
        provider: options.provider && urns.get(options.provider),
        dependencies: await origins(recorded),
      };
    }),
  );
}

const digest = `sha256:${"0".repeat(64)}`;

/** Inputs with what the mocks, and a checkout whose images nobody has pinned, don't have. */
function made(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const { name, image, disks, endpoint } = inputs;
  if (type === types.remoteImage) return { ...inputs, name: `${String(name).replace(/@.*/, "")}@${digest}` };
  if (type === types.container && typeof image === "string") return { ...inputs, image: digest };
  if (type === types.virtualMachines[0] && Array.isArray(disks)) return { ...inputs, disks: disks.map(imported) };
  // Nobody is asked.
  if (type === types.proxmoxProvider && endpoint) return { ...inputs, endpoint: notYetKnown };
  return inputs;
}

const imported = (disk: object): object => ({ ...disk, importFrom: notYetKnown });
