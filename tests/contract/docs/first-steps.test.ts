import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { cacheHome } from "../../../tools/cache";
import { capture, type Outcome } from "../../../tools/run";
import { ensureToolchain } from "../../../tools/toolchain";
import { projectRoot } from "../../../tools/versions";
import { describeWithEngine, engineTimeout } from "../../helpers/contract/engine";

/** What is answered where a secret is asked for: a token of Proxmox's form, which will do for a password. */
const secret = `pulumi@pve!homelab=${randomUUID()}`;

/** The README's commands from step 6 to the first that needs the house. */
function commands(): string {
  const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
  const [, steps = ""] = /\n### 6\. (.*?)\n### [^78]/s.exec(readme) ?? [];
  const blocks = [...steps.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
  return blocks.join("").split(/^npm run up\b/m)[0] ?? "";
}

/** What npm is where nothing is installed from afar, and nobody sits at the terminal to be asked for a secret. */
const npm = `
npm() {
  case "$*" in
    ci) command npm run --silent build ;;
    *"config set --secret"*) printf %s "$SECRET" | command npm "$@" ;;
    *) command npm "$@" ;;
  esac
}
`;

/** Registries that have every image. */
const registries = `
const { fetch } = globalThis;
globalThis.fetch = (address, request) =>
  /\\/v2\\/.+\\/manifests\\//.test(address)
    ? Promise.resolve(new Response(null, { headers: { "docker-content-digest": "sha256:" + "ab".repeat(32) } }))
    : fetch(address, request);
`;

describeWithEngine("who follows the README from step 6 to the first preview", () => {
  const home = mkdtempSync(join(tmpdir(), "homelab-first-steps-"));
  const clone = join(home, "homelab-tooling");
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: clone, encoding: "utf8" });
  const inClone = (script: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
    capture("bash", ["-euo", "pipefail", "-c", script], { cwd: clone, env: { ...process.env, ...env } });
  let followed: Outcome;

  beforeAll(async () => {
    await ensureToolchain((text) => console.info(text));
    copyCheckout(clone);
    git("init", "--quiet");
    git("add", "--all");
    mkdirSync(join(home, ".ssh"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(home, ".ssh", "homelab_ed25519")]);
    // A house's own value: nobody answers there, at once.
    const config = join(clone, "Pulumi.homelab.yaml");
    writeFileSync(config, readFileSync(config, "utf8").replace("https://192.168.1.10:8006/", "https://127.0.0.1:9/"));
    writeFileSync(join(home, "registries.cjs"), registries);
    followed = await inClone(npm + commands(), {
      HOME: home,
      HOMELAB_CACHE: cacheHome,
      NODE_OPTIONS: `--require=${join(home, "registries.cjs")}`,
      PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"),
      SECRET: secret,
    });
  }, engineTimeout);

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("gets there, with the secrets and their salt in the config, encrypted", () => {
    expect({ ...followed, ...(followed.code === 0 && { stdout: "", stderr: "" }) }).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    const config = readFileSync(join(clone, "Pulumi.homelab.yaml"), "utf8");
    for (const key of ["proxmoxApiToken", "grafanaPassword"])
      expect(config).toMatch(new RegExp(`homelab:${key}:\\n +secure: `));
    expect(config).toMatch(/^encryptionsalt: /m);
    expect(config).not.toContain(secret);
  });

  it("passes the checks of `npm cit` with what has changed: the config and the digests of the images", async () => {
    const changed = git("diff", "--name-only").trim().split("\n");
    expect(changed).toEqual(["Pulumi.homelab.yaml", "versions.ts"]);
    const { scripts } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const lint = scripts.lint
      ?.replace("eslint .", "eslint --no-warn-ignored .")
      .replace(/ \.(?= |$)/g, ` ${changed.join(" ")}`);
    expect(await inClone(`PATH=node_modules/.bin:$PATH; ${lint}`)).toMatchObject({ code: 0, stderr: "" });
  }, 120_000);
});

/** The files of this checkout, and its packages as links. */
function copyCheckout(folder: string): void {
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  for (const file of listed.stdout.split("\0").filter((each) => each !== "" && existsSync(join(projectRoot, each)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(folder, file));
  }
  const packages = join(folder, "node_modules");
  mkdirSync(packages);
  for (const name of readdirSync(join(projectRoot, "node_modules"))) {
    const target = name === "homelab-providers" ? "../providers" : join(projectRoot, "node_modules", name);
    symlinkSync(target, join(packages, name));
  }
}
