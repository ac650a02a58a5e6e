/** Public registries that a project can be a pull-through cache of: Harbor's type, and where it is. */
export const cacheSources = {
  "docker-hub": { type: "docker-hub", url: "https://hub.docker.com" },
  ghcr: { type: "github-ghcr", url: "https://ghcr.io" },
  quay: { type: "docker-registry", url: "https://quay.io" },
  k8s: { type: "docker-registry", url: "https://registry.k8s.io" },
} as const;

/** One of {@link cacheSources}. */
export type CacheSource = keyof typeof cacheSources;
