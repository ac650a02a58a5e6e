import { withSecrets } from "../../host/workload";
import { asks, HarborWorkload, harborUser, named, trust } from "../workload";
import { redisUrl, StorePasswords } from "./valkey";

const cache = "/home/scanner/.cache";

/** Trivy (EF-008): one scan at a time. It fetches its databases from the internet. */
export function trivy({ image, secrets }: { image: string; secrets: StorePasswords }): HarborWorkload {
  const { entrypoint, files } = withSecrets("/home/scanner/bin/scanner-trivy", {
    SCANNER_REDIS_URL: redisUrl("trivy", secrets),
  });
  return {
    ...named("trivy"),
    alias: "trivy-adapter",
    image,
    user: harborUser,
    entrypoint,
    healthcheck: asks("http://127.0.0.1:8080/probe/healthy"),
    environment: trivyEnvironment,
    trustsRoot: true,
    files,
    folders: {
      [`${cache}/reports`]: "trivy-reports",
      [`${cache}/tmp`]: "trivy-scratch",
      [`${cache}/trivy`]: "trivy",
    },
  };
}

/** Source: `make/photon/prepare/templates/trivy-adapter/env.jinja` of goharbor/harbor 2.15. */
export const trivyEnvironment: Readonly<Record<string, string>> = {
  ...trust,
  SCANNER_JOB_QUEUE_REDIS_NAMESPACE: "harbor.scanner.trivy:job-queue",
  SCANNER_JOB_QUEUE_WORKER_CONCURRENCY: "1",
  SCANNER_LOG_LEVEL: "info",
  SCANNER_STORE_REDIS_NAMESPACE: "harbor.scanner.trivy:store",
  SCANNER_TRIVY_CACHE_DIR: `${cache}/trivy`,
  SCANNER_TRIVY_IGNORE_UNFIXED: "false",
  SCANNER_TRIVY_INSECURE: "false",
  SCANNER_TRIVY_OFFLINE_SCAN: "false",
  SCANNER_TRIVY_REPORTS_DIR: `${cache}/reports`,
  SCANNER_TRIVY_SECURITY_CHECKS: "vuln",
  SCANNER_TRIVY_SEVERITY: "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
  SCANNER_TRIVY_SKIP_JAVA_DB_UPDATE: "false",
  SCANNER_TRIVY_SKIP_UPDATE: "false",
  SCANNER_TRIVY_TIMEOUT: "10m0s",
  SCANNER_TRIVY_VULN_TYPE: "os,library",
  // Layers of gigabytes are unpacked here: on the disk, not in memory.
  TMPDIR: `${cache}/tmp`,
};
