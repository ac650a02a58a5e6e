import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSync } from "esbuild";

import { ofThisRun, runVariable } from "../../../tools/own-run";
import { capture, type Outcome } from "../../../tools/run";
import { packageVersion, plugins, projectRoot, pulumiVersion } from "../../../tools/versions";

/** A checkout of its own, with our command as it is built. */
const root = mkdtempSync(join(tmpdir(), "homelab-command-"));
const home = join(root, "home");
const programs = join(root, "programs");

const [stack, vm, file] = ["pulumi:pulumi:Stack", "proxmoxve:index/vmLegacy:VmLegacy", "command:remote:Command"].map(
  (type) => ({ type, urn: `urn:pulumi:test::homelab::${type}::it` }),
);
const state = {
  deployment: { resources: [stack, vm], pending_operations: [{ type: "creating", resource: file }] },
};

/** A Pulumi that notes what it is asked and what it may start its programs with. */
const pulumi = `#!/bin/sh
case $1 in
  version) echo v${pulumiVersion}; exit ;;
  stack) echo '${JSON.stringify(state)}' ;;
esac
printf '%s\\n' "$*" >>"$0.calls"
printf '%s %s\\n' "$NODE_OPTIONS" "$${runVariable}" >"$0.env"
`;

beforeAll(() => {
  for (const folder of [home, programs]) mkdirSync(folder);
  for (const folder of ["node_modules", "tools"]) symlinkSync(join(projectRoot, folder), join(root, folder));
  copyFileSync(join(projectRoot, "package.json"), join(root, "package.json"));
  buildSync({
    entryPoints: [join(projectRoot, "tools/pulumi.ts")],
    outfile: join(root, "dist/tools/pulumi.js"),
    bundle: true,
    packages: "external",
    platform: "node",
  });
  for (const plugin of plugins)
    mkdirSync(join(home, "plugins", `resource-${plugin.name}-v${packageVersion(plugin.package)}`), { recursive: true });
  for (const name of ["pulumi", "pulumi-language-nodejs"]) writeFileSync(join(programs, name), pulumi, { mode: 0o755 });
});
afterAll(() => rmSync(root, { recursive: true }));

let left: ChildProcess | undefined;
afterEach(() => left?.kill("SIGKILL"));

const noted = (what: "calls" | "env"): string[] =>
  readFileSync(join(programs, `pulumi.${what}`), "utf8")
    .trimEnd()
    .split("\n");

function command(...line: string[]): Promise<Outcome> {
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}`, PULUMI_HOME: home };
  return capture(process.execPath, [join(root, "dist/tools/pulumi.js"), ...line], { cwd: root, env });
}

test("A7, A8: an update ends what a killed one left running, clears what it left half-made, and marks what it starts", async () => {
  // The mark of a run that began when the computer did, by a process that is another one today.
  const [place, pid, , ...rest] = (ofThisRun({}, root)[runVariable] ?? "").split(" ");
  const mark = [place, pid, "0", ...rest].join(" ");
  left = spawn("sleep", ["300"], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, [runVariable]: mark },
  });
  const ended = new Promise((done) => left?.once("exit", (_code, signal) => done(signal)));

  const { code, stderr } = await command("up", "--yes", "--stack", "test");
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`Ended what an earlier run left when it was killed: process ${left.pid}\n`),
  });
  expect(await ended).toBe("SIGTERM");
  const quiet = "--yes --skip-preview --non-interactive --suppress-progress --color never";
  expect(noted("calls")).toEqual([
    "stack export --non-interactive --stack test",
    `refresh ${quiet} --target ${vm?.urn} --stack test`,
    "stack export --non-interactive --stack test",
    `refresh ${quiet} --target ${stack?.urn} --clear-pending-creates --stack test`,
    expect.stringMatching(/^up --yes --stack test --skip-preview=false --policy-pack /),
  ]);
  const [marked = ""] = noted("env");
  expect(marked).toContain(`--require "${root}/tools/end-with-engine.cjs"`);
  expect(marked.endsWith(` ${root}`)).toBe(true);
});
