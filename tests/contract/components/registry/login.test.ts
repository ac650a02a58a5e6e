import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { hashSync } from "bcryptjs";
import { parse, stringify } from "yaml";

import { registryConfig } from "../../../../components/registry/workloads/storage";
import { RegistrySecrets } from "../../../../components/registry/secrets";
import { deploy, passwordText, resolved } from "../../../helpers/unit/pulumi-mocks";
import { freePort, hasRegistry } from "../../../helpers/contract/lab-harbor-world";

const suite = hasRegistry ? describe : describe.skip;
const password = passwordText("harbor-secrets-registry");

suite("core's login, as the real registry reads it", () => {
  const started: Registry[] = [];
  afterAll(() => {
    for (const each of started) each.stop();
  });

  test("EF-006: it lets core in and nobody else, in a third of the time that the hash in the state takes at most", async () => {
    const { result } = await deploy(() => new RegistrySecrets("harbor-secrets"));
    const ours = await Registry.start(await resolved(result.registryLine));
    const before = await Registry.start(`harbor_registry_user:${hashSync(password, 10)}\n`);
    started.push(ours, before);
    expect(await ours.ask(password)).toBe(200);
    expect(await ours.ask("another")).toBe(401);
    expect(await ours.ask(password, "someone")).toBe(401);
    expect(await ours.ask()).toBe(401);
    expect(await before.ask(password)).toBe(200);
    const [cheap, dear] = [await ours.milliseconds(20), await before.milliseconds(20)];
    console.info(`A request that core makes of the registry: ${cheap} ms; with the hash in the state: ${dear} ms`);
    expect(cheap).toBeLessThan(dear / 3);
  }, 60_000);
});

/** The registry with the generated configuration, without store and metrics. */
class Registry {
  private constructor(
    private readonly folder: string,
    private readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(line: string): Promise<Registry> {
    const folder = mkdtempSync(join(tmpdir(), "homelab-registry-"));
    const port = await freePort();
    const config = parse(registryConfig("")) as object;
    const changes = {
      redis: undefined,
      storage: { filesystem: { rootdirectory: join(folder, "storage") } },
      http: { addr: `127.0.0.1:${port}`, secret: "of uploads" },
    };
    const text = stringify({ ...config, ...changes }).replace("/etc/registry/passwd", join(folder, "passwd"));
    writeFileSync(join(folder, "config.yml"), text);
    writeFileSync(join(folder, "passwd"), line);
    const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
    const registry = new Registry(folder, `http://127.0.0.1:${port}`, child);
    for (let left = 100; !(await fetch(registry.url).catch(() => undefined))?.ok; left--) {
      if (left === 0) throw new Error("docker-registry does not start");
      await sleep(100);
    }
    return registry;
  }

  /** Status of a request with a password, or with none. */
  async ask(secret?: string, user = "harbor_registry_user"): Promise<number> {
    const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
    const answer = await fetch(`${this.url}/v2/`, { headers: secret === undefined ? {} : { authorization } });
    await answer.arrayBuffer();
    return answer.status;
  }

  /** How long a request takes, by the median of several. */
  async milliseconds(count: number): Promise<number> {
    const taken: number[] = [];
    for (let each = 0; each < count; each++) {
      const begun = performance.now();
      await this.ask(password);
      taken.push(performance.now() - begun);
    }
    return Math.round((taken.sort((a, b) => a - b)[count >> 1] ?? 0) * 10) / 10;
  }

  stop(): void {
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
