import * as pulumi from "@pulumi/pulumi";

import { rootOrigin, withSecrets } from "../../host/workload";
import { asks, HarborWorkload, harborUser, named, registryUser, trust } from "../workload";
import { RegistrySecrets } from "../secrets";
import { databaseName, poolSize } from "./database";
import { metricsOf } from "./metrics";
import { redisUrl } from "./valkey";

/** What Harbor's core is made from. */
export interface CoreArgs {
  /** Core image, pinned by digest. */
  image: string;
  /** Where users and clients find Harbor: `https://registry.home.arpa`. */
  externalUrl: string;
  /** What Harbor's parts prove themselves with to each other. */
  secrets: RegistrySecrets;
  /** PEM; core hands it out to users, and trusts it. */
  rootCertificate: pulumi.Input<string>;
}

/**
 * Core: API, logins, tokens, and the door of the registry. At its start it brings the database up to its version.
 * Source of the variables: `make/photon/prepare/templates/core/env.jinja` of goharbor/harbor 2.15.
 */
export function core({ image, externalUrl, secrets, rootCertificate }: CoreArgs): HarborWorkload {
  const { entrypoint, files } = withSecrets("/harbor/harbor_core", {
    CORE_SECRET: secrets.core,
    CSRF_KEY: secrets.csrf,
    HARBOR_ADMIN_PASSWORD: secrets.admin,
    JOBSERVICE_SECRET: secrets.jobservice,
    POSTGRESQL_PASSWORD: secrets.database,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.registry,
    ROBOT_SCANNER_NAME_PREFIX: secrets.scannerPrefix,
    // An address, but its name looks like a secret's.
    TOKEN_SERVICE_URL: "http://core:8080/service/token",
    _REDIS_URL_CORE: redisUrl("core", secrets),
    _REDIS_URL_REG: redisUrl("registry", secrets),
  });
  return {
    ...named("core"),
    alias: "core",
    image,
    user: harborUser,
    entrypoint,
    healthcheck: asks("http://127.0.0.1:8080/api/v2.0/ping"),
    startSeconds: 180,
    environment: coreEnvironment(externalUrl),
    trustsRoot: true,
    files: {
      ...files,
      "/etc/core/app.conf": { content: appConfig },
      "/etc/core/ca/ca.crt": { content: rootCertificate, origin: rootOrigin },
      "/etc/core/key": { content: secrets.key, secret: true },
      "/etc/core/private_key.pem": { content: secrets.tokenKey, secret: true },
    },
    // Core reads nothing there: the disk's size is part of its API.
    folders: { [imageStore]: { folder: "storage", readOnly: true } },
    isServed: true,
  };
}

const imageStore = "/data";

/** What core is told of the others. */
export function coreEnvironment(externalUrl: string): Record<string, string> {
  return {
    ...trust,
    ...metricsOf("core"),
    CONFIG_PATH: "/etc/core/app.conf",
    CORE_LOCAL_URL: "http://127.0.0.1:8080",
    CORE_URL: "http://core:8080",
    DATABASE_TYPE: "postgresql",
    EXT_ENDPOINT: externalUrl,
    IMAGE_STORE_PATH: imageStore,
    JOBSERVICE_URL: "http://jobservice:8080",
    LOG_LEVEL: "info",
    MAX_JOB_WORKERS: "3",
    // Every public registry a pull-through cache may be of.
    PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE: "docker-hub,docker-registry,github-ghcr,google-gcr,harbor",
    PORT: "8080",
    PORTAL_URL: "http://portal:8080",
    POSTGRESQL_CONN_MAX_IDLE_TIME: "0",
    POSTGRESQL_CONN_MAX_LIFETIME: "5m",
    POSTGRESQL_DATABASE: databaseName,
    POSTGRESQL_HOST: "postgresql",
    POSTGRESQL_MAX_IDLE_CONNS: String(poolSize.idle),
    POSTGRESQL_MAX_OPEN_CONNS: String(poolSize.open),
    POSTGRESQL_PORT: "5432",
    POSTGRESQL_SSLMODE: "disable",
    POSTGRESQL_USERNAME: "postgres",
    READ_ONLY: "false",
    REGISTRY_CONTROLLER_URL: "http://registryctl:8080",
    REGISTRY_CREDENTIAL_USERNAME: registryUser,
    REGISTRY_STORAGE_PROVIDER_NAME: "filesystem",
    REGISTRY_URL: "http://registry:5000",
    REPLICATION_ADAPTER_WHITELIST: "docker-hub,docker-registry,github-ghcr,google-gcr,harbor",
    TRIVY_ADAPTER_URL: "http://trivy-adapter:8080",
    WITH_TRIVY: "true",
  };
}

const appConfig = `appname = Harbor
runmode = prod
enablegzip = true

[prod]
httpport = 8080
`;
