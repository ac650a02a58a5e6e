/**
 * Every container image of the stack, pinned. A stack may name others under `homelab:images`.
 *
 * Renovate reads the comments (see `renovate.json`). `npm run images:pin` adds the digest where a tag has none yet.
 */
export const images = {
  // renovate: datasource=docker depName=smallstep/step-ca
  stepCa: "smallstep/step-ca:0.30.2@sha256:a2b17872915c193259b75a5474c398326f41bd199f0842093e52cf4182bc8270",
  // renovate: datasource=docker depName=traefik
  traefik: "traefik:v3.7.13",
  // renovate: datasource=docker depName=goharbor/harbor-core
  harborCore: "goharbor/harbor-core:v2.15.2",
  // renovate: datasource=docker depName=goharbor/harbor-portal
  harborPortal: "goharbor/harbor-portal:v2.15.2",
  // renovate: datasource=docker depName=goharbor/harbor-jobservice
  harborJobservice: "goharbor/harbor-jobservice:v2.15.2",
  // renovate: datasource=docker depName=goharbor/registry-photon
  harborRegistry: "goharbor/registry-photon:v2.15.2",
  // renovate: datasource=docker depName=goharbor/harbor-registryctl
  harborRegistryctl: "goharbor/harbor-registryctl:v2.15.2",
  // renovate: datasource=docker depName=goharbor/harbor-db
  harborDatabase: "goharbor/harbor-db:v2.15.2",
  // renovate: datasource=docker depName=goharbor/valkey-photon
  harborValkey: "goharbor/valkey-photon:v2.15.2",
  // renovate: datasource=docker depName=goharbor/trivy-adapter-photon
  harborTrivy: "goharbor/trivy-adapter-photon:v2.15.2",
  // renovate: datasource=docker depName=goharbor/harbor-exporter
  harborExporter: "goharbor/harbor-exporter:v2.15.2",
  // renovate: datasource=docker depName=node
  node: "node:24.11.1-alpine3.22@sha256:2867d550cf9d8bb50059a0fff528741f11a84d985c732e60e19e8e75c7239c43",
  // renovate: datasource=docker depName=ghcr.io/goauthentik/server
  authentikServer: "ghcr.io/goauthentik/server:2026.8.5",
  // renovate: datasource=docker depName=postgres
  authentikDatabase: "postgres:17.7-alpine3.22",
} as const;

/** One of {@link images}, as the config names it. */
export type ImageName = keyof typeof images;
