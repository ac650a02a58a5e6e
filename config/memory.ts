import { mib, sumSizes, type Size } from "./size";

/**
 * What the tooling VM's memory is spent on: each container's limit, by the container's name, and Docker itself.
 * Containers take their limits from here, so the VM can't be configured smaller than what runs on it.
 */
export const containerMemory = {
  dockerOverhead: mib(512),
  "step-ca": mib(256),
  traefik: mib(256),
  // Harbor: 2 GiB together. Only Trivy has large peaks, one image at a time.
  "harbor-core": mib(256),
  "harbor-database": mib(320),
  "harbor-exporter": mib(64),
  "harbor-findings": mib(64),
  "harbor-jobservice": mib(160),
  "harbor-portal": mib(32),
  "harbor-registry": mib(192),
  "harbor-registryctl": mib(64),
  "harbor-trivy": mib(768),
  "harbor-valkey": mib(96),
  // Authentik: 1.5 GiB together. What its server and worker take grows with use, so both are told to keep to few workers. At rest
  // the server takes about 500 MiB, the worker 436.
  "authentik-database": mib(256),
  "authentik-server": mib(672),
  "authentik-worker": mib(608),
} as const satisfies Record<string, Size>;

/** The least memory a VM needs for these entries. */
export function requiredMemory(entries: Readonly<Record<string, Size>> = containerMemory): Size {
  return sumSizes(Object.values(entries));
}
