import { install } from "../lab/prerequisites";

/** Programs that no tests can do without, and Debian's packages with them. */
const needed = {
  git: "git",
  openssl: "openssl",
  ssh: "openssh-client",
  "ssh-add": "openssh-client",
  "ssh-agent": "openssh-client",
  "ssh-keygen": "openssh-client",
};

/** The same of those that some contract tests run beside the lab's. Without one, its tests say what they are skipped for. */
const wanted = {
  "cloud-init": "cloud-init",
  dnsmasq: "dnsmasq-base",
  "docker-registry": "docker-registry",
  promtool: "prometheus",
};

/** Before the first test: installs them where that can be done. */
export default async function setup(): Promise<void> {
  const missing = await install({ ...needed, ...wanted });
  if (!missing) return;
  const lack = `The tests lack ${missing.programs}; on Debian or Ubuntu: ${missing.command}`;
  if (missing.programs.split(", ").some((program) => program in needed)) throw new Error(lack);
  console.warn(lack);
}
