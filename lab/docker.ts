import { label } from "./settings";
import { run } from "./process";

/** The Docker command line on one engine. */
export class Docker {
  /** `host` is the engine's address, `unix:///path/of/the/socket`. */
  constructor(readonly host: string) {}

  /** Runs `docker <args>` and returns its output without surrounding space. */
  async run(args: readonly string[], timeoutMs?: number): Promise<string> {
    return (await run("docker", ["-H", this.host, ...args], { timeoutMs })).trim();
  }

  /** Whether an engine answers. */
  async answers(): Promise<boolean> {
    return this.run(["version", "--format", "{{.Server.Version}}"], 10_000).then(Boolean, () => false);
  }

  /** `docker inspect` of one object with a Go template, or undefined when it does not exist. */
  async inspect(
    kind: "container" | "network" | "image" | "volume",
    name: string,
    format: string,
  ): Promise<string | undefined> {
    try {
      return await this.run([kind, "inspect", "--format", format, name]);
    } catch (error) {
      if (/no such|not found/i.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /** Names or ids of everything of one kind that carries the lab's label. */
  async ours(kind: "container" | "network" | "volume"): Promise<string[]> {
    const all = kind === "container" ? ["--all"] : [];
    return (await this.run([kind, "ls", "--quiet", ...all, "--filter", `label=${label}`])).split("\n").filter(Boolean);
  }
}
