import { createRecoveryKey } from "./recovery/command";
import { Database } from "./store";

const port = Number((process.env.AUTHENTIK_LISTEN__HTTP ?? "").split(":").at(-1) || 9000);

/** The commands of `ak` that are no services: those that keep a homelab going. */
async function main([command = "", ...args]: string[]): Promise<number> {
  switch (command) {
    case "healthcheck": {
      const { ok } = await fetch(`http://127.0.0.1:${port}/-/health/ready/`, { signal: AbortSignal.timeout(5000) });
      return ok ? 0 : 1;
    }
    case "create_recovery_key": {
      const { code, output } = await createRecoveryKey(Database.fromEnvironment(), args);
      (code === 0 ? console.log : console.error)(output);
      return code;
    }
    default:
      console.error(`the lab's Authentik has no command ${command}: only healthcheck and create_recovery_key`);
      return 1;
  }
}

main(process.argv.slice(2))
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  });
