import { stringify } from "yaml";

import { type ConfigFile, type Origin, withSecrets } from "../../host/workload";
import { asks, HarborWorkload, harborUser, named, registryUser, trust } from "../workload";
import { RegistrySecrets } from "../secrets";
import { metricsEndpoint } from "./metrics";
import { redisDatabase } from "./valkey";

const configFile = "/etc/registry/config.yml";
const imageStore = { "/storage": "storage" } as const;

/** What the two containers on the image store are made from. */
export interface StorageArgs {
  /** Image of each, pinned by digest. */
  images: { registry: string; registryctl: string };
  /** What Harbor's parts prove themselves with to each other. */
  secrets: RegistrySecrets;
}

/** The registry itself, and the program beside it that deletes blobs: both read the same configuration. */
export function storage({ images, secrets }: StorageArgs): { registry: HarborWorkload; registryctl: HarborWorkload } {
  const registryRun = withSecrets(`/usr/bin/registry_DO_NOT_USE_GC serve ${configFile}`, {
    REGISTRY_HTTP_SECRET: secrets.uploads,
  });
  const controllerRun = withSecrets("/home/harbor/harbor_registryctl -c /etc/registryctl/config.yml", {
    CORE_SECRET: secrets.core,
    JOBSERVICE_SECRET: secrets.jobservice,
  });
  const config: Record<string, ConfigFile> = {
    [configFile]: { content: secrets.store.apply(registryConfig), secret: true },
  };
  const common = { user: harborUser, environment: trust, trustsRoot: true, folders: imageStore };
  return {
    registry: {
      ...common,
      ...named("registry"),
      alias: "registry",
      image: images.registry,
      entrypoint: registryRun.entrypoint,
      healthcheck: asks("http://127.0.0.1:5000/"),
      files: {
        ...registryRun.files,
        ...config,
        [passwordFile]: { content: secrets.registryLine, secret: true, origin: passwordOrigin },
      },
    },
    registryctl: {
      ...common,
      ...named("registryctl"),
      alias: "registryctl",
      image: images.registryctl,
      entrypoint: controllerRun.entrypoint,
      healthcheck: asks("http://127.0.0.1:8080/api/health"),
      files: {
        ...controllerRun.files,
        ...config,
        "/etc/registryctl/config.yml": { content: controllerConfig() },
      },
    },
  };
}

const passwordFile = "/etc/registry/passwd";

/** One login, and a hash that takes the registry 3 ms: with each step of the cost, 10 for 05, twice as long. */
const passwordOrigin: Origin = {
  type: "random:index/randomPassword:RandomPassword",
  form: new RegExp(`^${registryUser}:\\$2[aby]\\$05\\$[./A-Za-z0-9]{53}\n$`),
};

/**
 * The registry's configuration; the secret of uploads comes from the environment. Core stands before it and checks tokens,
 * so the registry asks for one password. Uploads that were broken off go after a week.
 * Source: `make/photon/prepare/templates/registry/config.yml.jinja` of goharbor/harbor 2.15.
 */
export function registryConfig(storePassword: string): string {
  const { path, port } = metricsEndpoint;
  return sorted({
    version: "0.1",
    log: { level: "info", fields: { service: "registry" } },
    storage: {
      filesystem: { rootdirectory: "/storage" },
      cache: { layerinfo: "redis" },
      maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
      delete: { enabled: true },
      redirect: { disable: true },
    },
    redis: {
      addr: "redis:6379",
      db: redisDatabase("registry"),
      password: storePassword,
      dialtimeout: "10s",
      readtimeout: "10s",
      writetimeout: "10s",
      pool: { maxidle: 100, maxactive: 500, idletimeout: "60s" },
    },
    http: {
      addr: ":5000",
      relativeurls: true,
      debug: { addr: `:${port}`, prometheus: { enabled: true, path } },
    },
    auth: { htpasswd: { realm: "harbor-registry-basic-realm", path: passwordFile } },
    validation: { disabled: true },
    compatibility: { schema1: { enabled: true } },
  });
}

/** Source: `make/photon/prepare/templates/registryctl/config.yml.jinja` of goharbor/harbor 2.15. */
export const controllerConfig = (): string =>
  sorted({ protocol: "http", port: 8080, log_level: "info", registry_config: configFile });

/** YAML that is the same text for the same settings. */
export const sorted = (settings: object): string => stringify(settings, { lineWidth: 0, sortMapEntries: true });
