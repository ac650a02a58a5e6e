import { install } from "../../lab/prerequisites";

/** Programs that contract tests run beside the lab's, and Debian's packages with them. */
const programs = { "cloud-init": "cloud-init", "docker-registry": "docker-registry", promtool: "prometheus" };

/** Before the first contract test: installs them where that can be done. Where not, each test says what it is skipped for. */
export default async function setup(): Promise<void> {
  const missing = await install(programs);
  if (missing) console.warn(`The contract tests lack ${missing.programs}; on Debian or Ubuntu: ${missing.command}`);
}
