import { ask } from "../kit/http";
import { servePage } from "../kit/metrics";
import { required, runProgram } from "../kit/program";
import { configText, valueOf } from "./common/config-file";
import { JobService } from "./jobs/server";

async function main(): Promise<void> {
  // Its settings are core's. While that is away it ends at once, and its container is started again.
  await ask(`${required("CORE_URL")}/api/v2.0/ping`);
  const config = configText("/etc/jobservice/config.yml");
  const surroundings = {
    registryctlUrl: required("REGISTRY_CONTROLLER_URL"),
    jobserviceSecret: required("JOBSERVICE_SECRET"),
    logFolder: valueOf(config, "base_dir", "job_loggers") ?? "/var/log/jobs",
  };
  const service = new JobService(surroundings, required("CORE_SECRET"));
  if (valueOf(config, "enabled", "metric") === "true") {
    const port = Number(valueOf(config, "port", "metric") ?? 9090);
    await servePage(port, valueOf(config, "path", "metric") ?? "/metrics", () => service.metrics());
  }
  await service.listen(Number(valueOf(config, "port") ?? 8080));
  console.info("jobservice listens");
}

runProgram(main);
