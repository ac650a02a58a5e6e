import { existsSync } from "node:fs";
import { findProgram, follow, run } from "./process";
import { step } from "./progress";

/** Programs and the Debian packages they are in. */
export type Programs = Readonly<Record<string, string>>;

const needed: Programs = {
  docker: "docker-cli",
  iptables: "iptables",
  debootstrap: "debootstrap",
  dnsmasq: "dnsmasq-base",
  "docker-registry": "docker-registry",
  busybox: "busybox-static",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  openssl: "openssl",
};

/** An engine that runs already may come without it on the PATH. */
const engine: Programs = { dockerd: "docker.io" };

/** Sees that every program the lab needs is there; as root on Debian it installs what is missing. */
export async function ensurePrerequisites(): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(
      `The lab runs on Linux, this is ${process.platform}. Use a Linux computer or a Linux virtual machine.`,
    );
  }
  const still = await install(existsSync("/var/run/docker.sock") ? needed : { ...needed, ...engine });
  if (still) {
    throw new Error(
      `The lab needs ${still.programs}. On Debian or Ubuntu: \`${still.command}\` (or run \`npm start\` as root, ` +
        "which installs them). Elsewhere install the packages that hold these programs.",
    );
  }
}

/** What is missing, and how to install it. */
export interface Missing {
  /** Names of programs, with commas. */
  readonly programs: string;
  readonly command: string;
}

/**
 * Installs, as root on Debian, the packages of those programs that are missing; tells what is missing afterwards.
 * `programs` are Debian's packages by program.
 */
export async function install(programs: Programs): Promise<Missing | undefined> {
  const missing = missingOf(programs);
  const canInstall = process.getuid?.() === 0 && findProgram("apt-get") !== undefined;
  if (missing.length > 0 && canInstall) {
    await step(`Install ${missing.join(", ")}`, () => installPackages(missing.map((each) => programs[each] ?? each)));
  }
  const still = missingOf(programs);
  if (still.length === 0) return undefined;
  const packages = [...new Set(still.map((each) => programs[each]))].join(" ");
  return { programs: still.join(", "), command: `sudo apt-get install ${packages}` };
}

const missingOf = (programs: Programs): string[] => Object.keys(programs).filter((each) => !findProgram(each));

async function installPackages(wanted: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await follow("apt-get", ["-q", "update"], () => undefined, { env });
  const packages = new Set(await Promise.all(wanted.map(available)));
  await follow("apt-get", ["-q", "-y", "install", "--no-install-recommends", ...packages], () => undefined, { env });
  if (!existsSync("/run/systemd/system")) return;
  for (const each of services.filter((service) => packages.has(service))) {
    await run("systemctl", ["disable", "--now", each]);
  }
}

/** Packages that start a service of their name, on every address; only their programs are wanted. */
const services = ["docker-registry", "prometheus"];

/** Before Debian 13 the Docker command was part of the engine's package. */
async function available(name: string): Promise<string> {
  if (name !== "docker-cli") return name;
  return run("apt-cache", ["show", name]).then(
    () => name,
    () => "docker.io",
  );
}
