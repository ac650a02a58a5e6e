import { loadLazily } from "./lazy-modules";

loadLazily("typescript");
loadLazily("@npmcli/arborist");

async function start(): Promise<void> {
  const { PolicyPack } = await import("@pulumi/policy");
  const { toCrossGuard } = await import("./crossguard");
  const { policies } = await import("./pack");
  const { Session } = await import("./session");
  new PolicyPack("homelab", { policies: toCrossGuard(policies, new Session()), enforcementLevel: "mandatory" });
}

void start();

/** Pulumi stops the pack when it is done. A Pulumi that was killed can't; the pack then ends by itself. */
const pulumi = process.ppid;
setInterval(() => {
  if (process.ppid !== pulumi) process.exit();
}, 2_000).unref();
