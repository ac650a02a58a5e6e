import { existsSync } from "node:fs";
import { findProgram, follow, run } from "./process";
import { step } from "./progress";

/** Programs of the lab and the Debian packages they are in. */
const needed: Readonly<Record<string, string>> = {
  docker: "docker-cli",
  dockerd: "docker.io",
  iptables: "iptables",
  debootstrap: "debootstrap",
  dnsmasq: "dnsmasq-base",
  "docker-registry": "docker-registry",
  busybox: "busybox-static",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  openssl: "openssl",
};

/** Sees that every program the lab needs is there; as root on Debian it installs what is missing. */
export async function ensurePrerequisites(): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(
      `The lab runs on Linux, this is ${process.platform}. Use a Linux computer or a Linux virtual machine.`,
    );
  }
  const missing = missingPrograms();
  if (missing.length === 0) return;
  const canInstall = process.getuid?.() === 0 && findProgram("apt-get") !== undefined;
  if (!canInstall) throw new Error(instructions(missing));
  await step(`Install ${missing.join(", ")}`, () => install(missing));
  const still = missingPrograms();
  if (still.length > 0)
    throw new Error(`After the installation ${still.join(", ")} cannot be found. ${instructions(still)}`);
}

/** An engine that runs already may come without a `dockerd` on the PATH. */
function missingPrograms(): string[] {
  const engineRuns = existsSync("/var/run/docker.sock");
  const wanted = Object.keys(needed).filter((program) => program !== "dockerd" || !engineRuns);
  return wanted.filter((program) => !findProgram(program));
}

function instructions(missing: readonly string[]): string {
  const packages = [...new Set(missing.map((program) => needed[program] ?? program))].join(" ");
  return (
    `The lab needs ${missing.join(", ")}. On Debian or Ubuntu: \`sudo apt-get install ${packages}\` ` +
    "(or run `npm start` as root, which installs them). Elsewhere install the packages that hold these programs."
  );
}

async function install(missing: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await follow("apt-get", ["-q", "update"], () => undefined, { env });
  const packages = new Set(await Promise.all(missing.map(packageOf)));
  await follow("apt-get", ["-q", "-y", "install", "--no-install-recommends", ...packages], () => undefined, { env });
  // Its package starts a registry on every address, which is not the lab's.
  const started = packages.has("docker-registry") && existsSync("/run/systemd/system");
  if (started) await run("systemctl", ["disable", "--now", "docker-registry"]);
}

/** Before Debian 13 the Docker command was part of the engine's package. */
async function packageOf(program: string): Promise<string> {
  const name = needed[program] ?? program;
  if (name !== "docker-cli") return name;
  return run("apt-cache", ["show", name]).then(
    () => name,
    () => "docker.io",
  );
}
