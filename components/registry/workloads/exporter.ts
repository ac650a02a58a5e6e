import { withSecrets } from "../../host/workload";
import { asks, HarborWorkload, harborUser, named, trust } from "../workload";
import { RegistrySecrets } from "../secrets";
import { databaseName } from "./database";
import { jobNamespace } from "./jobservice";
import { redisUrl } from "./valkey";

/** Harbor's own exporter: health of the parts, projects, quotas, queues. */
export function exporter({ image, secrets }: { image: string; secrets: RegistrySecrets }): HarborWorkload {
  const { entrypoint, files } = withSecrets("/harbor/harbor_exporter", {
    HARBOR_DATABASE_PASSWORD: secrets.database,
    HARBOR_REDIS_URL: redisUrl("jobservice", secrets),
  });
  return {
    ...named("exporter"),
    alias: "exporter",
    image,
    user: harborUser,
    entrypoint,
    healthcheck: asks("http://127.0.0.1:8080/metrics"),
    environment: exporterEnvironment,
    trustsRoot: true,
    files,
  };
}

/** Source: `make/photon/prepare/templates/exporter/env.jinja` of goharbor/harbor 2.15. */
export const exporterEnvironment: Readonly<Record<string, string>> = {
  ...trust,
  HARBOR_DATABASE_CONN_MAX_IDLE_TIME: "0",
  HARBOR_DATABASE_CONN_MAX_LIFETIME: "5m",
  HARBOR_DATABASE_DBNAME: databaseName,
  HARBOR_DATABASE_HOST: "postgresql",
  HARBOR_DATABASE_MAX_IDLE_CONNS: "1",
  HARBOR_DATABASE_MAX_OPEN_CONNS: "5",
  HARBOR_DATABASE_PORT: "5432",
  HARBOR_DATABASE_SSLMODE: "disable",
  HARBOR_DATABASE_USERNAME: "postgres",
  HARBOR_EXPORTER_CACHE_CLEAN_INTERVAL: "14400",
  HARBOR_EXPORTER_CACHE_TIME: "23",
  HARBOR_EXPORTER_MAX_REQUESTS: "30",
  HARBOR_EXPORTER_METRICS_ENABLED: "true",
  HARBOR_EXPORTER_METRICS_PATH: "/metrics",
  HARBOR_EXPORTER_PORT: "8080",
  HARBOR_METRIC_NAMESPACE: "harbor",
  HARBOR_METRIC_SUBSYSTEM: "exporter",
  HARBOR_REDIS_NAMESPACE: jobNamespace,
  HARBOR_REDIS_TIMEOUT: "3600",
  HARBOR_SERVICE_HOST: "core",
  HARBOR_SERVICE_PORT: "8080",
  HARBOR_SERVICE_SCHEME: "http",
  LOG_LEVEL: "info",
};
