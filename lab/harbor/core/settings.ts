import { required } from "../../kit/program";

/** What core is told by its environment, under Harbor's names. */
export interface Settings {
  readonly externalUrl: string;
  readonly coreUrl: string;
  readonly portalUrl: string;
  readonly registryUrl: string;
  readonly registryLogin: string;
  readonly registryctlUrl: string;
  readonly jobserviceUrl: string;
  readonly scannerUrl: string;
  readonly redisUrl: string;
  /** The database in which the registry caches what it knows of blobs; forgotten by a garbage collection. */
  readonly registryRedisUrl: string;
  readonly coreSecret: string;
  readonly imageStore: string;
  readonly gcWindowHours: number;
  /** Folders with further certificates to trust. */
  readonly rootFolders: readonly string[];
  /** The PEM text of `/etc/core/private_key.pem`. */
  readonly tokenKey: string;
}

export const settingsOf = (tokenKey: string, env = process.env): Settings => ({
  externalUrl: required("EXT_ENDPOINT", env),
  coreUrl: required("CORE_URL", env),
  portalUrl: required("PORTAL_URL", env),
  registryUrl: required("REGISTRY_URL", env),
  registryLogin: `${required("REGISTRY_CREDENTIAL_USERNAME", env)}:${required("REGISTRY_CREDENTIAL_PASSWORD", env)}`,
  registryctlUrl: required("REGISTRY_CONTROLLER_URL", env),
  jobserviceUrl: required("JOBSERVICE_URL", env),
  scannerUrl: required("TRIVY_ADAPTER_URL", env),
  redisUrl: required("_REDIS_URL_CORE", env),
  registryRedisUrl: required("_REDIS_URL_REG", env),
  coreSecret: required("CORE_SECRET", env),
  imageStore: env.IMAGE_STORE_PATH ?? "/data",
  gcWindowHours: Number(env.GC_TIME_WINDOW_HOURS ?? 2),
  rootFolders: (env.SSL_CERT_DIR ?? "").split(":").filter(Boolean),
  tokenKey,
});
