import { cliSources } from "../../../tools/cli-sources";
import { firstOf } from "../../../tools/sources";
import { findPulumi, PulumiProject, type Run } from "./pulumi-project";

const found = findPulumi();
const isMissing = "reason" in found && process.env.CI !== "true";
if (isMissing) console.warn(`Skipped: ${found.reason}`);

/** `describe` with Pulumi's own engine. Where there is none it is got in CI, and elsewhere the suite is skipped. */
export const describeWithEngine = isMissing ? describe.skip : describe;

/** What {@link Engine.start} may take: building Pulumi takes minutes, where it cannot be downloaded. */
export const engineTimeout = 1_800_000;

/** The real engine with a program of its own, and everything that it printed. */
export class Engine {
  readonly logs: string[] = [];

  private constructor(readonly project: PulumiProject) {}

  /** `secrets` are variables of the program's environment. */
  static async start(name: string, program: string, secrets: Readonly<Record<string, string>>): Promise<Engine> {
    const report = (text: string): void => console.info(text);
    const folder = "folder" in found ? found.folder : (await firstOf("Pulumi", cliSources(report), report))[0];
    const engine = new Engine(new PulumiProject(name, folder ?? "", secrets));
    engine.project.write("index.js", program);
    const { code, output } = await engine.run("stack", "init", "test");
    if (code !== 0) throw new Error(`no stack was made:\n${output}`);
    return engine;
  }

  async run(...args: string[]): Promise<Run> {
    const result = await this.project.pulumi(...args);
    this.logs.push(result.output);
    return result;
  }

  up(): Promise<Run> {
    return this.run("up", "--yes", "--skip-preview");
  }
}
