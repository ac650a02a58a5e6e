import { withSecrets } from "../../host/workload";
import { asks, HarborWorkload, harborUser, named, registryUser, trust } from "../workload";
import { RegistrySecrets } from "../secrets";
import { metricsEndpoint, metricsOf } from "./metrics";
import { sorted } from "./storage";
import { redisUrl } from "./valkey";

const configFile = "/etc/jobservice/config.yml";

/** Jobservice: scans, retention and garbage collection, three at a time. */
export function jobservice({ image, secrets }: { image: string; secrets: RegistrySecrets }): HarborWorkload {
  const { entrypoint, files } = withSecrets(`/harbor/harbor_jobservice -c ${configFile}`, {
    CORE_SECRET: secrets.core,
    JOBSERVICE_SECRET: secrets.jobservice,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.registry,
  });
  return {
    ...named("jobservice"),
    alias: "jobservice",
    image,
    user: harborUser,
    entrypoint,
    healthcheck: asks("http://127.0.0.1:8080/api/v1/stats"),
    // It asks core for its settings and ends at once while that is away: time for Docker to start it again and again.
    startSeconds: 120,
    environment: jobserviceEnvironment,
    trustsRoot: true,
    files: {
      ...files,
      [configFile]: { content: redisUrl("jobservice", secrets).apply(jobserviceConfig), secret: true },
    },
    folders: { "/var/log/jobs": "jobs" },
  };
}

/** Source: `make/photon/prepare/templates/jobservice/env.jinja` of goharbor/harbor 2.15. */
export const jobserviceEnvironment: Readonly<Record<string, string>> = {
  ...trust,
  ...metricsOf("jobservice"),
  CORE_URL: "http://core:8080",
  JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT: "3",
  JOBSERVICE_WEBHOOK_JOB_MAX_RETRY: "3",
  LOG_LEVEL: "info",
  REGISTRY_CONTROLLER_URL: "http://registryctl:8080",
  REGISTRY_CREDENTIAL_USERNAME: registryUser,
  REGISTRY_URL: "http://registry:5000",
};

/** Job logs stay two weeks. Source: `…/templates/jobservice/config.yml.jinja` of goharbor/harbor 2.15. */
export function jobserviceConfig(store: string): string {
  const logs = "/var/log/jobs";
  return sorted({
    protocol: "http",
    port: 8080,
    worker_pool: {
      workers: 3,
      backend: "redis",
      redis_pool: {
        redis_url: store,
        namespace: jobNamespace,
        idle_timeout_second: 3600,
      },
    },
    job_loggers: [
      {
        name: "FILE",
        level: "INFO",
        settings: { base_dir: logs },
        sweeper: { duration: 14, settings: { work_dir: logs } },
      },
    ],
    loggers: [{ name: "STD_OUTPUT", level: "INFO" }],
    metric: { enabled: true, ...metricsEndpoint },
    reaper: { max_update_hours: 24, max_dangling_hours: 168 },
    max_retrieve_size_mb: 10,
  });
}

/** Under which jobs are queued. */
export const jobNamespace = "harbor_job_service_namespace";
