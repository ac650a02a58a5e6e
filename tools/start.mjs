// `npm start`: from a fresh checkout to the running lab. Plain Node.js, because nothing is installed yet.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = 20;

/** Directories whose TypeScript is not part of the build. */
const notSource = new Set(["node_modules", "dist", ".lab", ".git", "coverage"]);
const buildStamp = join(root, "dist", ".homelab-build");
const installStamp = join(root, "node_modules", ".homelab-lock");

process.exitCode = await main();

async function main() {
  if (Number(process.versions.node.split(".")[0]) < oldestNode) {
    console.error(
      `error: this is Node.js ${process.versions.node}. Install Node.js ${oldestNode} or newer from https://nodejs.org/.`,
    );
    return 1;
  }
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (!existsSync(installStamp) || readFileSync(installStamp, "utf8") !== lock) {
    // Without the packages' own scripts: none is needed, and `prepare` would build a second time.
    const code = await step("Installing the npm packages", "npm", [
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    ]);
    if (code !== 0) return code;
    writeFileSync(installStamp, lock);
  }
  if (!isBuilt()) {
    const begun = new Date();
    const code = await step("Building", "npm", ["run", "--silent", "build"]);
    if (code !== 0) return code;
    writeFileSync(buildStamp, begun.toISOString());
  }
  return step("Starting the lab", process.execPath, [
    join(root, "dist", "lab", "cli.js"),
    "up",
    ...process.argv.slice(2),
  ]);
}

/** Whether nothing that goes into `dist` changed since the last build began. */
function isBuilt() {
  if (!existsSync(buildStamp)) return false;
  const builtAt = Date.parse(readFileSync(buildStamp, "utf8"));
  const newest = (folder) =>
    readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return notSource.has(entry.name) ? latest : Math.max(latest, newest(path));
      return /\.ts$|^(package-lock|package|tsconfig)\.json$/.test(entry.name)
        ? Math.max(latest, lstatSync(path).mtimeMs) // an editor's lock is a link to nothing
        : latest;
    }, 0);
  return Math.max(newest(root), lstatSync(installStamp).mtimeMs) < builtAt;
}

/** Runs one command on this terminal, says how long it took, and gives its exit code. */
function step(what, command, args) {
  const begun = Date.now();
  console.log(`==> ${what} ...`);
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    const leaveToChild = () => {}; // a terminal sends Ctrl-C to the child too; wait for its answer
    const terminate = () => child.kill("SIGTERM");
    process.on("SIGINT", leaveToChild).on("SIGTERM", terminate);
    const end = (code, result) => {
      process.off("SIGINT", leaveToChild).off("SIGTERM", terminate);
      console.log(`==> ${what}: ${result} after ${Math.round((Date.now() - begun) / 1000)} s`);
      done(code);
    };
    child.on("error", (error) => end(1, `could not start ${command} (${error.message})`));
    child.on("close", (code, signal) => {
      const status = code ?? 128 + constants.signals[signal];
      end(status, status === 0 ? "done" : `ended with code ${status}`);
    });
  });
}
